"""Reads one hyperparameter from its JSON row.

Every problem is noted with the path of its field and a way to mend it. Fields that belong to
another type are ignored, so that a form may keep what was typed before the type was changed.
"""

import keyword
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from experiments.search.history import Value
from experiments.search.reading import Reader, describe, number_problem, text_problem
from experiments.search.space.hyperparameter import Condition, Hyperparameter
from experiments.search.space.hyperparameters import (
    Boolean,
    Choice,
    Fixed,
    FloatRange,
    IntRange,
)
from experiments.search.space.range_json import read_float_range, read_int_range

MOST_CHOICES: Final = 1000
LONGEST_TEXT: Final = 200
# Parts may stand apart by / or -, as KerasTuner's scopes write them; constraints can't name those.
NAME: Final = re.compile(r"(?=.{1,64}\Z)[A-Za-z][A-Za-z0-9_]*(?:[/-][A-Za-z0-9_]+)*")
# Words that constraints could not read as a name.
RESERVED: Final = frozenset([*keyword.kwlist, "min", "max", "abs", "log10", "true", "false"])
TYPES: Final = ("int", "float", "choice", "boolean", "fixed")
FIELDS: Final = (
    *("name", "type", "min", "max", "step", "scale", "choices", "ordered"),
    *("value", "default", "only_if", "unit", "help"),
)


def open_row(name: str, kind: str) -> dict[str, Any]:
    """A row as JSON in which all that a type may ask for is still open."""
    row: dict[str, Any] = {"name": name, "type": kind, "min": None, "max": None, "step": None}
    return row | {"scale": "linear", "choices": [], "value": None}


def read_row(reader: Reader) -> Hyperparameter | None:
    """Read a row; None when anything in it was wrong (see `reader.problems`)."""
    before = len(reader.problems)
    if not reader.is_object:
        return None
    for field in FIELDS:
        reader.take(field, default=None)
    reader.refuse_others()
    common = {
        "name": _read_name(reader),
        "only_if": _read_condition(reader),
        "unit": reader.text("unit", longest=40, default=""),
        "help": reader.text("help", longest=1000, default="", lines=True),
    }
    kind = reader.one_of("type", TYPES)
    if len(reader.problems) > before and not _has_known_type(reader):
        return None
    hyperparameter = _KINDS[kind](reader, common)
    if hyperparameter is None or len(reader.problems) > before:
        return None
    default = hyperparameter.default
    problem = "" if default is None else hyperparameter.problem(default)
    if problem:
        reader.note("default", f"The default is invalid: {problem}")
    return None if problem else hyperparameter


def _has_known_type(reader: Reader) -> bool:
    return reader.take("type", default=None) in TYPES


def _read_name(reader: Reader) -> str:
    before = len(reader.problems)
    name = reader.text("name", longest=64, shortest=1)
    if len(reader.problems) > before:
        return ""
    if not NAME.fullmatch(name):
        mend = (
            "Use letters, digits and underscores, starting with a letter, such as "
            "learning_rate. A slash or dash may join parts, such as mlp/units."
        )
        reader.note("name", f"{describe(name)} isn't a valid name. {mend}")
    elif name in RESERVED:
        reader.note("name", f"{describe(name)} is a keyword of constraints. Choose another name.")
    return name


def _read_condition(reader: Reader) -> Condition | None:
    if reader.take("only_if", default=None) is None:
        return None
    inner = reader.child("only_if")
    name = inner.text("name", longest=64, shortest=1)
    values = inner.items("values", longest=MOST_CHOICES)
    inner.refuse_others()
    if not values and inner.has("values"):
        inner.note("values", "Name at least one value of the parent.")
    for index, value in enumerate(values):
        problem = value_problem(value)
        if problem:
            inner.note(f"values.{index}", problem)
            return None
    return Condition(name, tuple(values))


def value_problem(value: object) -> str:
    """Say why something can be no value of any hyperparameter; empty when it can."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, str):
        too_long = f"Longer than {LONGEST_TEXT} characters."
        empty = "Empty text isn't allowed."
        problem = "" if value.strip() else empty
        problem = problem or (too_long if len(value) > LONGEST_TEXT else "")
        return problem or text_problem(value, lines=False)
    return number_problem(value).replace(
        "Expected a number", "Expected text, a number, true or false"
    )


def _int(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    numbers = read_int_range(reader)
    if numbers is None:
        return None
    fields: dict[str, Any] = {"min": numbers.low, "max": numbers.high, "step": numbers.step}
    default = reader.take("default", default=None)
    whole = isinstance(default, float) and default.is_integer()
    return IntRange(
        **common, **fields, scale=numbers.scale, default=int(default) if whole else default
    )


def _float(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    numbers = read_float_range(reader)
    if numbers is None:
        return None
    fields: dict[str, Any] = {"min": numbers.low, "max": numbers.high, "step": numbers.step}
    default = reader.take("default", default=None)
    whole = (
        isinstance(default, int) and not isinstance(default, bool) and not number_problem(default)
    )
    return FloatRange(
        **common, **fields, scale=numbers.scale, default=float(default) if whole else default
    )


def _choice(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    before = len(reader.problems)
    choices = reader.items("choices", longest=MOST_CHOICES)
    if len(reader.problems) > before:
        return None
    if not choices:
        reader.note("choices", "The list is empty. Add at least one choice.")
        return None
    for index, choice in enumerate(choices):
        problem = value_problem(choice)
        if problem:
            reader.note(f"choices.{index}", problem)
    if len(reader.problems) > before:
        return None
    problem = _mixture_problem(choices)
    if problem:
        reader.note("choices", problem)
        return None
    if any(isinstance(choice, float) for choice in choices):
        choices = [float(choice) for choice in choices]
    default = _as_choice(reader.take("default", default=None), choices)
    return Choice(**common, choices=tuple(choices), default=default, ordered=_read_ordered(reader))


def _read_ordered(reader: Reader) -> bool | None:
    ordered = reader.take("ordered", default=None)
    if ordered is None or isinstance(ordered, bool):
        return ordered
    reader.note("ordered", f"Must be true or false; got {describe(ordered)}.")
    return None


def _as_choice(default: Any, choices: list[Any]) -> Any:
    number = isinstance(default, int | float) and not isinstance(default, bool)
    return choices[choices.index(default)] if number and default in choices else default


def _mixture_problem(choices: list[Any]) -> str:
    if any(isinstance(choice, bool) for choice in choices):
        return "Use the type boolean for true and false."
    if len({isinstance(choice, str) for choice in choices}) > 1:
        return "Text and numbers are mixed. Use one of them only."
    seen: set[Value] = set()
    for choice in choices:
        if choice in seen:
            return f"{describe(choice)} appears twice."
        seen.add(choice)
    return ""


def _boolean(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    return Boolean(**common, default=reader.take("default", default=None))


def _fixed(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    value = reader.take("value", default=None)
    if value is None:
        reader.note("value", "A fixed hyperparameter needs a value.")
        return None
    problem = value_problem(value)
    if problem:
        reader.note("value", problem)
        return None
    return Fixed(**common, value=value)


_KINDS: Final = cast(
    dict[str, Callable[[Reader, Mapping[str, Any]], Hyperparameter | None]],
    {"int": _int, "float": _float, "choice": _choice, "boolean": _boolean, "fixed": _fixed},
)
