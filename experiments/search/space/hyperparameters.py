"""The five kinds of hyperparameter.

They trust their fields: `rows.py` reads them out of JSON and refuses what can't work. Each kind
maps its values to one coordinate in [0, 1]; kinds with separate values split it in equal bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from experiments.search.history import Value
from experiments.search.reading import describe, number_problem, whole_problem
from experiments.search.space.hyperparameter import Hyperparameter, Kind
from experiments.search.space.number_ranges import FloatNumbers, IntNumbers
from experiments.search.space.scales import Scale


def _bin(unit: float, count: int) -> int:
    return min(max(int(unit * count), 0), count - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntRange(Hyperparameter):
    """Whole numbers from min to max. On a log scale a step multiplies, as in KerasTuner."""

    kind: ClassVar[Kind] = "int"

    min: int
    max: int
    step: int | None = None
    scale: Scale = "linear"
    numbers: IntNumbers = field(
        init=False, repr=False, compare=False
    )  # the arithmetic of its range

    def __post_init__(self) -> None:
        """Made once: searches ask ten thousands of times."""
        numbers = IntNumbers(self.min, self.max, self.step, self.scale)
        object.__setattr__(self, "numbers", numbers)

    def count(self) -> int:
        """How many whole numbers."""
        return self.numbers.count()

    def decode(self, unit: float) -> int:
        """The whole number at a coordinate."""
        return self.numbers.decode(unit)

    def encode(self, value: Value) -> float:
        """The middle of the number's stretch of [0, 1]."""
        return self.numbers.encode(int(value))

    def values(self, resolution: int) -> Sequence[int]:
        """Every number; on a log scale without a step only `resolution` of them."""
        return self.numbers.values(resolution)

    def canonical(self, value: Value) -> int:
        """As an int."""
        return int(value)

    def problem(self, value: object) -> str:
        """Not whole, outside, or between two steps."""
        if type(value) is int and self.step is None and self.min <= value <= self.max:
            return ""  # what nearly every value is, without a closer look
        return whole_problem(value) or self.numbers.problem(value)

    def details(self) -> dict[str, Any]:
        """Range, step and scale."""
        return {"min": self.min, "max": self.max, "step": self.step, "scale": self.scale}


@dataclass(frozen=True, slots=True, kw_only=True)
class FloatRange(Hyperparameter):
    """Numbers from min to max, any of them or in steps."""

    kind: ClassVar[Kind] = "float"

    min: float
    max: float
    step: float | None = None
    scale: Scale = "linear"
    numbers: FloatNumbers = field(
        init=False, repr=False, compare=False
    )  # the arithmetic of its range

    def __post_init__(self) -> None:
        """Made once: searches ask ten thousands of times."""
        numbers = FloatNumbers(self.min, self.max, self.step, self.scale)
        object.__setattr__(self, "numbers", numbers)

    def count(self) -> int | None:
        """How many steps; None without a step."""
        return self.numbers.count()

    def decode(self, unit: float) -> float:
        """The number at a coordinate."""
        return self.numbers.decode(unit)

    def encode(self, value: Value) -> float:
        """The coordinate of a number."""
        return self.numbers.encode(float(value))

    def values(self, resolution: int) -> Sequence[float]:
        """Every step, or `resolution` numbers with both ends."""
        return self.numbers.values(resolution)

    def canonical(self, value: Value) -> float:
        """As a float, on its step."""
        return self.numbers.canonical(float(value))

    def problem(self, value: object) -> str:
        """No finite number, outside, or between two steps."""
        return number_problem(value) or self.numbers.problem(value)

    def details(self) -> dict[str, Any]:
        """Range, step and scale."""
        return {"min": self.min, "max": self.max, "step": self.step, "scale": self.scale}


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
        """How many choices."""
        return len(self.choices)

    def decode(self, unit: float) -> Value:
        """The choice whose bin holds the coordinate."""
        return self.choices[_bin(unit, len(self.choices))]

    def encode(self, value: Value) -> float:
        """The middle of the choice's bin."""
        return (self.choices.index(value) + 0.5) / len(self.choices)

    def values(self, resolution: int) -> Sequence[Value]:
        """Every choice."""
        del resolution
        return self.choices

    def canonical(self, value: Value) -> Value:
        """As it stands in the list, so that 8.0 and 8 are one."""
        return self.choices[self.choices.index(value)]

    def problem(self, value: object) -> str:
        """Not in the list."""
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
        """The choices, and their order where somebody said it."""
        said = {} if self.ordered is None else {"ordered": self.ordered}
        return {"choices": list(self.choices), **said}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(Hyperparameter):
    """On or off; the upper half of [0, 1] is on."""

    kind: ClassVar[Kind] = "boolean"

    def count(self) -> int:
        """Two."""
        return 2

    def decode(self, unit: float) -> bool:
        """On from 0.5 upwards."""
        return unit >= 0.5

    def encode(self, value: Value) -> float:
        """The middle of its half."""
        return 0.75 if value else 0.25

    def values(self, resolution: int) -> Sequence[bool]:
        """Off, on."""
        del resolution
        return (False, True)

    def problem(self, value: object) -> str:
        """Anything but true and false."""
        return "" if isinstance(value, bool) else f"Must be true or false; got {describe(value)}."

    def start(self) -> Value:
        """Its default, or off."""
        return False if self.default is None else self.default

    def details(self) -> dict[str, Any]:
        """Nothing more."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed(Hyperparameter):
    """The same value in every trial: named in the values, but no dimension of the search."""

    kind: ClassVar[Kind] = "fixed"
    is_searched: ClassVar[bool] = False

    value: Value

    def count(self) -> int:
        """One."""
        return 1

    def decode(self, unit: float) -> Value:
        """Its value."""
        del unit
        return self.value

    def encode(self, value: Value) -> float:
        """The middle."""
        del value
        return 0.5

    def values(self, resolution: int) -> Sequence[Value]:
        """Its value."""
        del resolution
        return (self.value,)

    def canonical(self, value: Value) -> Value:
        """Its value."""
        del value
        return self.value

    def problem(self, value: object) -> str:
        """Any other value."""
        if value == self.value and isinstance(value, bool) == isinstance(self.value, bool):
            return ""
        return f"Fixed at {describe(self.value)}."

    def start(self) -> Value:
        """Its value."""
        return self.value

    def details(self) -> dict[str, Any]:
        """The value."""
        return {"value": self.value}
