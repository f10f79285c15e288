"""Finding: the best trials overfit from some epoch on.

The best epoch of a noisy curve always looks better than the last one, so it isn't what is tested.
Each curve is cut into quarters by its length alone, and the means of the last quarter and of an
earlier one are compared over the best trials (paired t-test, one-sided). The training rows' own
curve has to gain meanwhile: then it is no divergence.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    listed,
    percent,
    thinned,
)
from experiments.search.findings.search_state import SearchState, TrainedCurve
from experiments.search.findings.significance_levels import level

KIND: Final = "overfitting"
FEWEST: Final = 6  # curves
SHORTEST: Final = 8  # epochs of a curve
WORSE: Final = 0.05  # of what the curve gained before: less is no harm
PATIENCE: Final = 5
EARLIER: Final = (1, 2)  # the second and the third quarter

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Curve:
    number: int
    validation: Vector  # shape (epochs,), higher is better
    training: Vector


def find(look: SearchState) -> list[Finding]:
    """At most one: where the trainings of the best trials should have ended."""
    if look.stops_early:
        return []
    curves = [curve for each in look.curves if (curve := _read(each, look.sign)) is not None]
    if len(curves) < FEWEST:
        return []
    limit = level(len(EARLIER), stands=look.stands(KIND, look.objective))
    chances = [_chance(curves, quarter) for quarter in EARLIER]
    chance = min(chances)
    if chance > limit or np.median([_loss(curve) for curve in curves]) < WORSE:
        return []
    training = [curve for curve in curves if len(curve.training)]
    if (
        not training
        or np.median(
            [_quarters(each.training)[3] - _quarters(each.training)[1] for each in training]
        )
        <= 0
    ):
        return []
    return [_finding(look, curves, chance, limit)]


def _read(curve: TrainedCurve, sign: float) -> _Curve | None:
    """The curve as numbers; None where it is too short or has gaps."""
    values = np.array([np.nan if v is None else v for v in curve.validation], dtype=np.float64)
    if len(values) < SHORTEST or not np.isfinite(values).all():
        return None
    training = np.array([np.nan if v is None else v for v in curve.training], dtype=np.float64)
    usable = len(training) == len(values) and bool(np.isfinite(training).all())
    return _Curve(curve.number, sign * values, sign * training if usable else np.empty(0))


def _quarters(values: Vector) -> Vector:
    return np.array([part.mean() for part in np.array_split(values, 4)])


def _scale(curve: _Curve) -> float:
    """What it gained from its first epoch to its best quarter: the unit of differences."""
    return max(float(_quarters(curve.validation).max() - curve.validation[0]), 1e-12)


def _loss(curve: _Curve) -> float:
    quarters = _quarters(curve.validation)
    return float(quarters.max() - quarters[3]) / _scale(curve)


def _chance(curves: list[_Curve], quarter: int) -> float:
    """One-sided p that the last quarter is no worse than this one."""
    differences = np.array(
        [(q := _quarters(curve.validation))[quarter] - q[3] for curve in curves]
    ) / np.array([_scale(curve) for curve in curves])
    n, deviation = len(differences), float(differences.std(ddof=1))
    if deviation == 0:
        return 0.0 if differences[0] > 0 else 1.0
    return float(scipy.special.stdtr(n - 1, -differences.mean() / deviation * np.sqrt(n)))


def _finding(look: SearchState, curves: list[_Curve], chance: float, limit: float) -> Finding:
    longest = max(len(curve.validation) for curve in curves)
    peaks = [int(np.argmax(_smoothed(curve.validation))) + 1 for curve in curves]
    after = int(np.median(peaks))
    trained = float(np.median([len(curve.validation) for curve in curves]))
    saved = max(0.0, 1 - (after + PATIENCE) / trained)
    worse = float(np.median([_loss(curve) for curve in curves]))
    numbers = tuple(curve.number for curve in curves)
    typical = curves[int(np.argsort(peaks)[len(peaks) // 2])]
    shown = thinned(len(typical.validation))
    statement = (
        f"The best trials overfit after epoch {after}: {look.objective} loses "
        f"{percent(worse)} of its improvement while the training metric still "
        f"improves. Seen in {len(curves)} trials ({listed(numbers)}) of up to {longest} "
        "epochs."
    )
    return Finding(
        kind=KIND,
        subject=look.objective,
        statement=statement,
        gain=f"Saves about {percent(saved)} of each training run."
        if saved
        else "Better scores at the last epoch.",
        evidence=Evidence(
            shape="line",
            x=tuple(place + 1 for place in shown),
            y=tuple(float(look.sign * typical.validation[place]) for place in shown),
            second=tuple(float(look.sign * typical.training[place]) for place in shown)
            if len(typical.training)
            else (),
            marked=tuple(place + 1 == after for place in shown),
            x_label="epoch",
            y_label=look.objective,
            caption=f"Trial {typical.number}; dashed: training set.",
        ),
        confidence=Confidence(
            "paired t-test: last quarter of each curve against an earlier quarter", chance, limit
        ),
        action=Action(
            "early_stopping",
            f"Stop after {PATIENCE} epochs without improvement",
            {"early_stopping_patience": PATIENCE},
        ),
        trials=numbers[:6],
    )


def _smoothed(values: Vector) -> Vector:
    """The mean of three neighbours, the ends as they are."""
    return np.convolve(np.concatenate([values[:1], values, values[-1:]]), np.ones(3) / 3, "valid")
