"""Reports: numbers fit for JSON, which has neither NaN nor infinity. Imports nothing of the house."""

import math
from typing import Any


def finite(value: Any, digits: int | None = None) -> Any:
    """The value with NaN and infinities as None; floats rounded to `digits` significant digits."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return float(f"{value:.{digits}g}") if digits else value
    return value


def finite_list(values: list[Any], digits: int | None = None) -> list[Any]:
    """`finite` of every entry."""
    return [finite(value, digits) for value in values]
