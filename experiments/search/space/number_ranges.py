"""Arithmetic of numeric ranges: steps, scales, rounding.

Steps as in KerasTuner: on a linear scale they add, on the log kinds they multiply (16, 32, 64 …).
Unlike there, both ends are reached whenever they lie on a step: steps are counted with a tolerance
and their values are rounded to the digits that the person wrote.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from experiments.search.reading import describe
from experiments.search.space.scales import Scale, from_unit, to_unit

# Digits kept of a continuous value: enough for any search, and few enough that encoding a value
# and decoding it again gives the very same float.
DIGITS: Final = 10
TOLERANCE: Final = 1e-8


@dataclass(frozen=True, slots=True)
class IntNumbers:
    """Whole numbers from low to high; without a step a linear range has step 1."""

    low: int
    high: int
    step: int | None
    scale: Scale

    def count(self) -> int:
        """How many."""
        if self.step is None:
            return self.high - self.low + 1
        if self.scale == "linear":
            return (self.high - self.low) // self.step + 1
        return _powers(self.low, self.high, self.step)

    def at(self, index: int) -> int:
        """The number at a 0-based index, in rising order."""
        if self.step is None:
            return self.low + index
        if self.scale == "linear":
            return self.low + index * self.step
        if self.scale == "log":
            return int(self.low * self.step**index)
        return int(self.high + self.low - self.low * self.step ** (self.count() - 1 - index))

    def index(self, value: int) -> int:
        """The index of the number nearest to `value` (exact for the range's own numbers)."""
        if self.step is None:
            return value - self.low
        if self.scale == "linear":
            return round((value - self.low) / self.step)
        if self.scale == "log":
            return round(math.log(value / self.low, self.step))
        power = round(math.log((self.high + self.low - value) / self.low, self.step))
        return self.count() - 1 - power

    def decode(self, unit: float) -> int:
        """Equal bins by index with a step or on a linear scale, else equal stretches of the scale."""
        if self.step is not None or self.scale == "linear":
            count = self.count()
            return self.at(min(max(int(unit * count), 0), count - 1))
        return self._whole(from_unit(unit, self.low, self.high + 1, self.scale))

    def _whole(self, value: float) -> int:
        return min(max(math.floor(value), self.low), self.high)

    def encode(self, value: int) -> float:
        """The middle of the bin or stretch that decodes to `value`."""
        if self.step is not None or self.scale == "linear":
            return (self.index(value) + 0.5) / self.count()
        return to_unit(value + 0.5, self.low, self.high + 1, self.scale)

    def values(self, resolution: int) -> Sequence[int]:
        """Every number, lazily; `resolution` of them where a log scale has no step."""
        if self.step is None and self.scale != "linear" and self.count() > resolution:
            return _spread_ints(self.low, self.high, self.scale, resolution)
        if self.step is None or self.scale == "linear":
            return range(self.low, self.high + 1, self.step or 1)
        return tuple(self.at(index) for index in range(self.count()))

    def problem(self, value: object) -> str:
        """Outside of the range, or between two steps."""
        assert isinstance(value, int | float)
        outside = _outside(value, self.low, self.high)
        if outside or self.step is None:
            return outside
        index = min(max(self.index(int(value)), 0), self.count() - 1)
        return "" if self.at(index) == value else _between(value, self.at(index))


@dataclass(frozen=True, slots=True)
class FloatNumbers:
    """Numbers from low to high; without a step any of them."""

    low: float
    high: float
    step: float | None
    scale: Scale

    def count(self) -> int | None:
        """How many; None without a step, unless the range is a single point."""
        if self.low == self.high:
            return 1
        if self.step is None:
            return None
        if self.scale == "linear":
            return math.floor((self.high - self.low) / self.step + TOLERANCE) + 1
        return _powers(self.low, self.high, self.step)

    def at(self, index: int) -> float:
        """The number at a 0-based index of a range with steps, in rising order."""
        step = self.step or 0.0
        count = self.count() or 1
        if self.scale == "linear":
            value = round(self.low + index * step, _places(self.low, step))
        elif self.scale == "log":
            value = _significant(self.low * step**index)
        else:
            value = _significant(self.high + self.low - self.low * step ** (count - 1 - index))
        return self._clip(value)

    def index(self, value: float) -> int:
        """The index of the step nearest to `value`."""
        step = self.step or 1.0
        count = self.count() or 1
        if count == 1:
            return 0
        if self.scale == "linear":
            found = round((value - self.low) / step)
        elif self.scale == "log":
            found = round(math.log(value / self.low, step))
        else:
            found = count - 1 - round(math.log((self.high + self.low - value) / self.low, step))
        return min(max(found, 0), count - 1)

    def _clip(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    def decode(self, unit: float) -> float:
        """Equal bins by index with steps, else along the scale, rounded to ten digits."""
        count = self.count()
        if count is not None:
            return self.low if count == 1 else self.at(min(max(int(unit * count), 0), count - 1))
        return self.canonical(from_unit(min(max(unit, 0.0), 1.0), self.low, self.high, self.scale))

    def encode(self, value: float) -> float:
        """The coordinate that decodes to `value`."""
        count = self.count()
        if count is not None:
            return (self.index(value) + 0.5) / count
        return min(max(to_unit(value, self.low, self.high, self.scale), 0.0), 1.0)

    def canonical(self, value: float) -> float:
        """The nearest step, or the number rounded to the digits that are kept."""
        if self.count() is not None:
            return self.low if self.low == self.high else self.at(self.index(value))
        if self.scale == "log":
            return self._clip(_significant(value, DIGITS))
        return self._clip(round(value, _linear_places(self.low, self.high)))

    def values(self, resolution: int) -> Sequence[float]:
        """Every step, or `resolution` numbers evenly along the scale with both ends."""
        count = self.count()
        if count is not None:
            return Steps(self, count)
        return _spread_floats(self, resolution)

    def problem(self, value: object) -> str:
        """Outside of the range, or between two steps."""
        assert isinstance(value, int | float)
        outside = _outside(value, self.low, self.high)
        if outside or self.step is None:
            return outside
        nearest = self.at(self.index(value))
        close = math.isclose(nearest, value, rel_tol=1e-9, abs_tol=TOLERANCE * self.step)
        return "" if close else _between(value, nearest)


@dataclass(frozen=True, slots=True)
class Steps(Sequence[float]):
    """The steps of a float range as a sequence that is never laid out in memory."""

    numbers: FloatNumbers
    count_: int

    def __len__(self) -> int:
        """How many."""
        return self.count_

    def __getitem__(self, index: int) -> float:  # type: ignore[override]
        """The step at an index."""
        if not -self.count_ <= index < self.count_:
            raise IndexError(index)
        return self.numbers.at(index % self.count_) if self.count_ > 1 else self.numbers.low


def _outside(value: float, low: float, high: float) -> str:
    return "" if low <= value <= high else f"Must be between {low} and {high}."


def _between(value: float, nearest: float) -> str:
    return f"{describe(value)} is between two steps. Nearest: {nearest}."


def _powers(low: float, high: float, factor: float) -> int:
    """How many of low, low·factor, low·factor² … do not exceed high."""
    return math.floor(math.log(high / low, factor) + TOLERANCE) + 1


def _places(*numbers: float) -> int:
    """Decimal places that write all of the numbers exactly as a person wrote them."""
    return max(-int(Decimal(repr(number)).as_tuple().exponent) for number in numbers)


def _significant(value: float, digits: int = 12) -> float:
    return float(f"{value:.{digits}g}")


@lru_cache(maxsize=1024)
def _linear_places(low: float, high: float) -> int:
    """Places that keep ten digits of the range, but no more than floats of its size hold."""
    span = math.floor(math.log10(high - low))
    size = math.floor(math.log10(max(abs(low), abs(high))))
    return min(DIGITS - span, 14 - size)


def _spread_ints(low: int, high: int, scale: Scale, resolution: int) -> tuple[int, ...]:
    if resolution < 2:
        return (low,)
    points = (from_unit(i / (resolution - 1), low, high, scale) for i in range(resolution))
    return tuple(dict.fromkeys(min(max(round(point), low), high) for point in points))


def _spread_floats(numbers: FloatNumbers, resolution: int) -> tuple[float, ...]:
    if resolution < 2:
        return (numbers.low,)
    return tuple(dict.fromkeys(numbers.decode(i / (resolution - 1)) for i in range(resolution)))
