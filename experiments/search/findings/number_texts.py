"""Numbers and lists as text in findings."""

import math
from collections.abc import Sequence

from experiments.search.history import Value


def plain(value: Value) -> str:
    """Four digits of a number, as tables write it (number_words, which this room can't see); a text as it is."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return _figures(value)
    return str(value)


def _figures(value: float) -> str:
    size = abs(value)
    if size == 0 or not math.isfinite(size):
        return f"{value:g}"
    if not 1e-3 <= size < 1e6:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{_trim(mantissa)}e{int(exponent)}"
    return _trim(f"{value:.{max(0, 3 - math.floor(math.log10(size)))}f}")


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


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
