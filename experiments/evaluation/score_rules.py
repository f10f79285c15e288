"""The trial score of a curve: best epoch, last epoch, or mean of the last n."""

import math
import re
from collections.abc import Sequence
from statistics import fmean
from typing import Final, TypeGuard

import numpy as np
import numpy.typing as npt

from experiments.search.reading import Reader, describe

RULE: Final = re.compile(r"best|last|mean:([2-9]|[1-9]\d)")
OFFERED: Final = ("best", "last", "mean:3", "mean:5", "mean:10")

Curve = Sequence[float | None]


def read_score_rule(reader: Reader) -> str:
    """Take `best`, `last` or `mean:n` out of a plan, noting what is none of them."""
    rule = reader.take("score_rule", default="best")
    if isinstance(rule, str) and RULE.fullmatch(rule):
        return rule
    shown = describe(rule)
    words = (
        f"Unknown trial score {shown[0].upper()}{shown[1:]}. Use best, last, or "
        "mean:5 for the mean of the last 5 epochs."
    )
    reader.note("score_rule", words)
    return "best"


def mean_of(rule: str) -> int:
    """Over how many last epochs a rule takes the mean; 0 where it takes one epoch."""
    return int(rule.removeprefix("mean:")) if rule.startswith("mean:") else 0


def kept_weights(rule: str) -> str:
    """Which epoch's weights go with the score: `best`, or `last` for a mean too."""
    return "best" if rule == "best" else "last"


def score_rule_words(rule: str) -> str:
    """As it follows "from the": "best epoch", "mean of the last 5 epochs"."""
    count = mean_of(rule)
    return f"mean of the last {count} epochs" if count else f"{rule} epoch"


def counted_epochs(rule: str, curve: Curve, *, higher_is_better: bool) -> list[int]:
    """The 1-based epochs that count, of the objective's curve; none where they are NaN.

    The best epoch is the first of equals. A mean asks for a number in each of its epochs; a curve
    that ended before n epochs has the mean of all of them.
    """
    count = mean_of(rule)
    if count or rule == "last":
        chosen = list(range(max(len(curve) - max(count, 1), 0) + 1, len(curve) + 1))
        return chosen if all(_is_number(curve[epoch - 1]) for epoch in chosen) else []
    sign = -1.0 if higher_is_better else 1.0
    known = [(sign * value, place) for place, value in enumerate(curve, 1) if _is_number(value)]
    return [min(known)[1]] if known else []


def value_at(curve: Curve, epochs: Sequence[int]) -> float | None:
    """The mean of a metric's curve over these epochs; None where one of them is NaN."""
    values = [curve[epoch - 1] for epoch in epochs]
    known = [value for value in values if _is_number(value)]
    if not known or len(known) < len(values):
        return None
    return known[0] if len(known) == 1 else fmean(known)


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


Vector = npt.NDArray[np.float64]


# The best of many epochs looks better than the model is, also where there is nothing to learn: each
# execution picks it on the rows that it is then scored on. A test against what picks nothing must not
# count that.
def scores_at_others_epochs(curves: Sequence[Curve], *, higher_is_better: bool) -> list[float]:
    """The score of each execution at the epoch that is best for all others together.

    Leave-one-out, as in cross-validation (Stone 1974): the mean of the others' curves picks the epoch,
    the first of equals. A curve that ended before stays at its last epoch; an epoch without a number
    counts as the last one that had one.

    curves: of two executions or more, the objective by epoch. Raises: ValueError for fewer, and for a
    curve without a number.
    """
    if len(curves) < 2:
        raise ValueError("Needs two or more executions; got one.")
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
        raise ValueError("A curve has no finite value.")
    places = np.maximum.accumulate(np.where(known, np.arange(length), 0))
    return np.asarray(values[np.where(known[places], places, known.argmax())])
