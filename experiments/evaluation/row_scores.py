"""Row scores: what each validation row adds to a metric.

A row score is a pseudo-value: its mean over the rows is the metric, and its variance by the rows is the
metric's own (to first order: the infinitesimal jackknife, Efron & Tibshirani 1993, §11.6; for AUC
the placement values of DeLong, DeLong & Clarke-Pearson 1988, eq. 5). So intervals, bootstraps and
paired tests of every metric are those of a mean.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.evaluation.diagnostics import class_probabilities

Vector = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.floating[Any]]

# Before the name of a metric that isn't the objective, where row scores are stored.
METRIC: Final = "metric_"
AS_ACCURACY: Final = ("recall_weighted", "precision_micro", "recall_micro", "f1_micro")
TINY: Final = 1e-15  # below it a probability's logarithm is cut off, as in scikit-learn


def row_scores(
    metric: str, task: str, targets: npt.NDArray[Any], predictions: Numbers, classes: int
) -> Vector | None:
    """Each row's score of an exact metric, (n,) float64; None where the metric isn't defined.

    targets: (n,) class indices or numbers. predictions: as `final_metrics` takes them. The mean is
    the metric of `evaluation/scores.py`.
    """
    if not len(targets) or not np.isfinite(predictions).all():
        return None
    if task == "regression":
        if predictions.size != len(targets):
            return None
        return _of_numbers(metric, targets.astype(float), predictions.reshape(-1).astype(float))
    shares = class_probabilities(predictions, classes)
    scored = _of_classes(metric, targets.astype(np.int64), shares)
    return None if scored is None or not np.isfinite(scored).all() else scored


def _of_numbers(metric: str, targets: Vector, said: Vector) -> Vector | None:
    squares = (said - targets) ** 2
    if metric == "mse":
        return squares
    if metric == "mae":
        return np.asarray(np.abs(said - targets))
    mse = float(squares.mean())
    if metric == "rmse":
        root = mse**0.5
        return squares * 0.0 if root == 0 else root + (squares - mse) / (2 * root)
    if metric == "r2":
        around = (targets - targets.mean()) ** 2
        spread = float(around.mean())
        if spread == 0:
            return None
        return np.asarray(1 - squares / spread + mse / spread**2 * (around - spread))
    return None


def _of_classes(metric: str, labels: Labels, shares: Numbers) -> Vector | None:
    if metric == "log_loss":
        return _log_loss(labels, shares)
    if metric == "auc":
        return _auc(labels, shares)
    if metric.startswith("top_"):
        k = int(metric.split("_")[1])
        rank = (shares > shares[np.arange(len(labels)), labels][:, None]).sum(1)
        return np.asarray(rank < k, dtype=float)
    answers = shares.argmax(1)
    if metric in ("accuracy", *AS_ACCURACY):
        return np.asarray(answers == labels, dtype=float)
    name, _, average = metric.partition("_")
    if metric == "balanced_accuracy":
        return _averaged(_recall, labels, answers, np.unique(labels))
    if name not in _OF_A_CLASS:
        return None
    if average == "" and shares.shape[1] == 2:
        return _OF_A_CLASS[name](labels == 1, answers == 1)
    present = np.unique(np.concatenate([labels, answers]))
    return _averaged(_OF_A_CLASS[name], labels, answers, present, weighted=average == "weighted")


OfAClass = Callable[[npt.NDArray[np.bool_], npt.NDArray[np.bool_]], Vector]


def _log_loss(labels: Labels, shares: Numbers) -> Vector | None:
    sums = shares.sum(1)
    if shares.min() < 0 or not sums.all():
        return None
    true = shares[np.arange(len(labels)), labels] / sums
    return np.asarray(-np.log(np.clip(true, TINY, None)))


def _ratio(above: Vector, below: Vector) -> Vector:
    """Pseudo-values of mean(above) / mean(below); 0 where nothing is below, as scikit-learn has it."""
    whole = float(below.mean())
    if whole == 0:
        return np.zeros(len(above))
    ratio = float(above.mean()) / whole
    return np.asarray(ratio + (above - ratio * below) / whole)


def _recall(is_class: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> Vector:
    return _ratio((is_class & said).astype(float), is_class.astype(float))


def _precision(is_class: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> Vector:
    return _ratio((is_class & said).astype(float), said.astype(float))


def _f1(is_class: npt.NDArray[np.bool_], said: npt.NDArray[np.bool_]) -> Vector:
    return _ratio(np.asarray(2.0 * (is_class & said)), is_class.astype(float) + said)


_OF_A_CLASS: Final[dict[str, OfAClass]] = {"precision": _precision, "recall": _recall, "f1": _f1}


def _averaged(
    of_a_class: OfAClass,
    labels: Labels,
    answers: Labels,
    present: Labels,
    *,
    weighted: bool = False,
) -> Vector:
    """The plain mean over classes, or weighted by their share of the rows."""
    total = np.zeros(len(labels))
    for label in present:
        is_class = labels == label
        scored = of_a_class(is_class, answers == label)
        if weighted:
            share, mean = float(is_class.mean()), float(scored.mean())
            total += share * scored + mean * (is_class - share)
        else:
            total += scored / len(present)
    return total


def _auc(labels: Labels, shares: Numbers) -> Vector | None:
    present = np.unique(labels)
    if len(present) < 2:
        return None
    columns = [1] if shares.shape[1] == 2 else [int(label) for label in present]
    return np.asarray(
        sum(_placements(labels == column, shares[:, column]) for column in columns) / len(columns)
    )


def _placements(is_class: npt.NDArray[np.bool_], said: Numbers) -> Vector:
    """How well each row stands among those of the other side, as pseudo-values of the AUC."""
    placed = np.empty(len(said))
    placed[is_class] = _share_below(np.sort(said[~is_class]), said[is_class])
    placed[~is_class] = 1 - _share_below(np.sort(said[is_class]), said[~is_class])
    area = float(placed[is_class].mean())
    share = float(is_class.mean())
    return np.asarray(area + (placed - area) / np.where(is_class, share, 1 - share))


def _share_below(others: Numbers, values: Numbers) -> Vector:
    """Of the others, the share that is below each value; equal ones count half."""
    low, high = np.searchsorted(others, values, "left"), np.searchsorted(others, values, "right")
    return np.asarray((low + high) / (2 * len(others)))
