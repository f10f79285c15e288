"""Reports: numbers fit for JSON, which has neither NaN nor infinity, and for columns. Imports nothing of the house."""

import math
from collections.abc import Iterable
from typing import Any, Final

DIGITS: Final = 4
MOST_DECIMALS: Final = 8


def finite(value: Any, digits: int | None = None) -> Any:
    """The value with NaN and infinities as None; floats rounded to `digits` significant digits."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return float(f"{value:.{digits}g}") if digits else value
    return value


def finite_list(values: Iterable[Any], digits: int | None = None) -> list[Any]:
    """`finite` of every entry; a call for each float alone, as 10,000 trials are many columns."""
    return [finite(value, digits) if type(value) is float else value for value in values]


def decimals_of(numbers: Iterable[float | None]) -> int:
    """How many decimals show four significant digits of a column's largest number."""
    largest = max(
        (abs(number) for number in numbers if number and math.isfinite(number)), default=1.0
    )
    return min(max(0, DIGITS - 1 - math.floor(math.log10(largest))), MOST_DECIMALS)
