"""Finding: an earlier search has answered this one, so a warm start is possible."""

from typing import Final

from experiments.check_outcomes import Found, NotFound
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    percent,
)
from experiments.search.findings.search_state import SearchState, Sibling
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import Space

KIND: Final = "repeats"
FEWEST: Final = 10  # scored trials that the earlier one has
SAME: Final = 5  # configurations that both trained
COVERED: Final = 0.5  # of this space


def check(look: SearchState) -> Outcome:
    """At most one: the search that this one repeats most of. No test: counts and volumes are facts."""
    repeated = [
        each
        for each in look.siblings
        if not each.used
        and each.scored >= FEWEST
        and (each.same >= SAME or each.overlap >= COVERED)
    ]
    most = max(repeated, key=lambda each: (each.same, each.overlap), default=None)
    if most is None:
        count = len(look.siblings)
        alike = "search" if count == 1 else "searches"
        rests = f"{count or 'no'} earlier {alike} of the same data, model, split and objective"
        return NotFound((rests,))
    return Found((_finding(look, most, repeated),))


def _finding(look: SearchState, most: Sibling, repeated: list[Sibling]) -> Finding:
    trials = len(look.history)
    reason = (
        f"{most.same} of its {trials} configurations were trained there"
        if most.same >= SAME
        else f"its space covers {percent(most.overlap)} of this one"
    )
    shown = sorted(repeated, key=lambda each: -each.overlap)[:6]
    return Finding(
        kind=KIND,
        subject=most.code,
        statement=(
            f"This search repeats {most.name}: same data, model, protocol and "
            f"objective, and {reason}. None of its {most.scored} scored trials are "
            "reused."
        ),
        gain=f"{most.scored} trials are known before the first one runs.",
        evidence=Evidence(
            shape="bars",
            x=tuple(each.name for each in shown),
            y=tuple(each.overlap for each in shown),
            marked=tuple(each.code == most.code for each in shown),
            x_label="earlier search",
            y_label="share of this space",
        ),
        confidence=Confidence(
            "counted: equal configurations; computed: overlap of the space volumes"
        ),
        action=Action("reuse", f"Warm start from {most.name}"[:60], {"experiments": [most.code]}),
    )


TRIED: Final = 64  # values of a range, evenly on its scale


def overlap(space: Space, other: Space) -> float:
    """The share of `space` that `other` could draw as well, in [0, 1]; constraints are not looked at.

    A product of shares, one for each searched hyperparameter. What only the other searches changes
    nothing: this one takes it as the model has it.
    """
    share = 1.0
    for row in space.searched:
        share *= _share(row, other[row.name]) if row.name in other else 0.0
    return share if len(space) else 0.0


def _share(row: Hyperparameter, other: Hyperparameter) -> float:
    count = min(row.count() or TRIED, TRIED)
    values = [row.decode((place + 0.5) / count) for place in range(count)]
    return sum(not other.problem(value) for value in values) / count
