"""Converts values of another search into a configuration of this space."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from experiments.number_words import plain
from experiments.search.history import Value, Values
from experiments.search.reading import is_number
from experiments.search.space.conditions import parents_first
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Choice, FloatRange, IntRange
from experiments.search.space.space import Space


@dataclass(frozen=True, slots=True)
class ReusedTrial:
    """What became of one configuration. reason: why there are no values, in words."""

    values: Values | None
    reason: str = ""


@dataclass(slots=True)
class ReusedTrials:
    """What became of many: the `places` of those that fit, their values, and why others don't."""

    places: list[int] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)


def reuse_trial(space: Space, given: Mapping[str, object]) -> ReusedTrial:
    """The nearest configuration of the space, or why there is none.

    Names that the space doesn't have, and values that are inactive there, are left out. What is
    missing takes its default, and what is fixed its fixed value. A number between two steps moves
    to the nearer one. A value of another type, or outside, has no place: all of it is left out.
    """
    if not any(row.name in given for row in space.searched):
        return ReusedTrial(None, "It has none of the hyperparameters searched here.")
    found: Values = {}
    for row in parents_first(space.hyperparameters):
        if not row.is_active(found, found):
            continue
        value = given.get(row.name)
        if value is None or not row.is_searched:
            found[row.name] = row.canonical(row.start())
            continue
        fitting = nearest(row, value)
        if fitting is None:
            return ReusedTrial(None, f"{row.name}: {_problem(row, value)}")
        found[row.name] = fitting
    values = space.canonical(found)
    for constraint in space.constraints:
        if not constraint.holds(values):
            return ReusedTrial(None, f"Violates the constraint {constraint.text}")
    return ReusedTrial(values)


def _problem(row: Hyperparameter, value: object) -> str:
    """In four digits: all of a drawn float would fill a line, and no two would be one reason."""
    short = float(f"{value:.4g}") if isinstance(value, float) else value
    return row.problem(short) or row.problem(value)


def reuse_trials(space: Space, many: Iterable[Mapping[str, object]]) -> ReusedTrials:
    """Each configuration of a list."""
    found = ReusedTrials()
    for place, given in enumerate(many):
        carried = reuse_trial(space, given)
        if carried.values is None:
            found.reasons[carried.reason] += 1
        else:
            found.places.append(place)
            found.values.append(carried.values)
    return found


def nearest(row: Hyperparameter, value: object) -> Value | None:
    """The hyperparameter's value that is this one, or the step beside it; None = there is none."""
    if isinstance(value, int | float | str) and not row.problem(value):
        return row.canonical(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_number(value):
        return None
    if isinstance(row, IntRange | FloatRange):
        if not row.min <= value <= row.max:
            return None
        return row.decode(row.encode(round(value) if isinstance(row, IntRange) else value))
    if not isinstance(row, Choice) or not row.is_ordered:
        return None
    numbers = [each for each in row.choices if isinstance(each, int | float) and is_number(each)]
    if not numbers or not min(numbers) <= value <= max(numbers):
        return None
    return min(numbers, key=lambda each: abs(each - value))


def reasons_in_words(reasons: Mapping[str, int], most: int = 3) -> str:
    """The reasons with their counts, the commonest first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    words = [f"{reason.rstrip('.')} ({count:,})" for reason, count in ordered[:most]]
    if len(ordered) > most:
        words.append(f"{len(ordered) - most} other reasons")
    return "; ".join(words)


def shared_names(space: Space, rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Searched hyperparameters of the space that another search's rows have too, by name."""
    known = {row.get("name") for row in rows}
    return [row.name for row in space.searched if row.name in known]


def values_in_words(space: Space, values: Mapping[str, object]) -> str:
    """The values of what is searched, in four digits; the rest is the same in every trial."""
    names = (row.name for row in space.searched if row.name in values)
    return ", ".join(f"{name} {plain(values[name])}" for name in names)
