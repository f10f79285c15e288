"""Reports: numbers fit for JSON, which has neither NaN nor infinity, and for columns. Imports nothing of the house."""

import math
from collections.abc import Iterable
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Value = TypeVar("Value")
DIGITS: Final = 4
MOST_DECIMALS: Final = 8
FEW: Final = 32  # up to here arrays cost more than they save
EXACT_POWER: Final = 22  # 10^22 is the greatest power of ten that a float holds exactly
NEAR_MIDDLE: Final = 1e-6


def finite(value: Any, digits: int | None = None) -> Any:
    """The value with NaN and infinities as None; floats rounded to `digits` significant digits."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return float(f"{value:.{digits}g}") if digits else value
    return value


def finite_list(values: Iterable[Any], digits: int | None = None) -> list[Any]:
    """`finite` of every entry: floats together, as 10,000 trials are many columns."""
    found = list(values)
    places = [place for place, value in enumerate(found) if type(value) is float]
    if len(places) < FEW or not digits:
        return [finite(value, digits) if type(value) is float else value for value in found]
    rounded = rounded_list(np.array([found[place] for place in places]), digits)
    for place, value in zip(places, rounded, strict=True):
        found[place] = value
    return found


def rounded_list(numbers: FloatArray, digits: int) -> list[float | None]:
    """Floats at `digits` significant digits, None where not finite: the very floats of `f"{x:.{digits}g}"`.

    numbers: shape (n,). A quotient of whole numbers below 2^53 by a power of ten up to 10^22 is the
    float nearest to its decimal text (both are exact, and division rounds correctly). What lies so near
    the middle between two texts that the product may have crossed it goes through the text itself.
    """
    with np.errstate(all="ignore"):
        power = digits - 1 - np.floor(np.log10(np.abs(numbers)))
        scale = 10.0 ** np.clip(power, 0, EXACT_POWER)
        scaled = numbers * scale
        whole = np.round(scaled)
        found = whole / scale
        between = np.abs(np.abs(scaled - np.trunc(scaled)) - 0.5) < NEAR_MIDDLE
        by_text = np.isfinite(numbers) & (
            between | ((numbers != 0) & ((power < 0) | (power > EXACT_POWER)))
        )
    found[by_text] = [float(f"{number:.{digits}g}") for number in numbers[by_text].tolist()]
    listed: list[float | None] = found.tolist()
    for place in np.flatnonzero(~np.isfinite(numbers)).tolist():
        listed[place] = None
    return listed


def decimals_of(numbers: Iterable[float | None]) -> int:
    """How many decimals show four significant digits of a column's largest number."""
    largest = max(
        (abs(number) for number in numbers if number and math.isfinite(number)), default=1.0
    )
    return min(max(0, DIGITS - 1 - math.floor(math.log10(largest))), MOST_DECIMALS)


def thinned(values: list[Value], most: int) -> list[Value]:
    """At most `most` of the values at equal steps, the first and the last among them."""
    if len(values) <= most:
        return values
    step = (len(values) - 1) / (most - 1)
    return [values[round(index * step)] for index in range(most)]
