"""Numbers as text for people.

`static/js/lib/format.js` is its twin, tested by the same cases.
"""

import math

NOTHING = "–"
MINUS = "−"


def figures(value: float | None, digits: int = 4) -> str:
    """A score: `digits` significant digits, zeros kept so that columns align."""
    if value is None:
        return NOTHING
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    size = abs(value)
    if not 1e-3 <= size < 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return _trim(mantissa) + "e" + str(int(exponent))
    places = max(0, digits - 1 - math.floor(math.log10(size)))
    return f"{value:.{places}f}"


def decimals(value: float | None, count: int) -> str:
    """A number of a column in which all have as many decimals."""
    if value is None:
        return NOTHING
    return f"{value:.{count}f}" if math.isfinite(value) else figures(value)


def plain(value: object, digits: int = 4) -> str:
    """A hyperparameter's value, or a number in a sentence: significant digits, no trailing zeros; words as they are."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = figures(value, digits)
        return text if "e" in text else _trim(text)
    return str(value)


def signed(value: float | None) -> str:
    """A difference with its sign, to the fourth decimal; a zero is a dash."""
    if value is None or value == 0 or not math.isfinite(value):
        return NOTHING
    return ("+" if value > 0 else MINUS) + _small(abs(value))


def spread(value: float | None) -> str:
    """A standard deviation or the size of a difference, to the fourth decimal as scores are."""
    return "" if value is None or not math.isfinite(value) else _small(abs(value))


def compact(value: float | None) -> str:
    """A count of parameters: 51 k, 0.31 M."""
    if value is None:
        return NOTHING
    if value < 1000:
        return f"{value:.0f}"
    if value < 100_000:
        return f"{_trim(figures(value / 1000, 2))} k"
    return f"{_trim(figures(value / 1e6, 2))} M"


def thousands(value: float | None) -> str:
    """A count with separators: 10,000."""
    return NOTHING if value is None else f"{value:,.0f}"


def duration(seconds: float | None) -> str:
    """A length of time in one or two units: 0.4 s, 41 s, 12 min, 1 h 20 min, 3 d 4 h."""
    if seconds is None or not math.isfinite(seconds):
        return NOTHING
    if seconds < 10:
        return f"{_trim(f'{seconds:.1f}')} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def brief(seconds: float | None) -> str:
    """A length of time that may be far below a second: 20 ms, then as `duration`."""
    if seconds is None or not math.isfinite(seconds) or seconds >= 1:
        return duration(seconds)
    return f"{max(1.0, seconds * 1000):.0f} ms"


def size(count: float | None) -> str:
    """Bytes in a decimal unit: 3.2 GB."""
    if count is None:
        return NOTHING
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} B" if unit == "B" else f"{_trim(figures(amount, 2))} {unit}"
        amount /= 1000
    return f"{_trim(figures(amount, 2))} TB"


def _small(value: float) -> str:
    if 0 < value < 5e-5:
        return figures(value, 1)
    return f"{value:.4f}" if value < 1 else figures(value, 3)


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
