"""Corner configurations of a space, where building or training may fail.

A corner that the constraints exclude is moved towards the defaults until they are met.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.search.history import Value, Values
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Choice, Fixed, FloatRange, IntRange
from experiments.search.space.space import Space, Unit

BATCH: Final = "batch_size"
MOST_BRANCHES: Final = 8
PULLS: Final = (1.0, 0.75, 0.5, 0.25)


@dataclass(frozen=True, slots=True)
class Corner:
    """A configuration at the edge of the space; label: which edge, in words."""

    label: str
    values: Values


def corners(space: Space) -> list[Corner]:
    """The largest and the smallest values, and the largest under each value that others depend on.

    Each configuration comes once, the one that is likeliest to fail first.
    """
    found: dict[str, Corner] = {}
    for label, unit in _points(space):
        values = _met(space, unit)
        if values is not None:
            found.setdefault(space.key(values), Corner(label, values))
    return list(found.values())


def _points(space: Space) -> Iterator[tuple[str, Unit]]:
    names = [row.name for row in space.searched]
    large = np.array([row.encode(ends(row)[1]) for row in space.searched], dtype=np.float64)
    small = np.array([row.encode(ends(row)[0]) for row in space.searched], dtype=np.float64)
    yield "largest values", large
    yield "smallest values", small
    if BATCH in names:
        slow = large.copy()
        slow[names.index(BATCH)] = small[names.index(BATCH)]
        yield "largest values, smallest batch size", slow
    parents = {row.only_if.name for row in space.hyperparameters if row.only_if is not None}
    branches = [
        (row, value) for row in space.searched if row.name in parents for value in row.values(4)
    ]
    for row, value in branches[:MOST_BRANCHES]:
        branch = large.copy()
        branch[names.index(row.name)] = row.encode(value)
        yield f"largest values, {row.name} = {value}", branch


def ends(row: Hyperparameter) -> tuple[Value, Value]:
    """The smallest and the largest value; the default twice where values have no size."""
    if isinstance(row, IntRange | FloatRange):
        listed = row.values(2)
        return listed[0], listed[-1]
    if isinstance(row, Choice):
        numbers = [value for value in row.choices if not isinstance(value, str)]
        if len(numbers) == len(row.choices):
            return min(numbers), max(numbers)
    return row.start(), row.start()


def within(space: Space, known: Space) -> bool:
    """Whether all values of a space lie between the ends of another one's, so that its corners do.

    A value that the other space holds fixed may only be that one, or a smaller number.
    """
    return all(
        row.name in known and all(_lies_in(value, known[row.name]) for value in row.values(2))
        for row in space.hyperparameters
    )


def _lies_in(value: Value, row: Hyperparameter) -> bool:
    if isinstance(value, bool | str):
        return not row.problem(value) or isinstance(row, Fixed)
    low, high = ends(row)
    if isinstance(low, str) or isinstance(high, str):
        return False
    return (0 if isinstance(row, Fixed) else low) <= value <= high


def _met(space: Space, unit: Unit) -> Values | None:
    middle = np.array([row.encode(row.start()) for row in space.searched], dtype=np.float64)
    for share in PULLS:
        values = space.decode(middle + share * (unit - middle))
        if space.meets(values):
            return values
    return None
