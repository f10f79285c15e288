"""Declared values as Markdown tables: docs/guide/plan.md holds those of the plans."""

import json
from collections.abc import Iterator
from typing import Final

from experiments.number_words import thousands
from experiments.search.declarations import Declaration, declared

HEAD: Final = (
    "| value | JSON | type | default | allowed | editable | what it does |",
    "|---|---|---|---|---|---|---|",
)
TYPES: Final = {
    "whole": "whole number",
    "number": "number",
    "flag": "true or false",
    "text": "text",
    "choice": "choice",
    "texts": "list of texts",
    "other": "JSON",
}


def tables(kind: type, *, title: str, prefix: str = "", level: int = 2) -> Iterator[str]:
    """Lines of a table with the values of a dataclass, and of one for each part below it."""
    values = declared(kind)
    yield from (f"{'#' * level} {title}", "", *HEAD)
    yield from (_row(each, prefix) for each in values if each.part is None)
    yield ""
    for each in values:
        if each.part is not None:
            path = f"{prefix}{each.name}."
            yield from tables(each.part, title=each.label, prefix=path, level=level + 1)


def _row(each: Declaration, prefix: str) -> str:
    cells = (
        each.label,
        f"`{prefix}{each.name}`",
        _type(each),
        _default(each),
        _allowed(each),
        _editable(each),
        _help(each),
    )
    return f"| {' | '.join(cells)} |"


def _type(each: Declaration) -> str:
    if each.unit.size == 1:
        return f"{TYPES[each.kind]}, {each.unit.name}" if each.unit.name else TYPES[each.kind]
    inner = "seconds" if each.unit.size > 1 else "share"
    return f"{TYPES[each.kind]}, {inner} (form: {each.unit.name})"


def _default(each: Declaration) -> str:
    if each.required:
        return "required"
    if each.default is None:
        return f"`null` ({each.unset})" if each.unset else "none"
    if each.default == "":
        return f"empty ({each.unset})" if each.unset else "empty"
    return "empty" if each.default == () else f"`{json.dumps(each.default)}`"


def _allowed(each: Declaration) -> str:
    if each.choices:
        return ", ".join(
            f"`{name}`" if name == words else f"`{name}` ({words})"
            for name, words in each.choices.items()
        )
    if each.lowest is not None and each.highest is not None:
        return f"{_number(each.lowest)} to {_number(each.highest)}"
    if each.by_hand or each.kind not in ("text", "texts"):
        return ""
    length = f"up to {each.longest:,} characters"
    return f"up to {each.most}, each {length}" if each.kind == "texts" else length


def _editable(each: Declaration) -> str:
    return f"yes, link `{each.link}`" if each.link else "yes" if each.editable else ""


def _help(each: Declaration) -> str:
    if each.shown_if is None:
        return each.help
    name, values = each.shown_if
    listed = " or ".join(f"`{value}`" for value in values)
    return f"{each.help} Only if `{name}` is {listed}.".strip()


def _number(value: float) -> str:
    is_whole = float(value).is_integer() and abs(value) < 10**15
    return thousands(int(value)) if is_whole else f"{value:g}"
