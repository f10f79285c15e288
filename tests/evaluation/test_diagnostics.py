"""Curves of predictions: those of scikit-learn, and bins counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.evaluation.diagnostics import (
    calibration,
    calibration_error,
    confusion,
    evenly,
    precision_recall,
    roc,
)

ROWS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 20).map(lambda i: i / 20)), min_size=2, max_size=60
)


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_roc_and_precision_recall_are_scikit_learns(rows):
    from sklearn import metrics

    hits = np.array([hit for hit, _ in rows])
    scores = np.array([score for _, score in rows])
    line, other = roc(hits, scores), precision_recall(hits, scores)
    if 0 < hits.sum() < len(hits):
        x, y, _ = metrics.roc_curve(hits, scores, drop_intermediate=False)
        assert np.allclose(line.x, x) and np.allclose(line.y, y)
        assert line.area == pytest.approx(metrics.roc_auc_score(hits, scores))
    else:
        assert line is None
    if hits.any():
        precision, recall, _ = metrics.precision_recall_curve(hits, scores)
        assert np.allclose(other.x, recall[::-1]) and np.allclose(other.y, precision[::-1])
        assert other.area == pytest.approx(metrics.average_precision_score(hits, scores))
    else:
        assert other is None


def test_a_confusion_matrix_has_a_line_for_each_true_class():
    labels, answers = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 0, 2])
    assert confusion(labels, answers, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_bins_hold_the_mean_probability_and_the_share_that_came_true():
    hits = np.array([True, False, True, True])
    bins = calibration(hits, np.array([0.12, 0.18, 0.9, 1.0]))
    assert [(each.n, each.observed) for each in bins] == [(2, 0.5), (2, 1.0)]
    assert [each.predicted for each in bins] == pytest.approx([0.15, 0.95])
    assert calibration_error(bins) == pytest.approx((0.35 * 2 + 0.05 * 2) / 4)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 5000), st.integers(2, 300))
def test_thinning_keeps_both_ends(n, most):
    chosen = evenly(n, most)
    assert len(chosen) == min(n, most) and chosen[0] == 0 and chosen[-1] == n - 1
