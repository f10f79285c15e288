"""Converts recorded hyperparameters into rows of a search space."""

import re
from typing import Any

from experiments.search.problems import ProblemsError
from experiments.search.space.hyperparameter_json import RESERVED, open_row
from experiments.search.space.space import Space
from experiments.training.child.space_recorder import Asked

LONGEST = 64


class BadRow(Exception):
    """A question that no search space can hold; the message names it."""


def rows_of(asked: list[Asked]) -> tuple[list[dict[str, Any]], dict[str, str], list[str]]:
    """Return rows, row name → the code's name, and notes for people. Raises: BadRow."""
    names = _row_names([each.name for each in asked])
    notes: list[str] = []
    parents = _parents(asked)
    rows = [_row(each, parents, names, notes) for each in asked]
    for row, each in zip(rows, asked, strict=True):
        try:
            Space.from_dict({"hyperparameters": [row | {"only_if": None}], "constraints": []})
        except ProblemsError as error:
            raise BadRow(
                f"hp.{each.kind.title()}({each.name!r}): {error.problems[0].message}"
            ) from error
    return rows, {names[each.name]: each.name for each in asked}, notes


def _row(
    asked: Asked, parents: dict[str, set[str]], names: dict[str, str], notes: list[str]
) -> dict[str, Any]:
    kind = _kind(asked)
    row = open_row(names[asked.name], kind) | {
        "default": asked.default,
        "only_if": _condition(asked, parents, names, notes),
        "unit": "",
        "help": "" if names[asked.name] == asked.name else f"“{asked.name}” in the code",
    }
    if kind in ("int", "float"):
        _fill_range(row, asked)
    elif kind == "choice":
        row["choices"] = [_plain(value, asked) for value in asked.row["values"]]
        row["default"] = _plain(asked.default, asked)
        if row["default"] not in row["choices"]:
            raise BadRow(
                f"hp.Choice({asked.name!r}): the default {asked.default!r} "
                "isn't one of the choices."
            )
        if asked.row["ordered"] is not None:
            row["ordered"] = bool(asked.row["ordered"])
    elif kind == "fixed":
        row["value"] = _plain(asked.default, asked)
        row["default"] = None
    return row


def _kind(asked: Asked) -> str:
    """As the form has it: KerasTuner's own models ask for Choice([True, False])."""
    values = asked.row["values"] if asked.kind == "choice" else []
    if values and all(isinstance(each, bool) for each in values):
        return "boolean" if len(set(values)) == 2 else "fixed"
    return asked.kind


def _fill_range(row: dict[str, Any], asked: Asked) -> None:
    whole = asked.kind == "int"
    for name in ("min", "max"):
        row[name] = _number(asked.row[name], asked, whole=whole)
    if asked.row["step"] is not None:
        row["step"] = _number(asked.row["step"], asked, whole=whole)
    row["default"] = _number(asked.default, asked, whole=whole)
    row["scale"] = asked.row["sampling"] or "linear"
    if row["min"] == row["max"]:
        row |= {"type": "fixed", "value": row["min"], "default": None, "min": None, "max": None}
        row |= {"step": None, "scale": "linear"}


def _number(value: Any, asked: Asked, *, whole: bool) -> int | float:
    words = f"hp.{asked.kind.title()}({asked.name!r}): {value!r}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRow(f"{words} isn't a number.")
    if whole and value != int(value):
        raise BadRow(f"{words} isn't a whole number.")
    return int(value) if whole else float(value)


def _plain(value: Any, asked: Asked) -> int | float | str | bool:
    if not isinstance(value, int | float | str | bool):
        words = "Choices must be numbers, text, True or False."
        raise BadRow(
            f"hp.{asked.kind.title()}({asked.name!r}): {value!r} isn't a valid value. {words}"
        )
    return value


def _condition(
    asked: Asked, parents: dict[str, set[str]], names: dict[str, str], notes: list[str]
) -> dict[str, Any] | None:
    """The nearest condition: those that it depends on in its turn need no mention."""
    known = [(parent, allowed) for parent, allowed in asked.conditions if parent in names]
    above = {each for parent, _ in known for each in parents[parent]}
    nearest = [(parent, allowed) for parent, allowed in known if parent not in above]
    if not nearest:
        return None
    parent, allowed = nearest[-1]
    if len(nearest) > 1:
        others = ", ".join(each for each, _ in nearest[:-1])
        notes.append(
            f"{asked.name} depends on {parent} and on {others}; its condition uses {parent} only."
        )
    return {"name": names[parent], "values": list(allowed)}


def _parents(asked: list[Asked]) -> dict[str, set[str]]:
    """Everything that each name depends on, however far up."""
    direct = {each.name: {parent for parent, _ in each.conditions} for each in asked}
    found: dict[str, set[str]] = {}
    for name in direct:
        above, queue = set(), list(direct[name])
        while queue:
            parent = queue.pop()
            if parent not in above and parent in direct:
                above.add(parent)
                queue += direct[parent]
        found[name] = above
    return found


def _row_names(originals: list[str]) -> dict[str, str]:
    """A name of a row for each: letters, digits and underscores, none twice."""
    names: dict[str, str] = {}
    for original in originals:
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", original).strip("_") or "value"
        plain = plain if plain[0].isalpha() else f"p_{plain}"
        plain = f"{plain}_" if plain in RESERVED else plain
        name, count = plain[:LONGEST], 1
        while name in names.values():
            count += 1
            name = f"{plain[: LONGEST - 4]}_{count}"
        names[original] = name
    return names
