"""The tie group: who is in it, and how often the tests err on simulated searches."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.evaluation.statistical_ties import beats, improvement, tie_group

SCORES = st.dictionaries(
    st.integers(0, 50),
    st.lists(st.floats(0, 1), min_size=1, max_size=6),
    min_size=1,
    max_size=12,
)


def test_a_trial_that_is_behind_on_every_part_is_out():
    group = tie_group(
        {0: [0.90, 0.92, 0.88, 0.91], 1: [0.80, 0.82, 0.79, 0.80], 2: [0.91, 0.91, 0.89, 0.89]},
        higher_is_better=True,
    )
    assert group.best == 0
    assert group.members == (0, 2)
    assert (group.executions, group.compared) == (4, 3)


def test_lower_may_be_better():
    group = tie_group({3: [0.2, 0.3, 0.25], 4: [0.9, 1.0, 0.96]}, higher_is_better=False)
    assert group.members == (3,)


def test_it_is_the_paired_t_test_of_scipy():
    rng = np.random.default_rng(0)
    best, other = rng.normal(0.9, 0.02, 6), rng.normal(0.885, 0.02, 6)
    p = stats.ttest_rel(best, other).pvalue
    group = tie_group({0: [*best], 1: [*other]}, higher_is_better=True)
    assert (len(group.members) == 2) == (p > 0.05)


def test_shared_training_rows_make_the_test_more_careful():
    scores = {0: [0.90, 0.92, 0.91, 0.93, 0.89], 1: [0.88, 0.91, 0.89, 0.92, 0.88]}
    assert tie_group(scores, higher_is_better=True).members == (0,)
    folds = tie_group(scores, higher_is_better=True, overlap=3.0)
    assert folds.members == (0, 1)


def test_trials_that_lost_executions_are_not_compared():
    group = tie_group({0: [0.9, 0.9, 0.8], 1: [0.95], 2: [math.nan, 1, 1]}, higher_is_better=True)
    assert group.members == (0,)
    assert group.compared == 1


def test_one_execution_tests_nothing():
    group = tie_group({0: [0.9], 1: [0.9]}, higher_is_better=True)
    assert group.members == (0,)
    assert not group.is_tested


def test_without_scores_there_is_no_group():
    assert tie_group({}, higher_is_better=True) is None
    assert tie_group({0: [math.nan]}, higher_is_better=True) is None


@given(SCORES)
def test_the_best_mean_leads_its_group(scores):
    group = tie_group(scores, higher_is_better=True)
    most = max(map(len, scores.values()))
    means = {number: np.mean(each) for number, each in scores.items() if len(each) == most}
    assert means[group.best] == pytest.approx(max(means.values()))
    assert group.members[0] == group.best
    assert set(group.members) <= set(means)


def test_a_planted_winner_is_in_the_group():
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(100):
        parts = rng.normal(0, 0.02, 5)
        quality = np.append(rng.uniform(0.7, 0.85, 29), 0.87)
        scores = {i: [*(q + parts + rng.normal(0, 0.01, 5))] for i, q in enumerate(quality)}
        found += 29 in tie_group(scores, higher_is_better=True, overlap=0.25).members
    assert found >= 95


def test_the_best_of_many_guesses_does_not_beat_the_baseline():
    rng = np.random.default_rng(2)
    false_alarms = 0
    for _ in range(200):
        baseline = [0.1] * 5
        trials = 0.1 + rng.normal(0, 0.02, (30, 5))
        best = trials[trials.mean(axis=1).argmax()]
        false_alarms += bool(beats([*best], baseline, higher_is_better=True, looks=30))
    assert false_alarms <= 14  # 5 % of 200, and two deviations of luck


def test_a_clear_gain_beats_the_baseline():
    good = [0.9, 0.92, 0.91, 0.89, 0.93]
    assert beats(good, [0.1] * 5, higher_is_better=True, overlap=0.25, looks=100)
    assert beats([0.1] * 5, good, higher_is_better=False, looks=100)
    assert beats(good, good, higher_is_better=True) is False
    assert beats([0.9], [0.1], higher_is_better=True) is None
    assert beats(good, [math.nan] * 5, higher_is_better=True) is None


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_scores_that_differ_by_rounding_alone_are_equal(scale):
    score, other = scale * 0.9999999999999998, scale * 1.0
    for higher in (True, False):
        assert improvement(score, other, higher_is_better=higher) == 0.0
        assert improvement(other, score, higher_is_better=higher) == 0.0
        assert beats([score] * 5, [other] * 5, higher_is_better=higher) is False
    assert improvement(0.3 - 0.2 - 0.1, 0.0, higher_is_better=True) == 0.0
    assert improvement(scale * 1.001, scale, higher_is_better=True) > 0
    assert improvement(scale * 1.001, scale, higher_is_better=False) < 0
