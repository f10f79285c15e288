"""Finding: the best trials overfit from some epoch on.

The last quarter of each curve against an earlier one (`trained_curves.py`). The training rows' own
curve has to gain meanwhile: then it is no divergence. How much is lost is said in points: in the
objective's own units.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    listed,
    percent,
    plain,
    rounded,
    thinned,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.findings.trained_curves import (
    Curve,
    Vector,
    chance_of_gain,
    curves_of,
    quarters,
    too_few_curves,
)

KIND: Final = "overfitting"
WORSE: Final = 0.05  # of the distance between a curve's best and worst epoch: less is no harm
PATIENCE: Final = 5
EARLIER: Final = (1, 2)  # the second and the third quarter
STOPS: Final = NotChecked("Early stopping is on: it ends trainings when they stop improving")


def check(look: SearchState) -> Outcome:
    """At most one: where the trainings of the best trials should have ended."""
    if look.stops_early:
        return STOPS
    curves = curves_of(look)
    few = too_few_curves(curves)
    if few is not None:
        return few
    training = [each.training for each in curves if len(each.training)]
    if not training:
        return NotChecked("The objective isn't measured on the training rows")
    limit = level(len(EARLIER), stands=look.stands(KIND, look.objective))
    chance = min(chance_of_gain(_losses(curves, quarter)) for quarter in EARLIER)
    gained = np.median([(q := quarters(each))[3] - q[1] for each in training])
    lost = [_points(curve) / curve.scale for curve in curves]
    if chance > limit or np.median(lost) < WORSE or gained <= 0:
        points = float(np.median([_points(curve) for curve in curves]))
        rests = (
            f"{look.objective} is {plain(rounded(points, 2))} below its best quarter at the end"
        )
        return NotFound((f"learning curves of the best {len(curves)} trials", rests))
    return Found((_finding(look, curves, chance, limit),))


def _losses(curves: Sequence[Curve], quarter: int) -> Vector:
    """What each curve lost from this quarter to the last, by its own scale."""
    found = [((q := quarters(each.validation))[quarter] - q[3]) / each.scale for each in curves]
    return np.array(found)


def _points(curve: Curve) -> float:
    """What it lost from its best quarter to its last, in the objective's units."""
    means = quarters(curve.validation)
    return float(means.max() - means[3])


def _finding(look: SearchState, curves: Sequence[Curve], chance: float, limit: float) -> Finding:
    longest = max(len(curve.validation) for curve in curves)
    peaks = [int(np.argmax(_smoothed(curve.validation))) + 1 for curve in curves]
    after = int(np.median(peaks))
    trained = float(np.median([len(curve.validation) for curve in curves]))
    saved = max(0.0, 1 - (after + PATIENCE) / trained)
    points = plain(rounded(float(np.median([_points(curve) for curve in curves])), 2))
    numbers = tuple(curve.number for curve in curves)
    typical = curves[int(np.argsort(peaks)[len(peaks) // 2])]
    shown = thinned(len(typical.validation))
    statement = (
        f"The best trials overfit after epoch {after}: {look.objective} gets {points} worse from "
        "its best quarter of the epochs to the last one, while the training metric still "
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
