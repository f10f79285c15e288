"""Fold racing: who is stopped, and what that costs."""

import math

import numpy as np
import pytest

from experiments.evaluation.fold_racing import lap

BEST = [0.90, 0.92, 0.88, 0.91, 0.89]
OTHERS = [
    [0.88, 0.91, 0.86, 0.90, 0.86],
    [0.87, 0.88, 0.86, 0.88, 0.88],
    [0.8, 0.85, 0.8, 0.8, 0.8],
]


def test_a_trial_far_behind_is_lost_and_one_close_by_is_not():
    far = lap([0.60, 0.62], BEST, OTHERS, higher_is_better=True)
    assert far.is_lost
    assert (far.ran, far.of) == (2, 5)
    assert far.gap == pytest.approx(0.30)
    assert not lap([0.895, 0.92], BEST, OTHERS, higher_is_better=True).is_lost
    assert not lap([0.99, 0.99], BEST, OTHERS, higher_is_better=True).is_lost


def test_the_limit_is_the_rule_s():
    """1.64 times the pooled deviation of paired differences times sqrt(1/j - 1/k)."""
    found = lap([0.89], BEST, OTHERS, higher_is_better=True)
    differences = np.array(OTHERS) - np.array(BEST)
    pooled = math.sqrt(differences.var(axis=1, ddof=1).mean())
    assert found.limit == pytest.approx(1.64 * pooled * math.sqrt(1 - 1 / 5))


def test_both_directions_are_alike():
    up = lap([0.60, 0.62], BEST, OTHERS, higher_is_better=True)
    turned = [[-score for score in scores] for scores in OTHERS]
    down = lap([-0.60, -0.62], [-s for s in BEST], turned, higher_is_better=False)
    assert (up.gap, up.limit) == pytest.approx((down.gap, down.limit))


@pytest.mark.parametrize(
    ("own", "best", "others"),
    [
        ([], BEST, OTHERS),
        (BEST, BEST, OTHERS),
        ([0.1], BEST, OTHERS[:2]),
        ([0.1], [0.9, 0.8], [[0.8, 0.8]] * 5),
        ([0.1], BEST, [scores[:3] for scores in OTHERS]),
        ([math.nan], BEST, OTHERS),
        ([0.1], [*BEST[:4], math.inf], OTHERS),
    ],
)
def test_what_says_nothing_stops_nobody(own, best, others):
    assert lap(own, best, others, higher_is_better=True) is None


def simulate(rng, trials, folds):
    """A search on fold scores = quality + fold effect + noise; fits used, and the two winners' means."""
    quality = rng.normal(0, 1, trials)
    fold_effect = rng.normal(0, 2, folds)
    scores = quality[:, None] + fold_effect + rng.normal(0, 0.7, (trials, folds))
    complete, fits = [], 0
    for trial in range(trials):
        for ran in range(1, folds + 1):
            fits += 1
            if not complete or ran == folds:
                continue
            best = max(complete, key=lambda each: scores[each].mean())
            others = [scores[each] for each in complete if each != best]
            found = lap(scores[trial, :ran], scores[best], others, higher_is_better=True)
            if found is not None and found.is_lost:
                break
        else:
            complete.append(trial)
    raced = max(complete, key=lambda each: scores[each].mean())
    full = int(np.argmax(scores.mean(axis=1)))
    return fits / (trials * folds), scores[raced].mean(), scores[full].mean()


def test_racing_saves_fits_and_keeps_the_winner():
    rng = np.random.default_rng(0)
    runs = [simulate(rng, 50, 5) for _ in range(100)]
    used, raced, full = np.array(runs).T
    assert used.mean() <= 0.6
    assert np.mean(raced == full) >= 0.95
    assert np.mean(full - raced) <= 0.01
