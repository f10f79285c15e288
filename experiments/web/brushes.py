"""Web: brushed columns as an address holds them. Standard library only.

`learning_rate:0.0003..0.004;units:32..64,256..;optimizer:=adam,sgd`: a column each, with ranges
(both ends in, either may be open) or, after "=", choices. A choice is a number, true, false, none
(not active) or text; text that would be read as one of those begins with '. `static/js/lib/brushes.js`
is its twin; both run the cases of tests/js/lib/brush-cases.json.
"""

import math
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from experiments.reports.figures import finite

LONGEST = 4000
DIGITS = 7  # of the columns that the browser holds: a brush ends on what was seen there
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "none": None}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_BOUND = r"([+-]?(?:[0-9]+\.?[0-9]*?|\.[0-9]+)(?:e[+-]?[0-9]+)?)?"
_RANGE = re.compile(rf"{_BOUND}\.\.{_BOUND}", re.IGNORECASE)
_ESCAPED = re.compile(r"%(25|3A|3B|2C|7C)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Brush:
    """What one column may hold: a number in one of the ranges, or one of the choices."""

    ranges: tuple[tuple[float, float], ...] = ()
    choices: tuple[str | float | bool | None, ...] = ()

    def holds(self, value: Any) -> bool:
        """Whether a column's value lies in it; true is not 1."""
        seen = finite(value, DIGITS)
        if self.choices:
            return any(seen == each and _kind(seen) is _kind(each) for each in self.choices)
        return _kind(seen) is float and any(low <= seen <= high for low, high in self.ranges)


def read_brushes(text: str) -> dict[str, Brush]:
    """Brushes by column; what can't be read is left out."""
    found = {}
    for part in text[:LONGEST].split(";"):
        key, _, words = part.partition(":")
        brush = _read_brush(words) if key else None
        if brush is not None:
            found[_unescaped(key)] = brush
    return found


def _read_brush(text: str) -> Brush | None:
    if text.startswith("="):
        return Brush(choices=tuple(_read_choice(word) for word in text[1:].split(",")))
    ranges = [found for word in text.split(",") if (found := _read_range(word)) is not None]
    return Brush(ranges=tuple(ranges)) if ranges else None


def _read_range(text: str) -> tuple[float, float] | None:
    match = _RANGE.fullmatch(text)
    if match is None or match.groups() == (None, None):
        return None
    low = -math.inf if match[1] is None else float(match[1])
    high = math.inf if match[2] is None else float(match[2])
    return (low, high) if low <= high else None


def _read_choice(text: str) -> str | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text)
    return _unescaped(text.removeprefix("'"))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: unquote(found[0]), text)


def _kind(value: object) -> type:
    return float if type(value) is int else type(value)
