"""Arithmetic of numeric ranges: scales, steps, rounding.

Scales are KerasTuner's three, with its formulas: linear, log (dense near the low end) and reverse_log
(dense near the high end); both log kinds need low > 0. Steps too: on a linear scale they add, on the
log kinds they multiply (16, 32, 64 …). Unlike there, both ends are reached whenever they lie on a step:
steps are counted with a tolerance and their values are rounded to the digits that the person wrote.
"""

import math
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

Scale = Literal["linear", "log", "reverse_log"]
SCALES: Final[tuple[Scale, ...]] = ("linear", "log", "reverse_log")

# Digits kept of a continuous value: enough for any search, and few enough that encoding a value
# and decoding it again gives the very same float.
DIGITS: Final = 10
TOLERANCE: Final = 1e-8


def from_unit(unit: float, low: float, high: float, scale: Scale) -> float:
    """The value at `unit` in [0, 1] of the way from low to high."""
    if scale == "linear":
        return low + unit * (high - low)
    if scale == "log":
        return low * math.exp(unit * math.log(high / low))
    return high + low - low * math.exp((1.0 - unit) * math.log(high / low))


def to_unit(value: float, low: float, high: float, scale: Scale) -> float:
    """The inverse of `from_unit`; the middle where the range is a single point."""
    if high <= low:
        return 0.5
    if scale == "linear":
        return (value - low) / (high - low)
    if scale == "log":
        return math.log(value / low) / math.log(high / low)
    return 1.0 - math.log((high + low - value) / low) / math.log(high / low)


def powers(low: float, high: float, factor: float) -> int:
    """How many of low, low·factor, low·factor² … do not exceed high."""
    return math.floor(math.log(high / low, factor) + TOLERANCE) + 1


def written_places(*numbers: float) -> int:
    """Decimal places that write all of the numbers exactly as a person wrote them."""
    return max(-int(Decimal(repr(number)).as_tuple().exponent) for number in numbers)


def significant(value: float, digits: int = 12) -> float:
    """The number rounded to so many significant digits."""
    return float(f"{value:.{digits}g}")


@lru_cache(maxsize=1024)
def linear_places(low: float, high: float) -> int:
    """Decimal places that keep ten digits of the range, but no more than floats of its size hold."""
    span = math.floor(math.log10(high - low))
    size = math.floor(math.log10(max(abs(low), abs(high))))
    return min(DIGITS - span, 14 - size)
