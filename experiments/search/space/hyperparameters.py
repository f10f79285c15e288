"""The five kinds of hyperparameter.

They trust their fields: `hyperparameter_json.py` reads them out of JSON and refuses what can't work. Each
kind maps its values to one coordinate in [0, 1]; kinds with separate values split it in equal bins.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from experiments.search.history import Value
from experiments.search.reading import describe, number_problem, whole_problem
from experiments.search.space.hyperparameter import Hyperparameter, Kind
from experiments.search.space.number_ranges import (
    DIGITS,
    TOLERANCE,
    Scale,
    from_unit,
    linear_places,
    powers,
    significant,
    to_unit,
    written_places,
)


def _bin(unit: float, count: int) -> int:
    return min(max(int(unit * count), 0), count - 1)


def _outside(value: float, low: float, high: float) -> str:
    return "" if low <= value <= high else f"Must be between {low} and {high}."


def _between(value: object, nearest: float) -> str:
    return f"{describe(value)} is between two steps. Nearest: {nearest}."


@dataclass(frozen=True, slots=True, kw_only=True)
class IntRange(Hyperparameter):
    """Whole numbers from min to max. On a log scale a step multiplies, as in KerasTuner.

    Without a step a linear range has step 1, a log range equal stretches of its scale.
    """

    kind: ClassVar[Kind] = "int"

    min: int
    max: int
    step: int | None = None
    scale: Scale = "linear"

    def count(self) -> int:
        if self.step is None:
            return self.max - self.min + 1
        if self.scale == "linear":
            return (self.max - self.min) // self.step + 1
        return powers(self.min, self.max, self.step)

    def at(self, index: int) -> int:
        """The number at a 0-based index, in rising order."""
        if self.step is None:
            return self.min + index
        if self.scale == "linear":
            return self.min + index * self.step
        if self.scale == "log":
            return int(self.min * self.step**index)
        return int(self.max + self.min - self.min * self.step ** (self.count() - 1 - index))

    def index(self, value: int) -> int:
        """The index of the number nearest to `value` (exact for the range's own numbers)."""
        if self.step is None:
            return value - self.min
        if self.scale == "linear":
            return round((value - self.min) / self.step)
        if self.scale == "log":
            return round(math.log(value / self.min, self.step))
        power = round(math.log((self.max + self.min - value) / self.min, self.step))
        return self.count() - 1 - power

    def decode(self, unit: float) -> int:
        if self.step is not None or self.scale == "linear":
            return self.at(_bin(unit, self.count()))
        value = from_unit(unit, self.min, self.max + 1, self.scale)
        return min(max(math.floor(value), self.min), self.max)

    def encode(self, value: Value) -> float:
        """The middle of the bin or stretch that decodes to `value`."""
        whole = int(value)
        if self.step is not None or self.scale == "linear":
            return (self.index(whole) + 0.5) / self.count()
        return to_unit(whole + 0.5, self.min, self.max + 1, self.scale)

    def values(self, resolution: int) -> Sequence[int]:
        """Every number; `resolution` of them where a log scale has no step."""
        if self.step is None and self.scale != "linear" and self.count() > resolution:
            return self._spread(resolution)
        if self.step is None or self.scale == "linear":
            return range(self.min, self.max + 1, self.step or 1)
        return tuple(self.at(index) for index in range(self.count()))

    def _spread(self, resolution: int) -> tuple[int, ...]:
        if resolution < 2:
            return (self.min,)
        shares = (index / (resolution - 1) for index in range(resolution))
        points = (from_unit(share, self.min, self.max, self.scale) for share in shares)
        return tuple(dict.fromkeys(min(max(round(point), self.min), self.max) for point in points))

    def canonical(self, value: Value) -> int:
        return int(value)

    def problem(self, value: object) -> str:
        """Not whole, outside, or between two steps."""
        if type(value) is int and self.step is None and self.min <= value <= self.max:
            return ""  # what nearly every value is, without a closer look
        problem = whole_problem(value)
        if problem:
            return problem
        assert isinstance(value, int | float)
        outside = _outside(value, self.min, self.max)
        if outside or self.step is None:
            return outside
        nearest = self.at(min(max(self.index(int(value)), 0), self.count() - 1))
        return "" if nearest == value else _between(value, nearest)

    def details(self) -> dict[str, Any]:
        return {"min": self.min, "max": self.max, "step": self.step, "scale": self.scale}


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatRange(Hyperparameter):
    """Numbers from min to max, any of them or in steps."""

    kind: ClassVar[Kind] = "float"

    min: float
    max: float
    step: float | None = None
    scale: Scale = "linear"

    def count(self) -> int | None:
        """How many; None without a step, unless the range is a single point."""
        if self.min == self.max:
            return 1
        if self.step is None:
            return None
        if self.scale == "linear":
            return math.floor((self.max - self.min) / self.step + TOLERANCE) + 1
        return powers(self.min, self.max, self.step)

    def at(self, index: int) -> float:
        """The number at a 0-based index of a range with steps, in rising order."""
        step = self.step or 0.0
        count = self.count() or 1
        if self.scale == "linear":
            value = round(self.min + index * step, written_places(self.min, step))
        elif self.scale == "log":
            value = significant(self.min * step**index)
        else:
            value = significant(self.max + self.min - self.min * step ** (count - 1 - index))
        return self._clip(value)

    def index(self, value: float) -> int:
        """The index of the step nearest to `value`."""
        step = self.step or 1.0
        count = self.count() or 1
        if count == 1:
            return 0
        if self.scale == "linear":
            found = round((value - self.min) / step)
        elif self.scale == "log":
            found = round(math.log(value / self.min, step))
        else:
            found = count - 1 - round(math.log((self.max + self.min - value) / self.min, step))
        return min(max(found, 0), count - 1)

    def _clip(self, value: float) -> float:
        return min(max(value, self.min), self.max)

    def decode(self, unit: float) -> float:
        count = self.count()
        if count is not None:
            return self.min if count == 1 else self.at(_bin(unit, count))
        return self.canonical(from_unit(min(max(unit, 0.0), 1.0), self.min, self.max, self.scale))

    def encode(self, value: Value) -> float:
        number, count = float(value), self.count()
        if count is not None:
            return (self.index(number) + 0.5) / count
        return min(max(to_unit(number, self.min, self.max, self.scale), 0.0), 1.0)

    def canonical(self, value: Value) -> float:
        """The nearest step, or the number rounded to the digits that are kept."""
        number = float(value)
        if self.count() is not None:
            return self.min if self.min == self.max else self.at(self.index(number))
        if self.scale == "log":
            return self._clip(significant(number, DIGITS))
        return self._clip(round(number, linear_places(self.min, self.max)))

    def values(self, resolution: int) -> Sequence[float]:
        """Every step, or `resolution` numbers evenly along the scale with both ends."""
        count = self.count()
        if count is not None:
            return Steps(self, count)
        if resolution < 2:
            return (self.min,)
        return tuple(dict.fromkeys(self.decode(i / (resolution - 1)) for i in range(resolution)))

    def problem(self, value: object) -> str:
        """No finite number, outside, or between two steps."""
        problem = number_problem(value)
        if problem:
            return problem
        assert isinstance(value, int | float)
        outside = _outside(value, self.min, self.max)
        if outside or self.step is None:
            return outside
        nearest = self.at(self.index(value))
        close = math.isclose(nearest, value, rel_tol=1e-9, abs_tol=TOLERANCE * self.step)
        return "" if close else _between(value, nearest)

    def details(self) -> dict[str, Any]:
        return {"min": self.min, "max": self.max, "step": self.step, "scale": self.scale}


@dataclass(frozen=True, slots=True)
class Steps(Sequence[float]):
    """The steps of a range in rising order, never laid out in memory."""

    row: IntRange | FloatRange
    length: int

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> float:  # type: ignore[override]
        if not -self.length <= index < self.length:
            raise IndexError(index)
        return self.row.at(index % self.length) if self.length > 1 else self.row.min


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Hyperparameter):
    """One of a list: all texts, all whole numbers or all floats.

    ordered: whether neighbours in the list are alike; None = numbers that rise or fall are.
    """

    kind: ClassVar[Kind] = "choice"

    choices: tuple[Value, ...]
    ordered: bool | None = None

    @property
    def is_ordered(self) -> bool:
        """Whether samplers may take neighbours in the list as alike."""
        if self.ordered is not None:
            return self.ordered
        numbers = [value for value in self.choices if not isinstance(value, str)]
        listed = sorted(numbers)
        return len(numbers) == len(self.choices) and numbers in (listed, listed[::-1])

    def count(self) -> int:
        return len(self.choices)

    def decode(self, unit: float) -> Value:
        return self.choices[_bin(unit, len(self.choices))]

    def encode(self, value: Value) -> float:
        return (self.choices.index(value) + 0.5) / len(self.choices)

    def values(self, resolution: int) -> Sequence[Value]:
        return self.choices

    def canonical(self, value: Value) -> Value:
        """As it stands in the list, so that 8.0 and 8 are one."""
        return self.choices[self.choices.index(value)]

    def problem(self, value: object) -> str:
        same = isinstance(value, bool) == isinstance(self.choices[0], bool)
        if isinstance(value, int | float | str) and same and value in self.choices:
            return ""
        return f"{describe(value)} isn't one of its choices."

    def start(self) -> Value:
        """Its default, or the middle one of ordered choices and the first of others."""
        if self.default is not None:
            return self.default
        return self.decode(0.5) if self.is_ordered else self.choices[0]

    def details(self) -> dict[str, Any]:
        """The choices, and their order where it was given."""
        given = {} if self.ordered is None else {"ordered": self.ordered}
        return {"choices": list(self.choices), **given}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(Hyperparameter):
    """On or off; the upper half of [0, 1] is on."""

    kind: ClassVar[Kind] = "boolean"

    def count(self) -> int:
        return 2

    def decode(self, unit: float) -> bool:
        return unit >= 0.5

    def encode(self, value: Value) -> float:
        return 0.75 if value else 0.25

    def values(self, resolution: int) -> Sequence[bool]:
        return (False, True)

    def problem(self, value: object) -> str:
        return "" if isinstance(value, bool) else f"Must be true or false; got {describe(value)}."

    def start(self) -> Value:
        return False if self.default is None else self.default

    def details(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Hyperparameter):
    """The same value in every trial: named in the values, but no dimension of the search."""

    kind: ClassVar[Kind] = "fixed"
    is_searched: ClassVar[bool] = False

    value: Value

    def count(self) -> int:
        return 1

    def decode(self, unit: float) -> Value:
        return self.value

    def encode(self, value: Value) -> float:
        return 0.5

    def values(self, resolution: int) -> Sequence[Value]:
        return (self.value,)

    def canonical(self, value: Value) -> Value:
        return self.value

    def problem(self, value: object) -> str:
        if value == self.value and isinstance(value, bool) == isinstance(self.value, bool):
            return ""
        return f"Fixed at {describe(self.value)}."

    def start(self) -> Value:
        return self.value

    def details(self) -> dict[str, Any]:
        return {"value": self.value}
