"""Row scores of simulated searches, and what is kept of them."""

import numpy as np
import pytest

from benchmarks.evaluation import scored_searches
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
