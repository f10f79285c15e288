"""Hyperparameters as typed axes, for libraries that ask for one value at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from experiments.search.history import Value, Values
from experiments.search.space.conditions import parents_first
from experiments.search.space.encoding import is_categorical
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import IntRange
from experiments.search.space.space import Space

Coordinate = int | float


@dataclass(frozen=True, slots=True)
class Axis:
    """kind: `category` and `index` count from 0 to count - 1, `range` goes from 0 to 1.

    An index's neighbours are alike, a category's are not.
    """

    row: Hyperparameter
    kind: Literal["category", "index", "range"]
    count: int = 0

    @classmethod
    def of(cls, row: Hyperparameter) -> "Axis":
        """The axis of a searched hyperparameter with more than one value."""
        count = row.count()
        if is_categorical(row):
            return cls(row, "category", count or 0)
        is_stretched = isinstance(row, IntRange) and row.step is None and row.scale != "linear"
        return cls(row, "range") if count is None or is_stretched else cls(row, "index", count)

    @property
    def name(self) -> str:
        """The hyperparameter's."""
        return self.row.name

    def read(self, value: Value) -> Coordinate:
        """Where a value lies."""
        unit = self.row.encode(value)
        return unit if self.kind == "range" else min(int(unit * self.count), self.count - 1)

    def value(self, coordinate: Coordinate) -> Value:
        """The value at a coordinate."""
        unit = coordinate if self.kind == "range" else (coordinate + 0.5) / self.count
        return self.row.decode(float(unit))


def axes_of(space: Space) -> dict[str, Axis]:
    """An axis for each searched hyperparameter that has something to choose."""
    return {row.name: Axis.of(row) for row in space.searched if row.count() != 1}


def assemble(space: Space, ask: Callable[[str], Value]) -> Values:
    """A configuration, asked for name by name: parents first, and only what they make active."""
    searched = axes_of(space)
    found: Values = {}
    for row in parents_first(space.hyperparameters):
        if row.name in space.active(found):
            found[row.name] = ask(row.name) if row.name in searched else row.decode(0.5)
    return {row.name: found[row.name] for row in space.hyperparameters if row.name in found}
