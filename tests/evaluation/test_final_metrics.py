"""Exact metrics: those of scikit-learn, and what stands in their place where there is none."""

import math

import numpy as np
import pytest

from experiments.evaluation.final_metrics import final_metrics
from experiments.evaluation.metrics import METRICS, epoch_metrics, of_task


def probabilities(classes: int, rows: int = 200, seed: int = 0):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(classes), rows).astype("float32")
    labels = np.where(rng.random(rows) < 0.5, shares.argmax(1), rng.integers(0, classes, rows))
    return labels, shares


def test_every_metric_of_many_classes_is_scikit_learns():
    from sklearn import metrics

    labels, shares = probabilities(7)
    found = final_metrics("classification", labels, shares, 7)
    answers, wide = shares.argmax(1), shares.astype(float)
    expected = {
        "accuracy": metrics.accuracy_score(labels, answers),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, answers),
        "auc": metrics.roc_auc_score(labels, wide / wide.sum(1)[:, None], multi_class="ovr"),
        "log_loss": metrics.log_loss(labels, wide / wide.sum(1)[:, None]),
        "top_3_accuracy": metrics.top_k_accuracy_score(labels, wide, k=3),
        "top_5_accuracy": metrics.top_k_accuracy_score(labels, wide, k=5),
    }
    for suffix, average in {"": "macro", "_micro": "micro", "_weighted": "weighted"}.items():
        for name in ("precision", "recall", "f1"):
            score = getattr(metrics, f"{name}_score")
            expected[name + suffix] = score(labels, answers, average=average)
    assert found.missing == {}
    assert found.values == pytest.approx(expected, abs=1e-12)
    assert set(found.values) == {metric.name for metric in of_task("classification")}


@pytest.mark.parametrize("lone", [True, False])
def test_two_classes_are_judged_by_the_second(lone):
    from sklearn import metrics

    labels, shares = probabilities(2)
    given = shares[:, 1:] if lone else shares
    found = final_metrics("classification", labels, given, 2).values
    answers = (shares[:, 1] > 0.5).astype(int)
    assert found["precision"] == pytest.approx(metrics.precision_score(labels, answers))
    assert found["recall"] == pytest.approx(metrics.recall_score(labels, answers))
    assert found["f1"] == pytest.approx(metrics.f1_score(labels, answers))
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(labels, shares[:, 1]))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(labels, shares[:, 1]), rel=1e-5)
    assert "top_3_accuracy" not in found


def test_a_small_table_counted_by_hand():
    # Answers 1 1 0 1 0 against targets 1 0 0 1 1: two true, one false positive, one missed.
    labels = np.array([1, 0, 0, 1, 1])
    found = final_metrics("classification", labels, np.array([0.9, 0.8, 0.1, 0.6, 0.4]), 2).values
    assert found["accuracy"] == pytest.approx(3 / 5)
    assert found["precision"] == found["recall"] == found["f1"] == pytest.approx(2 / 3)
    assert found["balanced_accuracy"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    # Of 3 × 2 pairs, 0.6 and 0.4 each come after 0.8.
    assert found["auc"] == pytest.approx(4 / 6)
    assert found["log_loss"] == pytest.approx(
        -(math.log(0.9) + math.log(0.2) + math.log(0.9) + math.log(0.6) + math.log(0.4)) / 5
    )


def test_numbers_counted_by_hand():
    found = final_metrics("regression", np.array([1, 2, 6.0]), np.array([[1], [4], [3.0]]), 0)
    mse = (0 + 4 + 9) / 3
    assert found.values == pytest.approx(
        {"mse": mse, "rmse": math.sqrt(mse), "mae": 5 / 3, "r2": 1 - 13 / 14}
    )


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_predictions_that_are_no_numbers_give_no_metric_but_a_sentence(bad):
    shares = np.full((4, 3), 1 / 3)
    shares[1, 2] = bad
    found = final_metrics("classification", np.zeros(4, int), shares, 3)
    assert found.values == {}
    assert found.missing == {"*": "1 of 4 predictions are NaN."}


def test_one_class_alone_has_no_auc_and_a_constant_target_no_r2():
    one = final_metrics("classification", np.ones(5, int), np.full((5, 2), 0.5), 2)
    assert "AUC isn't defined" in one.missing["auc"] and one.values["recall"] == 0
    flat = final_metrics("regression", np.full(5, 3.0), np.arange(5.0), 0)
    assert "are equal" in flat.missing["r2"] and flat.values["mae"] == pytest.approx(1.4)


def test_a_class_that_no_validation_row_has_leaves_the_others_judged():
    from sklearn import metrics

    labels, shares = probabilities(4)
    labels = labels % 3
    found = final_metrics("classification", labels, shares, 4).values
    areas = [metrics.roc_auc_score(labels == label, shares[:, label]) for label in range(3)]
    assert found["auc"] == pytest.approx(np.mean(areas))


def test_answers_that_are_no_probabilities_have_no_log_loss():
    labels, shares = probabilities(3)
    found = final_metrics("classification", labels, shares * 5, 3)
    assert "don't sum to 1" in found.missing["log_loss"]
    assert found.values["accuracy"] == (shares.argmax(1) == labels).mean()


def test_errors_too_large_for_a_number_are_said_to_be():
    found = final_metrics("regression", np.array([0.0, 1e300]), np.array([1e300, 0.0]), 0)
    assert found.missing["mse"] == "Overflow: the value is too large."


def test_every_metric_says_what_it_is():
    for metric in METRICS.values():
        assert metric.definition.endswith(".")
    assert "approximate" in METRICS["auc"].help
    assert set(epoch_metrics("regression")) == {"mse", "rmse", "mae", "r2"}
