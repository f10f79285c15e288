"""Maps between a range and [0, 1] on a scale.

KerasTuner's three scales, with its formulas: linear, log (dense near the low end) and reverse_log
(dense near the high end). Both log kinds need low > 0.
"""

import math
from typing import Final, Literal

Scale = Literal["linear", "log", "reverse_log"]
SCALES: Final[tuple[Scale, ...]] = ("linear", "log", "reverse_log")


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
