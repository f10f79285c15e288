"""Searches that are really trained: shaped as the product's, reproducible, and true about new rows."""

import numpy as np
import pytest

from benchmarks.evaluation.networks import EPOCHS
from benchmarks.evaluation.populations import POPULATIONS
from benchmarks.evaluation.searches import PROTOCOLS, goodness, simulate


def best(search) -> np.ndarray:
    """The score of each trial and execution at its own best epoch."""
    scores = [
        goodness(said, search.targets[rows], search.metric).max(axis=1)
        for said, rows in zip(search.predictions, search.rows, strict=True)
    ]
    return np.stack(scores, axis=1)


@pytest.mark.parametrize(
    ("population", "protocol", "executions"),
    [
        ("linear", "holdout × 5 seeds", 5),
        ("clusters", "5 folds", 5),
        ("grouped", "5 grouped folds", 5),
        ("ordered", "5 ordered folds", 5),
        ("curve", "2 folds", 2),
    ],
)
def test_a_search_has_predictions_of_every_epoch_and_the_truth(population, protocol, executions):
    drawn = POPULATIONS[population]
    search = simulate(drawn, 60, 3, PROTOCOLS[protocol], 1)
    assert search.n == 60 and search.truth.shape == (3, executions)
    outputs = (drawn.classes,) if drawn.classes else ()
    parts = zip(search.rows, search.predictions, search.linear, search.constant, strict=True)
    for rows, predictions, linear, constant in parts:
        assert predictions.shape == (3, EPOCHS, len(rows), *outputs)
        assert linear.shape == predictions.shape[1:]
        assert constant.shape == (len(rows), *outputs)
        if outputs:
            np.testing.assert_allclose(predictions.sum(axis=-1), 1, atol=0.01)
    again = simulate(drawn, 60, 3, PROTOCOLS[protocol], 1)
    np.testing.assert_array_equal(again.truth, search.truth)
    assert not np.array_equal(simulate(drawn, 60, 3, PROTOCOLS[protocol], 2).truth, search.truth)
    winner = int(best(search)[:2].mean(axis=1).argmax())
    judged = simulate(
        drawn, 60, 3, PROTOCOLS[protocol], 1, finalists=lambda curves: [np.arange(2)]
    ).truth
    assert np.isfinite(judged).all(axis=1).tolist() == [place == winner for place in range(3)]
    np.testing.assert_array_equal(judged[winner], search.truth[winner])


def test_seeds_share_their_validation_rows():
    search = simulate(POPULATIONS["linear"], 60, 2, PROTOCOLS["holdout × 5 seeds"], 0)
    assert (search.part, search.repeat) == ((0,) * 5, (0, 1, 2, 3, 4))
    assert all(np.array_equal(rows, search.rows[0]) for rows in search.rows)
    assert not np.array_equal(search.predictions[0], search.predictions[1])


def test_own_best_epochs_are_optimistic_about_few_rows_and_not_about_many():
    few = simulate(POPULATIONS["linear"], 100, 8, PROTOCOLS["5 folds"], 0)
    many = simulate(POPULATIONS["linear"], 3000, 8, PROTOCOLS["2 folds"], 0)
    assert (best(few) - few.truth).mean() > 0.03
    assert abs((best(many) - many.truth).mean()) < 0.02
    assert 0.8 < many.truth.max() < 0.86 and few.truth.max() < many.truth.max()


def test_nothing_is_learnt_from_shuffled_targets():
    search = simulate(POPULATIONS["linear"].shuffled, 100, 4, PROTOCOLS["3 folds"], 0)
    np.testing.assert_allclose(search.truth, 0.5, atol=0.02)
    assert best(search).mean() > 0.55


def test_the_real_dataset_is_mnist():
    search = simulate(POPULATIONS["mnist"], 150, 4, PROTOCOLS["holdout"], 0)
    assert set(search.targets) == set(range(10))
    assert search.truth.max() > 0.5
