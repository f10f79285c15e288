"""Every metric by scikit-learn, whose import takes a second."""

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import sklearn
from sklearn import metrics

Numbers = npt.NDArray[np.floating[Any]]
Labels = npt.NDArray[np.int64]
TOP: Final = (3, 5)
PROBABILITY_ERROR: Final = 1e-3  # of a row's sum: float16 outputs are not nearer to 1


def scores_of(
    task: str, targets: npt.NDArray[Any], predictions: Numbers
) -> dict[str, float | str]:
    """Metrics of the task by name; a sentence where one isn't defined."""
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        if task == "regression":
            return _regression(targets.astype(float), predictions)
        return _classification(targets.astype(np.int64), predictions)


def _regression(targets: Numbers, predictions: Numbers) -> dict[str, float | str]:
    with np.errstate(over="ignore", invalid="ignore"):
        mse = metrics.mean_squared_error(targets, predictions)
        found: dict[str, float | str] = {
            "mse": mse,
            "rmse": math.sqrt(mse),
            "mae": metrics.mean_absolute_error(targets, predictions),
            "r2": "All targets of the validation rows are equal, so R² isn't defined.",
        }
        if np.ptp(targets) > 0:
            found["r2"] = metrics.r2_score(targets, predictions)
    return found


def _classification(labels: Labels, shares: Numbers) -> dict[str, float | str]:
    classes = shares.shape[1]
    # As Keras does: a lone probability of exactly one half is the first class.
    answers = shares.argmax(1)
    present = np.unique(np.concatenate([labels, answers]))
    found: dict[str, float | str] = {
        "accuracy": metrics.accuracy_score(labels, answers),
        "balanced_accuracy": _recall_of_present(labels, answers),
    }
    averages = {
        "": "binary" if classes == 2 else "macro",
        "_weighted": "weighted",
        "_micro": "micro",
    }
    for suffix, average in averages.items():
        # The second of two classes is asked for even where it doesn't occur: then it scores 0.
        named = None if average == "binary" else present
        scores = metrics.precision_recall_fscore_support(
            labels, answers, labels=named, average=average, pos_label=1, zero_division=0.0
        )
        for name, value in zip(("precision", "recall", "f1"), scores, strict=False):
            found[name + suffix] = value
    found["auc"] = _auc(labels, shares)
    found["log_loss"] = _log_loss(labels, shares)
    for k in TOP:
        if k < classes:
            found[f"top_{k}_accuracy"] = metrics.top_k_accuracy_score(
                labels, shares, k=k, labels=np.arange(classes)
            )
    return found


def _recall_of_present(labels: Labels, answers: Labels) -> float:
    return float(
        metrics.recall_score(
            labels, answers, labels=np.unique(labels), average="macro", zero_division=0.0
        )
    )


def _auc(labels: Labels, shares: Numbers) -> float | str:
    present = np.unique(labels)
    if len(present) < 2:
        return "All validation rows have the same class, so AUC isn't defined."
    columns = np.array([1]) if shares.shape[1] == 2 else present
    return float(metrics.roc_auc_score(labels[:, None] == columns, shares[:, columns]))


def _log_loss(labels: Labels, shares: Numbers) -> float | str:
    sums = shares.sum(1)
    if shares.min() < 0 or np.abs(sums - 1).max() > PROBABILITY_ERROR:
        return "The model's outputs aren't probabilities: they don't sum to 1."
    shares = shares / sums[:, None]
    return float(metrics.log_loss(labels, shares, labels=np.arange(shares.shape[1])))
