"""How sure a mean is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments.evaluation.intervals import interval, interval_of_rows


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_the_interval_is_student_s(scores):
    found = interval(scores)
    assert found.mean == pytest.approx(np.mean(scores), abs=1e-6)
    if len(set(scores)) == 1:
        assert found.half_width is None
    else:
        half = stats.sem(scores) * stats.t.ppf(0.975, len(scores) - 1)
        assert found.half_width == pytest.approx(half, rel=1e-6, abs=1e-6)
        assert found.low <= found.mean <= found.high


def test_one_score_has_no_interval_and_none_has_no_mean():
    single = interval([0.5])
    assert (single.mean, single.low, single.high, single.n) == (0.5, None, None, 1)
    assert single.half_width is None
    assert interval([]) is None
    assert interval([math.nan, math.inf]) is None
    assert interval([math.nan, 0.5, 0.7]).n == 2


def test_equal_scores_have_no_interval():
    """Three folds of 599 rows that miss as many each do not prove a noise of zero."""
    found = interval([587 / 599] * 3, overlap=0.5)
    assert (found.low, found.high, found.half_width, found.n) == (None, None, None, 3)
    assert found.mean == pytest.approx(587 / 599)


def test_parts_that_share_training_rows_widen_the_interval():
    """Ten folds: the variance of the mean is (1/10 + 1/9) s², 2.1 times the naive one."""
    scores = [0.91, 0.93, 0.9, 0.94, 0.92, 0.95, 0.9, 0.91, 0.93, 0.92]
    naive, corrected = interval(scores), interval(scores, overlap=1 / 9)
    assert corrected.mean == naive.mean
    assert corrected.half_width == pytest.approx(naive.half_width * math.sqrt(1 + 10 / 9))


def test_the_corrected_interval_of_cross_validation_covers_and_the_naive_one_does_not():
    """Ridge regression on fresh draws of one population: its true score is known from many rows."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=8)

    def draw(n):
        x = rng.normal(size=(n, 8))
        return x, x @ weights + 2.0 * rng.normal(size=n)

    def fit(x, y):
        return np.linalg.solve(x.T @ x + np.eye(8), x.T @ y)

    many_x, many_y = draw(20_000)
    covered = {"naive": 0, "corrected": 0}
    for _ in range(300):
        x, y = draw(60)
        folds = np.arange(60) % 10
        scores, truths = [], []
        for fold in range(10):
            beta = fit(x[folds != fold], y[folds != fold])
            scores.append(float(np.mean((y[folds == fold] - x[folds == fold] @ beta) ** 2)))
            truths.append(float(np.mean((many_y - many_x @ beta) ** 2)))
        truth = float(np.mean(truths))
        for name, overlap in (("naive", 0.0), ("corrected", 1 / 9)):
            found = interval(scores, overlap=overlap)
            covered[name] += found.low <= truth <= found.high
    assert covered["corrected"] >= 0.92 * 300
    assert covered["corrected"] > covered["naive"]


def test_a_share_of_rows_that_are_all_right_has_a_width():
    found = interval_of_rows(np.ones(60), is_share=True)
    assert (found.mean, found.high) == (1, pytest.approx(1))
    assert 0.9 < found.low < 0.96
    assert interval_of_rows(np.ones(60), is_share=False).low == 1
    assert interval_of_rows(np.ones(1), is_share=True).low is None


@pytest.mark.parametrize(("share", "rows"), [(0.5, 40), (0.9, 60), (0.97, 100), (0.8, 2_000)])
def test_the_interval_of_a_share_covers_it(share, rows):
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(2_000):
        found = interval_of_rows((rng.random(rows) < share).astype(float), is_share=True)
        covered += found.low <= share <= found.high
    assert 0.92 < covered / 2_000 < 0.985
