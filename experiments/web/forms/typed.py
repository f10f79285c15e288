"""Turns what a person typed into JSON values, and back; wrong text stays text.

Text that isn't a number reaches the plan unchanged, so that the one validator names it.
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


def counted(text: str, size: float, *, whole: bool) -> Any:
    """Read a number that a person counts in units of `size`: "30" minutes are 1800 seconds.

    Anything else is as `number` reads it. whole: to the nearest whole number, and 1
    rather than 0 for what is above 0.
    """
    value = number(text.strip().removesuffix("%"))
    if size == 1 or isinstance(value, str | None) or not abs(value) < 1e30:
        return text if isinstance(value, str) else value
    found = value * size
    if not whole:
        return round(found, 12)
    return max(1, round(found)) if value > 0 else int(found)
