"""What more trials would gain, from the record of scores."""

import itertools
import math
from statistics import fmean

import numpy as np
import pytest

from experiments.search.models.expected_gain import _expected_best, expected_gain


def test_the_mean_best_of_all_subsets_is_exact():
    scores = [0.9, 0.7, 0.65, 0.2, 0.1, -3.0]
    for size in range(1, 7):
        by_hand = fmean(max(subset) for subset in itertools.combinations(scores, size))
        assert _expected_best(scores, size) == pytest.approx(by_hand)


def test_few_or_equal_scores():
    assert expected_gain([0.5] * 9, "maximize") is None
    assert expected_gain([0.5] * 9 + [math.nan, math.inf], "maximize") is None
    assert expected_gain([0.5] * 30, "minimize") == 0


def test_the_direction_is_respected():
    scores = [0.1 * n for n in range(15)]
    assert expected_gain(scores, "maximize") == pytest.approx(
        expected_gain([-score for score in scores], "minimize")
    )


def test_the_estimate_is_about_what_more_trials_gain():
    rng = np.random.default_rng(0)
    told, found = [], []
    for _ in range(300):
        scores = rng.gumbel(size=60)
        told.append(expected_gain(list(scores[:40]), "maximize"))
        found.append(scores.max() - scores[:40].max())
    assert fmean(told) == pytest.approx(fmean(found), rel=0.35)
