"""Epochs that others picked: no execution gains by its own luck."""

import numpy as np
import pytest

from experiments.evaluation.score_rules import scores_at_others_epochs


def test_each_is_scored_where_the_others_are_best():
    curves = [[0.1, 0.5, 0.9], [0.2, 0.8, 0.4], [0.3, 0.9, 0.2]]
    # Others of the first: best at epoch 2; of the second: 2 (0.7 against 0.55); of the third: 2.
    assert scores_at_others_epochs(curves, higher_is_better=True) == [0.5, 0.8, 0.9]
    assert scores_at_others_epochs(curves, higher_is_better=False) == [0.1, 0.2, 0.3]


def test_a_curve_that_ended_stays_at_its_last_epoch_and_gaps_at_the_one_before():
    curves = [[0.4, 0.6], [0.1, 0.2, 0.3, 0.9], [None, 0.2, None, 0.8]]
    assert scores_at_others_epochs(curves, higher_is_better=True) == [0.6, 0.9, 0.8]
    assert scores_at_others_epochs([[None, 0.3], [0.5, 0.1]], higher_is_better=True) == [0.3, 0.5]


def test_pure_noise_has_no_gain_left():
    rng = np.random.default_rng(0)
    noise = [rng.normal(0, 1, (5, 15)) for _ in range(400)]
    best = np.mean([curves.max(axis=1).mean() for curves in noise])
    honest = np.mean([scores_at_others_epochs(list(c), higher_is_better=True) for c in noise])
    assert best > 1.5 and abs(honest) < 0.1  # deviation of the mean: 0.02


def test_what_can_not_be_told_is_refused():
    with pytest.raises(ValueError, match="two or more executions"):
        scores_at_others_epochs([[1.0]], higher_is_better=True)
    with pytest.raises(ValueError, match="no finite value"):
        scores_at_others_epochs([[1.0], [None, float("nan")]], higher_is_better=True)
