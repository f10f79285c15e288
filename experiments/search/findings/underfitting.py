"""Finding: the best trials fit not even the training rows: both scores are near a constant prediction's.

Skill is a score's share of the way from a constant prediction to the best possible value. The mean
skill of the best trials on the training rows, at their best epoch, has to be below `WEAK` by its upper
bound (Student's t), the skill on the validation rows too, and the two alike.
"""

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
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.findings.too_few_epochs import longer
from experiments.search.findings.trained_curves import (
    Curve,
    Vector,
    curves_of,
    too_few_curves,
    upper_bound,
)
from experiments.search.findings.wider_ranges import wider

KIND: Final = "underfitting"
WEAK: Final = 0.2  # of the way from a constant prediction to a perfect one
ALIKE: Final = 0.1
BEST: Final = 3  # epochs around the best whose mean counts


def check(look: SearchState) -> Outcome:
    """At most one: the model, its range or its epochs are too small, or the inputs don't tell the target."""
    if look.constant is None or look.perfect is None:
        return NotChecked("A constant prediction has no known score of this objective")
    curves = [curve for curve in curves_of(look) if len(curve.training)]
    few = too_few_curves(curves, " with the training metric")
    if few is not None:
        return few
    limit = level(1, stands=look.stands(KIND, look.objective))
    training, validation = _skills(look, curves)
    bound = upper_bound(training, limit)
    alike = abs(float(np.median(training - validation)))
    if bound >= WEAK or upper_bound(validation, limit) >= WEAK or alike > ALIKE:
        rests = (
            f"the best {len(curves)} trials go {percent(max(0.0, float(training.mean())))} of the way "
            "from a constant prediction to a perfect one on their training rows"
        )
        return NotFound((rests,))
    return Found((_finding(look, curves, training, bound, limit),))


def _skills(look: SearchState, curves: list[Curve]) -> tuple[Vector, Vector]:
    """Of each trial on training and on validation rows, at the validation's best epoch."""
    low, high = look.sign * (look.constant or 0.0), look.sign * (look.perfect or 0.0)
    way = high - low if high > low else 1.0
    found = []
    for curve in curves:
        best = int(curve.validation.argmax())
        near = slice(max(0, best - BEST // 2), best + BEST // 2 + 1)
        found.append((curve.training[near].mean(), curve.validation[near].mean()))
    skills = (np.array(found) - low) / way
    return skills[:, 0], skills[:, 1]


def _finding(
    look: SearchState, curves: list[Curve], training: Vector, bound: float, limit: float
) -> Finding:
    numbers = tuple(curve.number for curve in curves)
    shown = [look.sign * float(curve.validation.max()) for curve in curves]
    mean = max(0.0, float(training.mean()))
    return Finding(
        kind=KIND,
        subject=look.objective,
        statement=(
            f"The best trials hardly fit their own training rows: {look.objective} goes "
            f"{percent(mean)} of the way from a constant prediction ({plain(look.constant or 0.0)}) "
            f"to {plain(look.perfect or 0.0)}, on training and validation rows alike. Seen in "
            f"{len(curves)} trials ({listed(numbers)})."
        ),
        gain="A larger model or longer training fits more, unless the inputs say little about the target.",
        evidence=Evidence(
            shape="points",
            x=tuple(range(1, len(curves) + 1)),
            y=tuple(shown),
            marked=(True,) * len(curves),
            x_label="trial, by number",
            y_label=look.objective,
            caption=f"A constant prediction has {plain(look.constant or 0.0)}.",
        ),
        confidence=Confidence(
            f"upper bound of the mean share of the way on training rows, {percent(max(0.0, bound))} "
            f"(t-test, exceeded with probability {limit:.1g}); must be below {percent(WEAK)}"
        ),
        action=_larger(look),
        trials=numbers[:6],
    )


def _larger(look: SearchState) -> Action:
    """A wider range of what the number of weights grows with most; else more epochs."""
    weights = np.array([look.parameters.get(t.number, np.nan) for t in look.scored])
    grows = []
    for column, row in enumerate(look.space.searched):
        place = look.places[:, column]
        known = np.isfinite(place) & np.isfinite(weights)
        there = wider(row, "high", look.refuses.get(row.name))
        if there is None or look.encoding.categorical[column] or known.sum() < 3:
            continue
        if np.ptp(place[known]) == 0 or np.ptp(weights[known]) == 0:
            continue
        related = float(np.corrcoef(place[known], np.log1p(weights[known]))[0, 1])
        grows.append((related, row.name, there))
    most = max(grows, key=lambda each: each[0], default=None)
    if most is None or most[0] < ALIKE:
        return longer(look)
    _, name, there = most
    return Action(
        "widen", f"Widen {name} to {plain(there.value)}", {"name": name, "fields": there.fields}
    )
