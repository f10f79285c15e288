"""Python source as a small tree, formatted like a formatter would.

A call that doesn't fit its line is written with one
argument a line and a trailing comma.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 88
STEP = "    "


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments…)`; each argument is a pair of a keyword (empty: positional) and code."""

    name: str
    arguments: "tuple[tuple[str, Code], ...]"


@dataclass(frozen=True, slots=True)
class Listing:
    """`[items…]`."""

    items: "tuple[Code, ...]"


Code = str | Call | Listing


def literal(value: object) -> str:
    """Write a number, string, bool, None or flat tuple as Python; floats with 12 digits at most."""
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return repr(float(f"{value:.12g}"))
    if isinstance(value, tuple | list):
        inner = ", ".join(literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def call(name: str, /, *positional: Code, **keywords: Code | None) -> Call:
    """Build a call; a keyword whose code is None is left out."""
    named = tuple((key, code) for key, code in keywords.items() if code is not None)
    return Call(name, tuple(("", code) for code in positional) + named)


def listing(items: Sequence[Code]) -> Listing:
    """Build a list."""
    return Listing(tuple(items))


def one_line(code: Code) -> str:
    """Write code without any line break."""
    if isinstance(code, str):
        return code
    if isinstance(code, Listing):
        return "[" + ", ".join(one_line(item) for item in code.items) + "]"
    return f"{code.name}({', '.join(_argument(key, item) for key, item in code.arguments)})"


def _argument(key: str, code: Code) -> str:
    return f"{key}={one_line(code)}" if key else one_line(code)


def laid_out(code: Code, *, indent: int = 1, before: str = "", after: str = "") -> str:
    """Write `before` + code + `after` at an indent (in steps of four spaces), broken to fit.

    Returns: the lines without a final line break, the first one indented too.
    """
    margin = STEP * indent
    flat = f"{margin}{before}{one_line(code)}{after}"
    if len(flat) <= WIDTH or isinstance(code, str):
        return flat
    if isinstance(code, Listing):
        opening, closing = "[", "]"
        parts: list[tuple[str, Code]] = [("", item) for item in code.items]
    else:
        opening, closing = f"{code.name}(", ")"
        parts = list(code.arguments)
    inner = [
        laid_out(item, indent=indent + 1, before=f"{key}=" if key else "", after=",")
        for key, item in parts
    ]
    return "\n".join([f"{margin}{before}{opening}", *inner, f"{margin}{closing}{after}"])
