"""Scores at an epoch that an execution did not pick for itself.

The best of many epochs looks better than the model is, also where there is nothing to learn: each
execution picks it on the rows that it is then scored on. A test against what picks nothing must not
count that.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Curve = Sequence[float | None]
Vector = npt.NDArray[np.float64]


def scores_at_others_epochs(curves: Sequence[Curve], *, higher_is_better: bool) -> list[float]:
    """The score of each execution at the epoch that is best for all others together.

    Leave-one-out, as in cross-validation (Stone 1974): the mean of the others' curves picks the epoch,
    the first of equals. A curve that ended before stays at its last epoch; an epoch without a number
    counts as the last one that had one.

    curves: of two executions or more, the objective by epoch. Raises: ValueError for fewer, and for a
    curve without a number.
    """
    if len(curves) < 2:
        raise ValueError("A single execution has no others.")
    table = np.stack([_carried(curve, max(map(len, curves))) for curve in curves])
    others = (table.sum(axis=0) - table) / (len(curves) - 1)
    picked = others.argmax(axis=1) if higher_is_better else others.argmin(axis=1)
    return [float(score) for score in table[np.arange(len(table)), picked]]


def _carried(curve: Curve, length: int) -> Vector:
    """A curve of this length: what is missing has the number before it, or the first one after."""
    values = np.full(length, np.nan)
    values[: len(curve)] = [np.nan if value is None else value for value in curve]
    known = np.isfinite(values)
    if not known.any():
        raise ValueError("A curve has no number.")
    places = np.maximum.accumulate(np.where(known, np.arange(length), 0))
    return np.asarray(values[np.where(known[places], places, known.argmax())])
