"""Learning curves of the best trials as numbers, cut into quarters, which findings about epochs compare.

The best epoch of a noisy curve always looks better than the last one, so it isn't what is tested:
each curve is cut into quarters by its length alone, and means of quarters are compared over the
trials (paired t-test, one-sided).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.check_outcomes import NotChecked
from experiments.search.findings.finding import too_few
from experiments.search.findings.search_state import SearchState, TrainedCurve

FEWEST: Final = 6  # curves
SHORTEST: Final = 8  # epochs of a curve

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """validation, training: shape (epochs,), higher is better; training is empty where unknown."""

    number: int
    validation: Vector
    training: Vector
    ran_out: bool

    @property
    def scale(self) -> float:
        """The distance between its best and its worst epoch: the unit of differences."""
        return max(float(np.ptp(self.validation)), float(np.finfo(np.float64).tiny))


def curves_of(look: SearchState) -> tuple[Curve, ...]:
    """Those of the best trials that are long enough and have no gaps."""
    found = (_read(each, look.sign) for each in look.curves)
    return tuple(curve for curve in found if curve is not None)


def too_few_curves(curves: Sequence[Curve], what: str = "") -> NotChecked | None:
    """Why so few curves tell nothing; None where they are enough. what: narrows which are meant."""
    if len(curves) >= FEWEST:
        return None
    return too_few(f"learning curves{what} of {SHORTEST} epochs or more", FEWEST, len(curves))


def quarters(values: Vector) -> Vector:
    """Shape (4,): the mean of each quarter."""
    return np.array([part.mean() for part in np.array_split(values, 4)])


def chance_of_gain(gains: Vector) -> float:
    """One-sided p that the mean of these gains, one a trial, is no larger than 0."""
    n, deviation = len(gains), float(gains.std(ddof=1))
    if deviation == 0:
        return 0.0 if gains[0] > 0 else 1.0
    return float(scipy.special.stdtr(n - 1, -gains.mean() / deviation * np.sqrt(n)))


def upper_bound(values: Vector, chance: float) -> float:
    """Above the mean of the values' distribution but for this chance (Student's t)."""
    n = len(values)
    error = float(values.std(ddof=1)) / math.sqrt(n)
    width = float(scipy.special.stdtrit(n - 1, 1 - chance)) * error
    return float(values.mean()) + width


def _read(curve: TrainedCurve, sign: float) -> Curve | None:
    values = np.array([np.nan if v is None else v for v in curve.validation], dtype=np.float64)
    if len(values) < SHORTEST or not np.isfinite(values).all() or np.abs(values).max() > 1e150:
        return None
    training = np.array([np.nan if v is None else v for v in curve.training], dtype=np.float64)
    usable = len(training) == len(values) and bool(np.isfinite(training).all())
    known = sign * training if usable else np.empty(0)
    return Curve(curve.number, sign * values, known, curve.ran_out)
