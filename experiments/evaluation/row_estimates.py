"""An estimate from row scores, with its 95 % interval.

The target of the interval is the mean score, over all rows that there may ever be, of the very models that a
trial's executions trained: the k-fold test error of Bayle et al. 2020, Cross-validation confidence intervals for
test error, whose theorem 1 has the variance used here.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import scipy

Vector = npt.NDArray[np.float64]
Scale = Literal["share", "loss", "number"]

# Of the epochs' optimism: the model that is kept isn't the one of the crossed epochs. Measured over whole
# searches with known truth (`bench evaluation --only shown`): 0 covers 88 to 97 %, .3 covers 92 to 99 %.
DOUBT: Final = 0.3
SMALLEST_ERROR: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Measure:
    """Which way a score is better, and what numbers it can be: a share, a positive loss, or any."""

    higher_is_better: bool
    scale: Scale

    @property
    def sign(self) -> float:
        """What makes higher better."""
        return 1.0 if self.higher_is_better else -1.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score expected on new rows, and its 95 % interval; None where a single unit tells none."""

    value: float
    low: float | None = None
    high: float | None = None


def estimate_around(
    value: float,
    fair: Vector,
    weights: Vector,
    measure: Measure,
    *,
    shown: float,
    is_partial: bool = False,
) -> Estimate:
    """An estimate in its own sign, with the interval of a mean of (units,) row scores.

    value, fair, shown: higher is better; what is expected, what it was made from, and what the search showed.
    """
    observed = float(fair @ weights)
    if measure.scale == "share":  # pseudo-values of F1 or AUC may have a mean outside
        value, observed = min(max(value, 0.0), 1.0), min(max(observed, 0.0), 1.0)
    doubt = shown - value if is_partial else DOUBT * (shown - observed)
    low, high = around(
        measure.sign * value,
        standard_error(fair, weights),
        observed=measure.sign * observed,
        units=len(weights),
        doubt=max(0.0, doubt),
        scale=measure.scale,
    )
    return Estimate(measure.sign * value, low, high)


def standard_error(scores: Vector, weights: Vector) -> float:
    """Of a mean over units, (units,): Bayle et al. 2020, eq. 4 with unequal weights."""
    units = len(scores)
    if units < 2:
        return 0.0
    around_mean = (scores - scores @ weights) * weights
    return float(np.sqrt((around_mean**2).sum() * units / (units - 1)))


def around(
    value: float, error: float, *, observed: float, units: int, doubt: float, scale: Scale
) -> tuple[float | None, float | None]:
    """The 95 % interval around an estimate; (None, None) of a single unit.

    error: standard error of `observed`, a mean over so many units, from which the estimate was made;
    doubt: what the corrections add to it. A share has Wilson's score interval (Wilson 1927) with the
    number of rows that such an error stands for; a loss an interval of its logarithm; other numbers a
    symmetric one. Student's t with units - 1 degrees of freedom.
    """
    if units < 2:
        return None, None
    t = float(scipy.special.stdtrit(units - 1, 0.975))
    if scale == "share":
        p = min(max(value, 0.0), 1.0)
        is_spread = error > SMALLEST_ERROR and 0 < observed < 1
        rows = observed * (1 - observed) / error**2 if is_spread else float(units)
        if 0 < p < 1:
            rows = 1 / (1 / rows + doubt**2 / (p * (1 - p)))
        middle = (p + t * t / (2 * rows)) / (1 + t * t / rows)
        half = t / (1 + t * t / rows) * math.sqrt(p * (1 - p) / rows + t * t / (4 * rows * rows))
        return max(0.0, middle - half), min(1.0, middle + half)
    half = t * math.hypot(error, doubt)
    if scale == "loss" and value > 0:
        return value * math.exp(-half / value), value * math.exp(half / value)
    return value - half, value + half
