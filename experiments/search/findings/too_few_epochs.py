"""Finding: the best trials still improve when their epochs run out.

The last quarter of each curve that ran for all its epochs against the third one
(`trained_curves.py`): a curve that has come to rest gains next to nothing there. One that nears its
limit as exp(-t / τ) gains more than `STILL` of its whole way where it was trained for less than 4 τ,
and has more than 2 % of its way still to go.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from experiments.check_outcomes import Found, NotFound
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    listed,
    plain,
    rounded,
    thinned,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.findings.trained_curves import (
    Curve,
    chance_of_gain,
    curves_of,
    quarters,
    too_few_curves,
)
from experiments.search.findings.wider_ranges import wider
from experiments.search.space.hyperparameters import Fixed

KIND: Final = "too_few_epochs"
EPOCHS: Final = "epochs"
STILL: Final = 0.05  # of the distance between a curve's best and worst epoch, gained at the end
LONGER: Final = 2  # times as many epochs


def check(look: SearchState) -> Outcome:
    """At most one: the best trials should be trained for longer."""
    every = curves_of(look)
    few = too_few_curves(every)
    if few is not None:
        return few
    curves = [curve for curve in every if curve.ran_out]
    if 2 * len(curves) < len(every):
        rests = f"{len(every) - len(curves)} of the best {len(every)} trials ended before their last epoch"
        return NotFound((rests,))
    few = too_few_curves(curves, " that ran for all their epochs")
    if few is not None:
        return few
    limit = level(1, stands=look.stands(KIND, look.objective))
    gains = np.array([_points(each) / each.scale for each in curves])
    chance, points = chance_of_gain(gains), float(np.median([_points(each) for each in curves]))
    if chance > limit or np.median(gains) < STILL:
        rests = f"{look.objective} gains {plain(rounded(max(0.0, points), 2))} in the last quarter of the epochs"
        return NotFound((f"learning curves of the best {len(curves)} trials", rests))
    return Found((_finding(look, curves, points, chance, limit),))


def _points(curve: Curve) -> float:
    """What it gained from its third quarter to its last, in the objective's units."""
    means = quarters(curve.validation)
    return float(means[3] - means[2])


def _finding(
    look: SearchState, curves: Sequence[Curve], points: float, chance: float, limit: float
) -> Finding:
    numbers = tuple(curve.number for curve in curves)
    typical = curves[int(np.argsort([_points(each) for each in curves])[len(curves) // 2])]
    shown = thinned(len(typical.validation))
    return Finding(
        kind=KIND,
        subject=look.objective,
        statement=(
            f"The best trials still improve at their last epoch: {look.objective} gets "
            f"{plain(rounded(points, 2))} better from the third quarter of the epochs to the last. "
            f"Seen in {len(curves)} trials ({listed(numbers)})."
        ),
        gain="Longer training improves the score before any other change.",
        evidence=Evidence(
            shape="line",
            x=tuple(place + 1 for place in shown),
            y=tuple(float(look.sign * typical.validation[place]) for place in shown),
            x_label="epoch",
            y_label=look.objective,
            caption=f"Trial {typical.number}.",
        ),
        confidence=Confidence(
            "paired t-test: last quarter of each curve against the third", chance, limit
        ),
        action=longer(look),
        trials=numbers[:6],
    )


def longer(look: SearchState) -> Action:
    """More epochs: a wider range in the search, or a copy with twice as many."""
    row = next((each for each in look.space.hyperparameters if each.name == EPOCHS), None)
    refuses = look.refuses.get(EPOCHS)
    if isinstance(row, Fixed) and isinstance(row.value, int):
        epochs = LONGER * row.value
        if not (refuses and refuses(epochs)):
            return Action("epochs", f"Train for {epochs} epochs", {"epochs": epochs})
    there = wider(row, "high", refuses) if row is not None else None
    if there is None:
        return Action("", "")
    return Action(
        "widen", f"Widen epochs to {plain(there.value)}", {"name": EPOCHS, "fields": there.fields}
    )
