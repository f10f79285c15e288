"""Curves and tables of prediction errors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Hits = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: x and y of equal length, and the area that sums it up."""

    x: Numbers
    y: Numbers
    area: float

    def points(self, most: int) -> list[list[float]]:
        """At most so many of its points, first and last among them, rounded for a chart."""
        chosen = evenly(len(self.x), most)
        return np.round(np.column_stack([self.x[chosen], self.y[chosen]]), 5).tolist()  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like probability: its mean, the share of them that were right, how many."""

    predicted: float
    observed: float
    n: int


def class_probabilities(predictions: npt.NDArray[Any], classes: int) -> Numbers:
    """Return (n, classes) float64; a lone probability is that of the second class."""
    wide = predictions.reshape(len(predictions), -1).astype(float)
    if wide.shape[1] == 1 and classes == 2:
        return np.hstack([1 - wide, wide])
    return wide


def evenly(n: int, most: int) -> npt.NDArray[np.intp]:
    """Indices of at most `most` of `n` places, at equal distances, the ends among them."""
    if n <= most:
        return np.arange(n)
    return np.unique(np.linspace(0, n - 1, most).round().astype(np.intp))


def confusion(labels: Labels, answers: Labels, classes: int) -> npt.NDArray[np.int64]:
    """(classes, classes) counts: a row for each true class, a column for each answer."""
    counts = np.bincount(labels * classes + answers, minlength=classes**2)
    return counts.reshape(classes, classes).astype(np.int64)


def roc(hits: Hits, scores: Numbers) -> Line | None:
    """False positive rate against true positive rate; None where all rows are hits or none is."""
    found, false = _cumulated(hits, scores)
    if not found[-1] or not false[-1]:
        return None
    x = np.concatenate([[0.0], false / false[-1]])
    y = np.concatenate([[0.0], found / found[-1]])
    return Line(x, y, float(np.trapezoid(y, x)))


def precision_recall(hits: Hits, scores: Numbers) -> Line | None:
    """Recall against precision; None without a hit. area: average precision, Σ (Rₙ - Rₙ₋₁) Pₙ."""
    found, false = _cumulated(hits, scores)
    if not found[-1]:
        return None
    recall, precision = found / found[-1], found / (found + false)
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return Line(np.concatenate([[0.0], recall]), np.concatenate([[1.0], precision]), area)


def calibration(hits: Hits, scores: Numbers, bins: int = 10) -> tuple[Bin, ...]:
    """Bins of equal width from 0 to 1; empty ones are left out."""
    places = np.clip((scores * bins).astype(np.int64), 0, bins - 1)
    chosen = (places == place for place in np.unique(places))
    return tuple(
        Bin(float(scores[rows].mean()), float(hits[rows].mean()), int(rows.sum()))
        for rows in chosen
    )


def calibration_error(bins: tuple[Bin, ...]) -> float:
    """Expected calibration error: the mean of |predicted - observed|, weighted by rows.

    Guo et al. 2017, On calibration of modern neural networks, eq. 3.
    """
    total = sum(each.n for each in bins)
    return sum(abs(each.predicted - each.observed) * each.n for each in bins) / max(1, total)


def _cumulated(hits: Hits, scores: Numbers) -> tuple[Any, Any]:
    """Hits and misses at or above each score that occurs, from the highest on."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    found = np.cumsum(hits[order])[ends]
    return found.astype(float), (ends + 1 - found).astype(float)
