"""Reads one hyperparameter from its JSON row.

Every problem is noted with the path of its field and its fix. Fields that belong to
another type are ignored, so that a form may keep what was typed before the type was changed.
"""

import keyword
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from experiments.search.history import Value
from experiments.search.reading import (
    REQUIRED,
    Reader,
    describe,
    number_problem,
    text_problem,
    whole_problem,
)
from experiments.search.space.hyperparameter import Condition, Hyperparameter
from experiments.search.space.hyperparameters import (
    Boolean,
    Choice,
    Fixed,
    FloatRange,
    IntRange,
)
from experiments.search.space.number_ranges import SCALES, TOLERANCE, Scale

MOST_CHOICES: Final = 1000
LONGEST_TEXT: Final = 200
MOST_STEPS: Final = 10**12
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
    if len(reader.problems) > before and reader.take("type", default=None) not in TYPES:
        return None
    hyperparameter = _KINDS[kind](reader, common)
    if hyperparameter is None or len(reader.problems) > before:
        return None
    default = hyperparameter.default
    problem = "" if default is None else hyperparameter.problem(default)
    if problem:
        reader.note("default", f"The default is invalid: {problem}")
    return None if problem else hyperparameter


def _read_name(reader: Reader) -> str:
    before = len(reader.problems)
    name = reader.text("name", longest=64, shortest=1)
    if len(reader.problems) > before:
        return ""
    if not NAME.fullmatch(name):
        reader.note(
            "name",
            f"{describe(name)} isn't a valid name. Use letters, digits and underscores, starting "
            "with a letter, such as learning_rate. A slash or dash may join parts, such as mlp/units.",
        )
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
        if not value.strip():
            return "Empty text isn't allowed."
        if len(value) > LONGEST_TEXT:
            return f"Longer than {LONGEST_TEXT} characters."
        return text_problem(value, lines=False)
    return number_problem(value).replace(
        "Expected a number", "Expected text, a number, true or false"
    )


def _int(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    fields = _range(reader, int)
    if fields is None:
        return None
    default = reader.take("default", default=None)
    if isinstance(default, float) and default.is_integer():
        default = int(default)
    return IntRange(**common, **fields, default=default)


def _float(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    fields = _range(reader, float)
    if fields is None:
        return None
    default = reader.take("default", default=None)
    if type(default) is int and not number_problem(default):
        default = float(default)
    row = FloatRange(**common, **fields, default=default)
    if (row.count() or 0) > MOST_STEPS:
        reader.note("step", "Has more than 1,000,000,000,000 values. Use a larger step, or none.")
    return row


def _range(reader: Reader, kind: type[int] | type[float]) -> dict[str, Any] | None:
    """Ends, step and scale of a range; None when anything is wrong."""
    before = len(reader.problems)
    low, high = _number(reader, "min", kind), _number(reader, "max", kind)
    step = _number(reader, "step", kind, default=None)
    scale: Scale = "linear"
    if reader.take("scale", default=None) is not None:
        scale = cast(Scale, reader.one_of("scale", SCALES))
    if len(reader.problems) == before:
        _check_range(reader, low, high, step, scale)
    if len(reader.problems) > before:
        return None
    return {"min": low, "max": high, "step": step, "scale": scale}


def _number(
    reader: Reader, name: str, kind: type[int] | type[float], default: Any = REQUIRED
) -> Any:
    value = reader.take(name, default=default)
    if value is None:
        return None
    problem = whole_problem(value) if kind is int else number_problem(value)
    if not problem and name == "step" and value <= 0:
        problem = "The step must be greater than 0. Leave it empty for none."
    if problem:
        reader.note(name, problem)
        return None
    return kind(value)


def _check_range(reader: Reader, low: float, high: float, step: float | None, scale: str) -> None:
    if low > high:
        reader.note("min", f"The minimum {low} is greater than the maximum {high}. Swap them.")
    elif scale != "linear" and low <= 0:
        word = "log" if scale == "log" else "reverse log"
        start = "include 0" if low == 0 else "include negative numbers"
        smallest = 1 if isinstance(low, int) and isinstance(high, int) else 0.0001
        reader.note("min", f"A {word} scale can't {start}. Use a minimum of {smallest} or more.")
    elif step is None:
        return
    elif scale == "linear" and step > (high - low) * (1 + TOLERANCE):
        most = f"{high - low:.10g}"
        reader.note("step", f"The step {step} is larger than the range. Use at most {most}.")
    elif scale != "linear" and step <= 1:
        message = f"On a log scale the step is a factor: 2 gives {low}, {2 * low}, {4 * low} …"
        reader.note("step", f"{message} It must be greater than 1.")
    elif scale != "linear" and step > high / low * (1 + TOLERANCE):
        message = f"On a log scale the step is a factor; {step} exceeds the range at once."
        reader.note("step", f"{message} Use at most {high / low:g}.")


def _choice(reader: Reader, common: Mapping[str, Any]) -> Hyperparameter | None:
    before = len(reader.problems)
    choices = reader.items("choices", longest=MOST_CHOICES)
    for index, choice in enumerate(choices):
        if problem := value_problem(choice):
            reader.note(f"choices.{index}", problem)
    if len(reader.problems) == before and (problem := _list_problem(choices)):
        reader.note("choices", problem)
    if len(reader.problems) > before:
        return None
    if any(isinstance(choice, float) for choice in choices):
        choices = [float(choice) for choice in choices]
    default = reader.take("default", default=None)
    if type(default) in (int, float) and default in choices:
        default = choices[choices.index(default)]
    ordered = None if reader.take("ordered", default=None) is None else reader.flag("ordered")
    return Choice(**common, choices=tuple(choices), default=default, ordered=ordered)


def _list_problem(choices: list[Any]) -> str:
    if not choices:
        return "The list is empty. Add at least one choice."
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
