"""Configurations that people add: one as fields, several as text; nothing is saved here."""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from experiments.models import Experiment
from experiments.search.history import Value, Values
from experiments.search.problems import SpaceError
from experiments.search.space.conditions import parents_first
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, FloatRange, IntRange
from experiments.search.space.space import Space
from experiments.search.warm_plan import read_given
from experiments.services.trials.queued_configurations import MOST
from experiments.web.forms import typed
from experiments.web.forms.plan_field import Pairs

DELIMITERS: Final = ",;\t"
SCORE: Final = "score"
JSON_START = re.compile(r"\s*[\[{]")


def read_configurations(text: str) -> Any:
    """Read them as the plan holds them; a line that is none stays text for the validator to name."""
    if not text.strip():
        return []
    if not JSON_START.match(text):
        return _read_csv(text)
    if text.lstrip().startswith("["):
        return _read_list(text)
    return [_read_line(line) for line in typed.lines(text)]


def show_configurations(entries: Any) -> str:
    """Write them as JSON, one a line, so that `read_configurations` reads the same again."""
    if not isinstance(entries, list | tuple):
        return typed.shown(entries)
    return "\n".join(_line(entry) for entry in entries)


def _read_csv(text: str) -> list[Any]:
    """Rows by the names of the first line; an empty cell is left out."""
    lines = text.strip().removeprefix("\ufeff").splitlines()
    delimiter = max(DELIMITERS, key=lines[0].count)
    try:
        header, *rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return lines
    names = [name.strip() for name in header]
    if not rows:
        return lines
    return [_row(names, cells) for cells in rows if any(cell.strip() for cell in cells)]


def _row(names: list[str], cells: list[str]) -> Any:
    if len(cells) != len(names) or len(set(names)) != len(names):
        return DELIMITERS[0].join(cells)
    given = {
        name: typed.scalar(cell) for name, cell in zip(names, cells, strict=True) if cell.strip()
    }
    return _entry(given)


def _read_list(text: str) -> Any:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    return [_entry(each) if isinstance(each, dict) else each for each in entries]


def _read_line(line: str) -> Any:
    try:
        found = json.loads(line.rstrip(","))
    except (ValueError, RecursionError):
        return line
    return _entry(found) if isinstance(found, dict) else found


def _entry(given: dict[str, Any]) -> dict[str, Any]:
    """Split the score from the values; what the JSON of a plan holds stays as it is."""
    if isinstance(given.get("values"), dict):
        return {"score": None} | given
    values = {name: value for name, value in given.items() if name != SCORE}
    return {"values": values, "score": given.get(SCORE)}


def _line(entry: Any) -> str:
    if not isinstance(entry, dict) or not isinstance(entry.get("values"), dict):
        return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
    values, score = entry["values"], entry.get("score")
    if set(entry) - {"values", "score"} or {"values", "score"} & set(values):
        return json.dumps(entry, ensure_ascii=False)
    flat = values if score is None else values | {SCORE: score}
    return json.dumps(flat, ensure_ascii=False)


PREFIX: Final = "value-"
MISSING: Final = "The value is missing."


@dataclass(frozen=True, slots=True)
class ValueField:
    """One hyperparameter with what was typed, whether its condition holds, and what is wrong."""

    row: Hyperparameter
    value: str
    is_active: bool
    error: str

    @property
    def key(self) -> str:
        """The field's name in the form."""
        return PREFIX + self.row.name

    @property
    def choices(self) -> Pairs:
        """What it can be, as it is sent and as it is read; empty for a number."""
        if isinstance(self.row, Choice):
            return tuple((typed.shown_scalar(choice), str(choice)) for choice in self.row.choices)
        is_boolean = isinstance(self.row, Boolean)
        return (("true", "yes"), ("false", "no")) if is_boolean else ()

    @property
    def parent_values(self) -> tuple[str, ...]:
        """Values of its parent with which it counts."""
        condition = self.row.only_if
        return tuple(map(typed.shown_scalar, condition.values)) if condition else ()

    @property
    def hint(self) -> str:
        """Its range, and when it counts."""
        condition = self.row.only_if
        words = (
            f"only if {condition.name} is {' or '.join(self.parent_values)}" if condition else ""
        )
        return " · ".join(filter(None, (_range(self.row), words)))


