"""Converts between KerasTuner's hyperparameters and rows of a space.

KerasTuner tells hyperparameters apart by name and conditions, here a name is one; and there any
number of conditions hold together, here one does, along the chain of parents. What doesn't fit is
taken over as widely as it can be, with a note.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from experiments.search.problems import SpaceError
from experiments.search.space.hyperparameter_json import NAME, RESERVED
from experiments.search.space.number_ranges import SCALES
from experiments.search.space.space import Space

Row = dict[str, Any]
Condition = dict[str, Any]
KINDS: Final = {
    "Int": "int",
    "Float": "float",
    "Choice": "choice",
    "Boolean": "boolean",
    "Fixed": "fixed",
}


class UnknownKind(Exception):
    """A hyperparameter of a kind, or in a form, that no known version writes."""


@dataclass(slots=True)
class ReadSpace:
    """names: {name in the source: name here}. notes: what is not quite as it was."""

    space: Space
    names: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_space(entries: Sequence[Mapping[str, Any]]) -> ReadSpace:
    """The space of `oracle.json`. Raises UnknownKind."""
    notes: list[str] = []
    merged: dict[str, Row] = {}
    for entry in entries:
        row = _row(entry)
        known = merged.get(row["name"])
        merged[row["name"]] = row if known is None else _merge(known, row, notes)
    names = _names(list(merged), notes)
    rows = [_usable(row, names, notes) for row in merged.values()]
    _one_condition_each(rows, notes)
    return ReadSpace(_space(rows, notes), names, notes)


def _row(entry: Mapping[str, Any]) -> Row:
    try:
        kind, config = KINDS[entry["class_name"]], dict(entry["config"])
        row: Row = {"name": str(config["name"]), "type": kind}
        row["only_if"] = [_condition(each) for each in config.get("conditions") or ()]
        row.update(_FIELDS[kind](config))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnknownKind(str(entry)[:80]) from error
    return row


def _condition(entry: Mapping[str, Any]) -> Condition:
    config = entry["config"]
    return {"name": str(config["name"]), "values": list(config["values"])}


def _numbers(config: Mapping[str, Any]) -> Row:
    scale = config.get("sampling") or "linear"
    if scale not in SCALES:
        raise ValueError(f"the sampling {scale} is unknown")
    step = config.get("step")
    low, high = config["min_value"], config["max_value"]
    if scale == "linear" and step is not None and step > high - low:
        high, step = low, None  # the only value that such a range has
    return {
        "min": low,
        "max": high,
        "step": step,
        "scale": scale,
        "default": low if config.get("default") is None else config["default"],
    }


def _whole(config: Mapping[str, Any]) -> Row:
    row = _numbers(config)
    if row["scale"] == "linear" and row["step"] == 1:
        row["step"] = None
    return row


_FIELDS: Final[dict[str, Callable[[Mapping[str, Any]], Row]]] = {
    "int": _whole,
    "float": _numbers,
    "choice": lambda config: {
        "choices": list(config["values"]),
        "ordered": config.get("ordered"),
        "default": config.get("default"),
    },
    "boolean": lambda config: {"default": config.get("default")},
    "fixed": lambda config: {"value": config["value"]},
}


def _merge(known: Row, row: Row, notes: list[str]) -> Row:
    """One row for a name that stands twice, under other conditions: whatever either allows."""
    name = known["name"]
    if (known | {"only_if": None}) != (row | {"only_if": None}):
        notes.append(
            f"{name} has several definitions under different conditions; here it "
            "becomes one hyperparameter with all of their values."
        )
    merged = known | {"only_if": _either(known["only_if"], row["only_if"])}
    if known["type"] == row["type"] in ("int", "float"):
        merged["min"] = min(known["min"], row["min"])
        merged["max"] = max(known["max"], row["max"])
        for name in ("step", "scale"):
            if known[name] != row[name]:
                merged[name] = {"step": None, "scale": "linear"}[name]
        return merged
    if known["type"] == row["type"] == "choice":
        merged["choices"] = list(dict.fromkeys([*known["choices"], *row["choices"]]))
        return merged
    if known["type"] == row["type"] == "boolean" or known == (row | {"only_if": known["only_if"]}):
        return merged
    choices = dict.fromkeys([*_some(known), *_some(row)])
    return merged | {"type": "choice", "choices": list(choices), "ordered": None}


def _some(row: Row) -> list[Any]:
    """Values that stand for a row of any kind."""
    if row["type"] in ("int", "float"):
        return [row["min"], row["max"]]
    known: dict[str, list[Any]] = {"boolean": [0, 1], "fixed": [row.get("value")]}
    return known.get(row["type"]) or list(row["choices"])


def _either(one: list[Condition], other: list[Condition]) -> list[Condition]:
    if len(one) == len(other) == 1 and one[0]["name"] == other[0]["name"]:
        values = [*one[0]["values"], *other[0]["values"]]
        return [{"name": one[0]["name"], "values": list(dict.fromkeys(values))}]
    return []


def _names(wanted: Sequence[str], notes: list[str]) -> dict[str, str]:
    """Names that a space may have; those that already are stay."""
    found = {name: name for name in wanted if NAME.fullmatch(name) and name not in RESERVED}
    for name in wanted:
        if name in found:
            continue
        plain = "".join(one if one.isascii() and one.isalnum() else "_" for one in name)
        plain = f"p_{plain}"[:56] if not plain[:1].isalpha() or plain in RESERVED else plain[:56]
        number = 2
        free = plain
        while free in found.values():
            free, number = f"{plain}_{number}", number + 1
        found[name] = free
        notes.append(f"{_shown(name)} becomes {free} here: a name has letters, digits and /-_")
    return found


def _shown(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:57]}…"


def _usable(row: Row, names: Mapping[str, str], notes: list[str]) -> Row:
    """The row in the first form that a space takes."""
    for each in row["only_if"]:
        each["name"] = names.get(each["name"], each["name"])
    row = row | {"name": names[row["name"]]}
    plain = {key: value for key, value in row.items() if key != "only_if"}
    wider = {"default": None, "step": None, "scale": "linear"}
    forms = [plain, plain | {"default": None}]
    if row["type"] in ("int", "float"):
        forms += [plain | {"default": None, "step": None}, plain | wider]
    if row["type"] == "choice":
        choices = list(dict.fromkeys(row["choices"]))
        forms += [plain | {"default": None, "choices": choices}]
    for form in forms:
        try:
            Space.from_dict({"hyperparameters": [form]})
        except SpaceError as error:
            first = error.problems[0]
            continue
        if form is not forms[0]:
            changed = ", ".join(key for key in form if form[key] != plain.get(key))
            notes.append(
                f"{row['name']} is imported without its {changed}, which isn't supported here."
            )
        return form | {"only_if": row["only_if"]}
    raise UnknownKind(f"{row['name']}: {first.message}")


def _one_condition_each(rows: Sequence[Row], notes: list[str]) -> None:
    """Leave each row the condition that its parents' own ones complete."""
    by_name = {row["name"]: row for row in rows}
    for row in rows:
        row["conditions"] = row["only_if"]
    for row in rows:
        fitting = [each for each in map(lambda c: _fitting(c, by_name), row["conditions"]) if each]
        lost = [each for each in fitting[:-1] if not _is_implied(each, fitting[-1], by_name)]
        if lost or len(fitting) < len(row["conditions"]):
            notes.append(
                f"{row['name']} has a condition that isn't supported here; it is "
                "imported without it."
            )
        row["only_if"] = fitting[-1] if fitting else None
    for row in rows:
        del row["conditions"]


def _fitting(condition: Condition, by_name: Mapping[str, Row]) -> Condition | None:
    parent = by_name.get(condition["name"])
    if parent is None or parent["type"] == "float":
        return None
    values = condition["values"]
    if parent["type"] == "choice":
        values = [int(each) if isinstance(each, bool) else each for each in values]
        values = [each for each in values if each in parent["choices"]]
    return condition | {"values": values} if values else None


def _is_implied(condition: Condition, last: Condition, by_name: Mapping[str, Row]) -> bool:
    """Whether the parent that `last` names is itself only active where `condition` holds."""
    return any(
        each["name"] == condition["name"] and set(each["values"]) <= set(condition["values"])
        for each in by_name[last["name"]]["conditions"]
    )


def _space(rows: Sequence[Row], notes: list[str]) -> Space:
    try:
        return Space.from_dict({"hyperparameters": list(rows)})
    except SpaceError as error:
        notes.append(f"No condition is imported: {error.problems[0].message}")
    try:
        return Space.from_dict({"hyperparameters": [row | {"only_if": None} for row in rows]})
    except SpaceError as error:
        raise UnknownKind(error.problems[0].message) from error
