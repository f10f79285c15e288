"""Room: web; imports the kernel only. The rows of the space table: form fields ↔ JSON rows.

A row's fields are named `space-<i>-<field>`. An unticked row is fixed at `value`, and its type and
range stay in the form, so that ticking it again brings them back.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.search.reading import Reader
from experiments.search.space.hyperparameter_json import open_row, read_row
from experiments.web.forms import typed

Fields = dict[str, str]

ROW_FIELD = re.compile(r"space-(\d{1,4})-([a-z_]{1,10})")
NAMES = (
    "name",
    "tune",
    "type",
    "min",
    "max",
    "step",
    "scale",
    "choices",
    "ordered",
    "value",
    "default",
    "only_if",
    "unit",
    "help",
)


BLANK: Fields = dict.fromkeys(NAMES, "") | {"type": "float", "scale": "linear", "tune": "1"}


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """One row as typed; `index` is the number in its field names."""

    index: int
    fields: Fields

    @property
    def is_tuned(self) -> bool:
        """Whether the search varies this name."""
        return self.fields["tune"] == "1"

    def to_json(self) -> dict[str, Any]:
        """Write the row that the space reads."""
        fields = self.fields
        row = open_row(fields["name"].strip(), fields["type"] if self.is_tuned else "fixed") | {
            "default": _blank_as_none(fields["default"]),
            "only_if": read_condition(fields["only_if"]),
            "unit": fields["unit"],
            "help": fields["help"],
        }
        if not self.is_tuned:
            row["value"] = _fixed_value(fields["value"], fields["type"])
            row["default"] = None
        elif fields["type"] in ("int", "float"):
            row |= {part: typed.number(fields[part]) for part in ("min", "max", "step")}
            row["scale"] = fields["scale"]
        elif fields["type"] == "choice":
            row |= _read_choices(fields)
        return _fitting(row) if self.is_tuned else row


def read_rows(posted: Mapping[str, str], defaults: Sequence[SpaceRow]) -> list[SpaceRow]:
    """Read a form's rows in the order of the model's own; a name that was not posted is as there.

    A posted row may leave fields out: they are as in the model's row of that name. Rows that the
    model doesn't have come last, for the validator to name.
    """
    found: dict[int, Fields] = {}
    for key, value in posted.items():
        match = ROW_FIELD.fullmatch(key)
        if match and match[2] in NAMES:
            found.setdefault(int(match[1]), {})[match[2]] = value
    free = max(found, default=-1) + 1
    merged = []
    for default in defaults:
        name = default.fields["name"]
        index = next((i for i in sorted(found) if found[i].get("name", "").strip() == name), None)
        if index is None:
            merged.append(SpaceRow(free, default.fields))
            free += 1
        else:
            merged.append(SpaceRow(index, _completed(found.pop(index), default.fields)))
    strangers = [SpaceRow(index, _completed(found[index], BLANK)) for index in sorted(found)]
    return merged + strangers


def rows_from_json(
    rows: Iterable[Any], declared: Mapping[str, Mapping[str, Any]]
) -> list[SpaceRow]:
    """Show JSON rows as form rows; `declared` gives a fixed row the range that its model offers."""
    return [
        SpaceRow(index, _fields_from(row, declared.get(str(row.get("name")), {})))
        for index, row in enumerate(row for row in rows if isinstance(row, dict))
    ]


def read_condition(text: str) -> dict[str, Any] | None:
    """Read "optimizer = sgd, rmsprop"; text without "=" becomes a condition without values."""
    if not text.strip():
        return None
    name, _, values = text.partition("=")
    return {"name": name.strip(), "values": [typed.scalar(part) for part in typed.listed(values)]}


def show_condition(condition: Any) -> str:
    """Write a condition as `read_condition` reads it."""
    if not isinstance(condition, dict):
        return ""
    values = condition.get("values")
    listed = values if isinstance(values, list) else [values]
    return f"{condition.get('name', '')} = {', '.join(typed.shown_scalar(v) for v in listed)}"


def _read_choices(fields: Fields) -> dict[str, Any]:
    """The list and, unless that is left to its kind, whether it is ordered: 1 or 0."""
    choices = [typed.scalar(text) for text in typed.listed(fields["choices"])]
    order = fields["ordered"].strip()
    said = {"ordered": {"1": True, "0": False}.get(order, order)} if order else {}
    return {"choices": choices, **said}


def _fields_from(row: Mapping[str, Any], declared: Mapping[str, Any]) -> Fields:
    is_fixed = row.get("type") == "fixed"
    shape = declared if is_fixed and declared else row
    kind = str(shape.get("type", "float"))
    value = row.get("value") if is_fixed else row.get("default")
    choices = shape.get("choices")
    return {
        "name": typed.shown(row.get("name")),
        "tune": "" if is_fixed else "1",
        "type": _type_of(value) if kind == "fixed" else kind,
        "min": typed.shown(shape.get("min")),
        "max": typed.shown(shape.get("max")),
        "step": typed.shown(shape.get("step")),
        "scale": str(shape.get("scale") or "linear"),
        "choices": ", ".join(
            typed.shown_scalar(entry) for entry in (choices if isinstance(choices, list) else [])
        ),
        "ordered": _ordered(shape.get("ordered")),
        "value": (typed.shown if isinstance(value, float) else typed.shown_scalar)(value),
        "default": typed.shown_scalar(shape.get("default")),
        "only_if": show_condition(row.get("only_if")),
        "unit": typed.shown(row.get("unit")),
        "help": typed.shown(row.get("help")),
    }


def _ordered(value: Any) -> str:
    """Yes, no, or left to the list's own order."""
    return "1" if value is True else "0" if value is False else ""


def _type_of(value: Any) -> str:
    """Offer a type for a fixed value whose model names no range for it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "choice"


def _completed(fields: Fields, default: Fields) -> Fields:
    """Fill what a script left out: a row that only gives a value is fixed, else it is tuned."""
    given = default | fields
    if "tune" not in fields:
        ranged = bool({"min", "max", "choices"} & fields.keys())
        is_fixed = "value" in fields and not ranged
        given["tune"] = "" if is_fixed else "1" if ranged else given["tune"]
    return given


def _fitting(row: dict[str, Any]) -> dict[str, Any]:
    """Drop a default that no longer lies in the range: the table doesn't show it."""
    reader = Reader(row)
    read_row(reader)
    if reader.problems and all(problem.path == "default" for problem in reader.problems):
        return row | {"default": None}
    return row


def _fixed_value(text: str, kind: str) -> Any:
    """Read a fixed value; a float's whole number stays a float."""
    value = _blank_as_none(text)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15
    return float(value) if kind == "float" and whole else value


def _blank_as_none(text: str) -> Any:
    return typed.scalar(text) if text.strip() else None
