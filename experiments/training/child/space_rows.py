"""Converts recorded hyperparameters into rows of a search space."""

import re
from typing import Any

from experiments.search.problems import ProblemsError
from experiments.search.space.hyperparameter_json import RESERVED, open_row
from experiments.search.space.space import Space
from experiments.training.child.space_recorder import Recorded

LONGEST = 64


class BadRow(Exception):
    """A hyperparameter that no search space can hold; the message names it."""


def rows_of(recorded: list[Recorded]) -> tuple[list[dict[str, Any]], dict[str, str], list[str]]:
    """Return rows, row name → the code's name, and notes for people. Raises: BadRow."""
    names = _row_names([each.name for each in recorded])
    notes: list[str] = []
    parents = _parents(recorded)
    rows = [_row(each, parents, names, notes) for each in recorded]
    for row, each in zip(rows, recorded, strict=True):
        try:
            Space.from_dict({"hyperparameters": [row | {"only_if": None}], "constraints": []})
        except ProblemsError as error:
            raise BadRow(
                f"hp.{each.kind.title()}({each.name!r}): {error.problems[0].message}"
            ) from error
    return rows, {names[each.name]: each.name for each in recorded}, notes


def _row(
    source: Recorded, parents: dict[str, set[str]], names: dict[str, str], notes: list[str]
) -> dict[str, Any]:
    kind = _kind(source)
    row = open_row(names[source.name], kind) | {
        "default": source.default,
        "only_if": _condition(source, parents, names, notes),
        "unit": "",
        "help": "" if names[source.name] == source.name else f"“{source.name}” in the code",
    }
    if kind in ("int", "float"):
        _fill_range(row, source)
    elif kind == "choice":
        row["choices"] = [_plain(value, source) for value in source.config["values"]]
        row["default"] = _plain(source.default, source)
        if row["default"] not in row["choices"]:
            raise BadRow(
                f"hp.Choice({source.name!r}): the default {source.default!r} "
                "isn't one of the choices."
            )
        if source.config["ordered"] is not None:
            row["ordered"] = bool(source.config["ordered"])
    elif kind == "fixed":
        row["value"] = _plain(source.default, source)
        row["default"] = None
    return row


def _kind(source: Recorded) -> str:
    """The form's type: KerasTuner's own models use Choice([True, False])."""
    values = source.config["values"] if source.kind == "choice" else []
    if values and all(isinstance(each, bool) for each in values):
        return "boolean" if len(set(values)) == 2 else "fixed"
    return source.kind


def _fill_range(row: dict[str, Any], source: Recorded) -> None:
    whole = source.kind == "int"
    for name in ("min", "max"):
        row[name] = _number(source.config[name], source, whole=whole)
    if source.config["step"] is not None:
        row["step"] = _number(source.config["step"], source, whole=whole)
    row["default"] = _number(source.default, source, whole=whole)
    row["scale"] = source.config["sampling"] or "linear"
    if row["min"] == row["max"]:
        row |= {"type": "fixed", "value": row["min"], "default": None, "min": None, "max": None}
        row |= {"step": None, "scale": "linear"}


def _number(value: Any, source: Recorded, *, whole: bool) -> int | float:
    words = f"hp.{source.kind.title()}({source.name!r}): {value!r}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRow(f"{words} isn't a number.")
    if whole and value != int(value):
        raise BadRow(f"{words} isn't a whole number.")
    return int(value) if whole else float(value)


def _plain(value: Any, source: Recorded) -> int | float | str | bool:
    if not isinstance(value, int | float | str | bool):
        words = "Choices must be numbers, text, True or False."
        raise BadRow(
            f"hp.{source.kind.title()}({source.name!r}): {value!r} isn't a valid value. {words}"
        )
    return value


def _condition(
    source: Recorded, parents: dict[str, set[str]], names: dict[str, str], notes: list[str]
) -> dict[str, Any] | None:
    """The nearest condition; conditions of its parents are implied."""
    known = [(parent, allowed) for parent, allowed in source.conditions if parent in names]
    above = {each for parent, _ in known for each in parents[parent]}
    nearest = [(parent, allowed) for parent, allowed in known if parent not in above]
    if not nearest:
        return None
    parent, allowed = nearest[-1]
    if len(nearest) > 1:
        others = ", ".join(each for each, _ in nearest[:-1])
        notes.append(
            f"{source.name} depends on {parent} and on {others}; its condition uses {parent} only."
        )
    return {"name": names[parent], "values": list(allowed)}


def _parents(recorded: list[Recorded]) -> dict[str, set[str]]:
    """Everything that each name depends on, however far up."""
    direct = {each.name: {parent for parent, _ in each.conditions} for each in recorded}
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
    """A unique row name for each: letters, digits and underscores."""
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
