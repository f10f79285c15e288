"""Room: search (standard library only). Numbers and lists as findings say them."""

import math
from collections.abc import Sequence

from experiments.search.history import Value


def plain(value: Value) -> str:
    """Four digits of a number, a text as it is."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def percent(share: float) -> str:
    """A share in whole percents, small ones with one digit."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def rounded(value: float, digits: int = 1) -> float:
    """To so many significant digits."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else value


def listed(numbers: Sequence[int], most: int = 3) -> str:
    """Such as "3, 7, 9 and 4 more"."""
    shown = ", ".join(str(number) for number in numbers[:most])
    return f"{shown} and {len(numbers) - most} more" if len(numbers) > most else shown
