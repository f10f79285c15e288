"""Room: web; imports the kernel only. The rows of the space table: form fields ↔ JSON rows.

A row's fields are named `space-<i>-<field>`. An unticked row is held at `value`, and its type and
range stay in the form, so that ticking it again brings them back.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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
    "value",
    "default",
    "only_if",
    "unit",
    "help",
)


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
        row: dict[str, Any] = {
            "name": fields["name"].strip(),
            "type": fields["type"] if self.is_tuned else "fixed",
            "min": None,
            "max": None,
            "step": None,
            "scale": "linear",
            "choices": [],
            "value": None,
            "default": _blank_as_none(fields["default"]),
            "only_if": read_condition(fields["only_if"]),
            "unit": fields["unit"],
            "help": fields["help"],
        }
        if not self.is_tuned:
            row["value"] = _blank_as_none(fields["value"])
            row["default"] = None
        elif fields["type"] in ("int", "float"):
            row |= {part: typed.number(fields[part]) for part in ("min", "max", "step")}
            row["scale"] = fields["scale"]
        elif fields["type"] == "choice":
            row["choices"] = [typed.scalar(text) for text in typed.listed(fields["choices"])]
        return row


def read_rows(posted: Mapping[str, str]) -> list[SpaceRow]:
    """Collect the rows of a form, in the order of their numbers."""
    found: dict[int, Fields] = {}
    for key, value in posted.items():
        match = ROW_FIELD.fullmatch(key)
        if match and match[2] in NAMES:
            found.setdefault(int(match[1]), {})[match[2]] = value
    return [SpaceRow(index, _with_defaults(found[index])) for index in sorted(found)]


def rows_from_json(
    rows: Iterable[Any], declared: Mapping[str, Mapping[str, Any]]
) -> list[SpaceRow]:
    """Show JSON rows as form rows; `declared` gives a held row the range that its model offers."""
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


def _fields_from(row: Mapping[str, Any], declared: Mapping[str, Any]) -> Fields:
    held = row.get("type") == "fixed"
    shape = declared if held and declared else row
    kind = str(shape.get("type", "float"))
    value = row.get("value") if held else row.get("default")
    choices = shape.get("choices")
    return {
        "name": typed.shown(row.get("name")),
        "tune": "" if held else "1",
        "type": _type_of(value) if kind == "fixed" else kind,
        "min": typed.shown(shape.get("min")),
        "max": typed.shown(shape.get("max")),
        "step": typed.shown(shape.get("step")),
        "scale": str(shape.get("scale") or "linear"),
        "choices": ", ".join(
            typed.shown_scalar(entry) for entry in (choices if isinstance(choices, list) else [])
        ),
        "value": typed.shown_scalar(value),
        "default": typed.shown_scalar(shape.get("default")),
        "only_if": show_condition(row.get("only_if")),
        "unit": typed.shown(row.get("unit")),
        "help": typed.shown(row.get("help")),
    }


def _type_of(value: Any) -> str:
    """Offer a type for a held value whose model names no range for it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int"
    return "float" if isinstance(value, float) else "choice"


def _with_defaults(fields: Fields) -> Fields:
    """Fill what a script left out; a row without `tune` is tuned unless it only gives a value."""
    given = dict.fromkeys(NAMES, "") | {"type": "float", "scale": "linear"} | fields
    if "tune" not in fields:
        held = "value" in fields and not {"min", "max", "choices"} & fields.keys()
        given["tune"] = "" if held else "1"
    return given


def _blank_as_none(text: str) -> Any:
    return typed.scalar(text) if text.strip() else None
