"""Differences of trials: SciPy says the same where parts share nothing, and equal trials rarely differ."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.evaluation.intervals import interval
from experiments.evaluation.paired_differences import holm, paired, unpaired

SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=12)
rng = np.random.default_rng(5)


def by_fold(scores):
    return {(fold, 0): float(score) for fold, score in enumerate(scores)}


def test_pairs_are_what_scipy_says_of_independent_parts():
    base, other = rng.random(8), rng.random(8)
    found = paired(by_fold(base), by_fold(other))
    said = stats.ttest_rel(other, base)
    assert found.is_paired and found.n == 8
    assert (found.statistic, found.p) == pytest.approx((said.statistic, said.pvalue))
    low, high = said.confidence_interval()
    assert (found.low, found.high) == pytest.approx((low, high))


def test_unpaired_is_welch():
    base, other = rng.random(6), rng.random(9) + 0.2
    found = unpaired(list(base), list(other))
    said = stats.ttest_ind(other, base, equal_var=False)
    assert not found.is_paired and found.n == 6
    assert (found.statistic, found.p, found.freedom) == pytest.approx(
        (said.statistic, said.pvalue, said.df)
    )


def test_overlapping_parts_widen_the_interval_as_that_of_a_mean():
    base, other = rng.random(5), rng.random(5)
    found = paired(by_fold(base), by_fold(other), overlap=0.25)
    same = interval(list(other - base), overlap=0.25)
    assert (found.low, found.high) == pytest.approx((same.low, same.high))
    assert found.p > paired(by_fold(base), by_fold(other)).p


def test_only_parts_that_both_have_are_paired():
    base = {(0, 0): 0.5, (1, 0): 0.6, (2, 0): 0.7}
    found = paired(base, {(1, 0): 0.65, (2, 0): 0.78, (9, 0): 0.0})
    assert found.n == 2 and found.mean == pytest.approx(0.065)
    one = paired(base, {(2, 0): 0.9})
    assert one.mean == pytest.approx(0.2) and not one.is_tested and not one.is_open
    assert paired(base, {(7, 0): 0.9}) is None
    assert unpaired([], [0.5]) is None and unpaired([0.4], [0.5, 0.6]).p is None


def test_a_trial_beside_itself_is_equal_and_a_constant_gap_is_certain():
    base = by_fold([0.1, 0.2, 0.3])
    same = paired(base, base)
    assert (same.mean, same.p) == (0.0, 1.0) and same.is_open
    above = paired(by_fold([0.0, 0.0]), by_fold([0.5, 0.5]))
    assert above.p == 0.0 and math.isinf(above.statistic) and not above.is_open
    flat = unpaired([0.5, 0.5], [0.5, 0.5])
    assert flat.p == 1.0 and math.isfinite(flat.freedom)


@given(SCORES, SCORES)
def test_the_interval_holds_the_mean_and_turns_with_the_sides(base, other):
    for find in (
        lambda a, b: paired(by_fold(a), by_fold(b), overlap=0.25),
        lambda a, b: unpaired(a, b, overlap=0.25),
    ):
        found, turned = find(base, other), find(other, base)
        if found.is_tested:
            assert found.low <= found.mean <= found.high and 0 <= found.p <= 1
            assert turned.mean == pytest.approx(-found.mean, abs=1e-12)
            assert found.is_open == (found.low <= 0 <= found.high)


def test_folds_of_equal_models_are_called_different_about_one_time_in_twenty():
    """Scores of folds share a level, as hard folds are hard for both; noise is each model's own."""
    false = 0
    for _ in range(2000):
        hard = rng.normal(0, 1, 5)
        pair = [by_fold(hard + rng.normal(0, 0.2, 5)) for _ in range(2)]
        false += paired(*pair).p <= 0.05
    assert 0.03 < false / 2000 < 0.07


def test_holm_is_bonferroni_for_the_least_and_gentler_for_the_others():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.5]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_and_never_makes_a_chance_smaller(chances):
    adjusted = holm(chances)
    assert all(new >= old for new, old in zip(adjusted, chances, strict=True))
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    assert [adjusted[place] for place in order] == sorted(adjusted)