@dataclass(frozen=True, slots=True)
class Read:
    """What was typed: values, or what is wrong by field; `general`: what no one field is to blame for."""

    values: Values | None
    errors: dict[str, str]
    general: str = ""


def space_of(experiment: Experiment) -> Space:
    """The space as it stands now."""
    return Space.from_dict(experiment.space_versions.order_by("-number")[0].space)


def typed_from(space: Space, values: Mapping[str, object]) -> dict[str, str]:
    """The fields filled with a configuration, and with defaults where it has no value."""
    return {
        PREFIX + row.name: _shown(values[row.name]) if row.name in values else _default(row)
        for row in space.searched
    }


def _shown(value: object) -> str:
    """All digits of a number: the configuration must come out as the one that it was."""
    text = typed.shown_scalar(value)
    return repr(value) if isinstance(value, float) and float(text) != value else text


def _default(row: Hyperparameter) -> str:
    """The default; the middle of a range that has none in few digits."""
    value = row.start()
    if isinstance(value, float):
        rounded = float(f"{value:.3g}")
        value = value if row.problem(rounded) else rounded
    return _shown(value)


def read_configuration(space: Space, posted: Mapping[str, str]) -> Read:
    """Read the fields; every problem at its field."""
    found: Values = {}
    errors: dict[str, str] = {}
    for row in parents_first(space.hyperparameters):
        if not _is_active(row, found):
            continue
        if not row.is_searched:
            found[row.name] = row.canonical(row.start())
            continue
        value = _read_value(row, posted.get(PREFIX + row.name, ""))
        problem = MISSING if value is None else row.problem(value)
        if problem or value is None:
            errors[row.name] = problem
        else:
            found[row.name] = row.canonical(value)
    if errors:
        return Read(None, errors)
    values = space.canonical(found)
    try:
        space.check(values)
    except SpaceError as error:
        return Read(None, {}, " ".join(problem.message for problem in error.problems))
    return Read(values, {})


def value_fields(
    space: Space, posted: Mapping[str, str], errors: Mapping[str, str]
) -> tuple[ValueField, ...]:
    """The fields as they are drawn, in the space's order."""
    active: Values = {}
    for row in parents_first(space.hyperparameters):
        if _is_active(row, active):
            value = (
                _read_value(row, posted.get(PREFIX + row.name, "")) if row.is_searched else None
            )
            active[row.name] = row.start() if value is None else value
    return tuple(
        ValueField(
            row,
            posted.get(PREFIX + row.name, ""),
            row.name in active,
            errors.get(row.name, ""),
        )
        for row in space.searched
    )


def read_several(space: Space, text: str) -> tuple[list[Values], str]:
    """Configurations as JSON lines or CSV, and what is wrong with the first that can't be tried."""
    entries = read_configurations(text)
    if not isinstance(entries, list) or not entries:
        return [], "Expected at least one configuration."
    if len(entries) > MOST:
        return [], f"Expected at most {MOST} configurations; got {len(entries):,}."
    found = []
    for number, entry in enumerate(entries, start=1):
        given, problem = read_given(entry, space)
        if not problem and given.score is not None:
            problem = "Known results can't be added to a running search. Remove the score to queue the configuration."
        read = given.configuration(space) if not problem else None
        if read is None:
            return [], f"Row {number}: {problem}"
        found.append(read)
    return found, ""


def _is_active(row: Hyperparameter, found: Mapping[str, Value]) -> bool:
    condition = row.only_if
    if condition is None:
        return True
    return condition.name in found and found[condition.name] in condition.values


def _read_value(row: Hyperparameter, text: str) -> Any:
    if not text.strip():
        return None
    if isinstance(row, Choice):
        by_text = {typed.shown_scalar(choice): choice for choice in row.choices}
        return by_text.get(text, typed.scalar(text))
    return typed.scalar(text) if isinstance(row, Boolean) else typed.number(text)


def _range(row: Hyperparameter) -> str:
    if not isinstance(row, IntRange | FloatRange):
        return ""
    words = f"{typed.shown(row.min)} to {typed.shown(row.max)}"
    if row.step and row.step != 1:
        by = "times" if isinstance(row, IntRange) and row.scale == "log" else "in steps of"
        words += f" {by} {typed.shown(row.step)}"
    return words
