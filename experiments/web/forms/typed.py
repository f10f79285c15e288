"""Room: web. Turns what a person typed into JSON values, and back; wrong text stays text.

Text that is no number goes on to the plan as it is, so that the one validator names it.
"""

import re
from typing import Any

WHOLE = re.compile(r"[+-]?\d{1,30}")
LISTED = re.compile(r"[,\n]")


def number(text: str) -> Any:
    """Read a number: "32" is an int, "1e-3" a float; empty is None; anything else stays text."""
    stripped = text.strip().replace("\u2212", "-")
    if not stripped:
        return None
    if WHOLE.fullmatch(stripped):
        return int(stripped)
    try:
        return float(stripped)
    except ValueError:
        return text


def scalar(text: str) -> Any:
    """Read one choice: true and false are booleans, numbers are numbers, the rest is text."""
    stripped = text.strip()
    if stripped.lower() in ("true", "false"):
        return stripped.lower() == "true"
    if len(stripped) > 1 and stripped[0] == stripped[-1] == '"':
        return stripped[1:-1]
    value = number(stripped)
    return stripped if value is None or isinstance(value, str) else value


def listed(text: str) -> list[str]:
    """Split a list that was typed with commas or line breaks; empty entries fall away."""
    return [part.strip() for part in LISTED.split(text) if part.strip()]


def lines(text: str) -> list[str]:
    """Split text into its lines; empty ones fall away."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def shown(value: Any) -> str:
    """Write a field's JSON value as a person would type it: 1.0 reads 1."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e6 else f"{value:.12g}"
    return str(value)


def shown_scalar(value: Any) -> str:
    """Write one choice so that `scalar` reads the same value with the same type again."""
    if isinstance(value, float) and value.is_integer():
        return repr(value)
    if isinstance(value, str) and scalar(value) != value:
        return f'"{value}"'
    return shown(value)


def percent(text: str) -> Any:
    """Read "20" or "20 %" as the share 0.2; anything else as `number` does."""
    value = number(text.strip().removesuffix("%"))
    if isinstance(value, int | float):
        return round(value / 100, 12)
    return text if value is not None else None


def shown_percent(value: Any) -> str:
    """Write a share as a percentage without its sign."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)
    return shown(round(float(value) * 100, 10))


def minutes(text: str) -> Any:
    """Read minutes as the nearest whole seconds; "0.5" is 30; anything else as `number` does."""
    return _seconds(text, 60)


def shown_minutes(value: Any) -> str:
    """Write seconds as minutes."""
    return _shown_in(value, 60)


def hours(text: str) -> Any:
    """Read hours as the nearest whole seconds; anything else as `number` does."""
    return _seconds(text, 3600)


def shown_hours(value: Any) -> str:
    """Write seconds as hours."""
    return _shown_in(value, 3600)


def _seconds(text: str, unit: int) -> Any:
    value = number(text)
    if isinstance(value, int):
        return value * unit
    if isinstance(value, float) and abs(value) < 1e12:
        return max(1, round(value * unit)) if value > 0 else int(value * unit)
    return value


def _shown_in(value: Any, unit: int) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)
    return shown(value / unit)
