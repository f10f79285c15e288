"""Row scores of simulated searches, and what is kept of them."""

import numpy as np
import pytest

from benchmarks.evaluation import scored_searches
from benchmarks.evaluation.halving import left
from benchmarks.evaluation.populations import POPULATIONS
from benchmarks.evaluation.scored_searches import Cell, kept_search, scored
from benchmarks.evaluation.searches import PROTOCOLS, goodness, simulate


@pytest.mark.parametrize("data", ["clusters", "curve"])
def test_the_mean_of_row_scores_is_the_metric(data):
    search = simulate(POPULATIONS[data], 80, 2, PROTOCOLS["2 folds"], 0)
    found = scored(search)
    sign = 1 if found.higher_is_better else -1
    for part, rows in enumerate(search.rows):
        targets = search.targets[rows]
        for scores, predictions in (
            (found.scores[part], search.predictions[part]),
            (found.linear[part], search.linear[part]),
            (found.constant[part], search.constant[part]),
        ):
            expected = sign * goodness(predictions, targets, search.metric)
            np.testing.assert_allclose(scores.mean(axis=-1), expected, atol=1e-6)


def test_the_truth_is_known_of_the_best_that_pruning_leaves(monkeypatch, tmp_path):
    monkeypatch.setattr(scored_searches, "CACHE", tmp_path)
    cell = Cell("linear", 60, "3 folds", pruned=True)
    search = kept_search(cell, 0, 30)
    for places in cell.finalists(search.curves)[1:]:
        scores = np.mean([each.mean(axis=2).max(axis=1) for each in search.scores], axis=0)
        best = places[scores[places].round(6).argmax()]
        assert np.isfinite(search.truth[best]).all()
    assert [len(each) for each in cell.finalists(search.curves)] == [1, 3, 4]


def test_halving_keeps_a_third_after_each_rung():
    curves = np.zeros((9, 12))
    curves[[2, 5, 7], :3] = [[0.1, 0.2, 0.3]]
    curves[5, 9] = 0.4
    curves[8, 11] = 0.9  # too late
    assert left(curves).tolist() == [5]
    assert left(np.zeros((20, 12))).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "cell", [Cell("linear", 60, "3 folds"), Cell("grouped", 60, "5 grouped folds")]
)
def test_a_search_that_was_kept_is_the_same_one(monkeypatch, tmp_path, cell):
    monkeypatch.setattr(scored_searches, "CACHE", tmp_path)
    first = kept_search(cell, 0, 2)
    monkeypatch.setattr(scored_searches, "simulate", None)
    again = kept_search(cell, 0, 2)
    for name in ("rows", "scores", "linear", "constant"):
        for one, other in zip(getattr(first, name), getattr(again, name), strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(first.truth, again.truth)
    assert (first.codes is None) == (again.codes is None)
