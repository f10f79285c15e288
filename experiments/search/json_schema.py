"""The JSON Schema of declared values."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from experiments.file_format import FORMAT, KEY
from experiments.search.declarations import Declaration, Kind, declared

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_document(kind: type) -> dict[str, Any]:
    """The JSON Schema of a plan, complete with its dialect and title."""
    found = schema_of(kind)
    version = {
        "title": "Format",
        "type": "integer",
        "minimum": 1,
        "maximum": FORMAT,
        "default": FORMAT,
    }
    properties = {KEY: version, **found["properties"]}
    return {"$schema": DIALECT, "title": kind.__name__, **found, "properties": properties}


def schema_of(kind: type) -> dict[str, Any]:
    """The JSON Schema of an object that holds the declared values of a dataclass.

    It says what one value may be; what contradicts another value is for the plan to find. Values that a
    part reads by rules of its own have no limits here.
    """
    found = declared(kind)
    return {
        "type": "object",
        "properties": {each.name: _schema(each) for each in found},
        "required": [each.name for each in found if each.required],
        "additionalProperties": False,
    }


def _schema(each: Declaration) -> dict[str, Any]:
    about = {"title": each.label, "description": each.help}
    found: dict[str, Any] = {name: words for name, words in about.items() if words}
    if each.part is not None:
        inner = schema_of(each.part)
        may_be_null = each.optional or not inner["required"]
        return found | ({"anyOf": [inner, {"type": "null"}]} if may_be_null else inner)
    if each.kind in LIMITS and not each.by_hand:
        found |= LIMITS[each.kind](each)
    if "type" in found and each.optional:
        found["type"] = [found["type"], "null"]
    if not each.required and each.kind not in ("other", "texts"):
        found["default"] = each.default
    return found


def _numeric(type_: str) -> Callable[[Declaration], dict[str, Any]]:
    def limits(each: Declaration) -> dict[str, Any]:
        ends = {"minimum": each.lowest, "maximum": each.highest}
        return {"type": type_} | {name: end for name, end in ends.items() if end is not None}

    return limits


def _text(each: Declaration) -> dict[str, Any]:
    return {"type": "string", "minLength": each.shortest, "maxLength": each.longest}


def _texts(each: Declaration) -> dict[str, Any]:
    items = {"type": "string", "minLength": 1, "maxLength": each.longest}
    return {"type": "array", "items": items, "maxItems": each.most}


LIMITS: Final[Mapping[Kind, Callable[[Declaration], dict[str, Any]]]] = {
    "whole": _numeric("integer"),
    "number": _numeric("number"),
    "flag": lambda _: {"type": "boolean"},
    "text": _text,
    "texts": _texts,
    "choice": lambda each: {"enum": [*each.choices, *([None] if each.optional else [])]},
}
