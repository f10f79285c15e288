"""A link that opens the edit page with a change filled in: docs/guide/editing.md has its grammar.

Nothing is saved by a link. The page lists what can't be applied.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from experiments.file_format import KEY, format_problem
from experiments.web.forms import typed
from experiments.web.forms.edit.values import LINKED
from experiments.web.forms.experiment.fields import LABELS
from experiments.web.forms.experiment.form import ExperimentForm
from experiments.web.forms.experiment.space_rows import Fields, SpaceRow

STRATEGIES: Final = ("sampler", "pruner")
RULES: Final = ("forbid", "rule")
LONGEST: Final = 500
MOST: Final = 100


class Refused(ValueError):
    """A part of a link that asks for what can't be done; its text says why."""


@dataclass(slots=True)
class Filled:
    """The forms with what a link asks for. names: of fields and rows that it changed."""

    plain: dict[str, str]
    form: ExperimentForm
    names: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def plain_changes(self) -> dict[str, str]:
        """The plain fields that it changed."""
        return {name: self.plain[name] for name in self.names if name in self.plain}

    @property
    def words(self) -> list[str]:
        """What it changed, by the names that stand on the page; plain fields with their values."""
        return [
            f"{LABELS[name]} {self.plain[name]}" if name in self.plain else LABELS.get(name, name)
            for name in self.names
        ]

    def note(self, name: str) -> None:
        """Remember that something was changed."""
        if name not in self.names:
            self.names.append(name)


def fill(asked: list[tuple[str, str]], plain: Mapping[str, str], form: ExperimentForm) -> Filled:
    """Fill in each (key, value) of an address's query, in turn; unknown keys are other people's."""
    filled = Filled(dict(plain), form)
    newer = [words for key, text in asked if key == KEY and (words := _newer(text))]
    if newer:
        filled.refused.append(newer[0])
        return filled
    for key, text in asked[:MOST]:
        try:
            _fill_one(filled, key, text)
        except Refused as refusal:
            filled.refused.append(f"{key}={text[:80]}: {refusal}")
    return filled


def _newer(text: str) -> str:
    return format_problem(int(text) if text.isdecimal() and len(text) < 10 else text, "link")


def _fill_one(filled: Filled, key: str, text: str) -> None:
    if key in ROWS:
        _change_row(filled, key, text)
    elif key in LINKED:
        _change_plain(filled, LINKED[key], text.strip())
    elif key in STRATEGIES:
        _change_field(filled, key, text)
    elif key in RULES:
        _add_rule(filled, key, text.strip())


def _change_plain(filled: Filled, name: str, text: str) -> None:
    if name not in filled.plain:
        raise Refused("This experiment has no such setting.")
    if not isinstance(typed.number(text), int | float):
        raise Refused("Expected a number.")
    if filled.plain.get(name) != text:
        filled.plain[name] = text
        filled.note(name)


def _change_field(filled: Filled, name: str, text: str) -> None:
    if filled.form.fields.get(name) != text:
        filled.form = replace(filled.form, fields=filled.form.fields | {name: text})
        filled.note(name)


def _add_rule(filled: Filled, key: str, text: str) -> None:
    rule = f"not ({text})" if key == "forbid" else text
    if not text or len(rule) > LONGEST or "\n" in rule:
        raise Refused(f"A rule is one line of 1 to {LONGEST} characters.")
    lines = typed.lines(filled.form.fields.get("constraints", ""))
    if rule not in lines:
        _change_field(filled, "constraints", "\n".join([*lines, rule]))


def _change_row(filled: Filled, key: str, text: str) -> None:
    name, _, rest = text.partition(":")
    rows = list(filled.form.rows)
    place = next((i for i, row in enumerate(rows) if row.fields["name"] == name), None)
    if place is None:
        raise Refused(f"This search has no hyperparameter {name[:64]}.")
    before = rows[place]
    fields = before.fields | ROWS[key](before, rest)
    if fields != before.fields:
        rows[place] = SpaceRow(before.index, fields)
        filled.form = replace(filled.form, rows=rows)
        filled.note(name)


def _widen(row: SpaceRow, rest: str) -> Fields:
    """The smallest range that holds its own and the given one."""
    low, high = _ends(row, rest)
    return _range(min(low, _own(row, "min")), max(high, _own(row, "max")))


def _narrow(row: SpaceRow, rest: str) -> Fields:
    """What its own range and the given one have in common."""
    low, high = _ends(row, rest)
    low, high = max(low, _own(row, "min")), min(high, _own(row, "max"))
    if low > high:
        raise Refused("The two ranges do not overlap.")
    return _range(low, high)


def _range(low: float, high: float) -> Fields:
    return {"min": typed.shown(low), "max": typed.shown(high)}


def _ends(row: SpaceRow, rest: str) -> tuple[float, float]:
    """The two ends of "16:1024"; one that is left out is its own."""
    if not row.is_tuned or row.fields["type"] not in ("int", "float"):
        raise Refused("It has no range. Use tune, fix, add, drop or keep.")
    low, _, high = rest.partition(":")
    return _end(row, "min", low), _end(row, "max", high)


def _end(row: SpaceRow, side: str, text: str) -> float:
    value = typed.number(text)
    if value is None:
        return _own(row, side)
    if isinstance(value, int | float):
        return value
    raise Refused(f"Expected a number; got {text[:40]}.")


def _own(row: SpaceRow, side: str) -> float:
    value = typed.number(row.fields[side])
    if isinstance(value, int | float):
        return value
    raise Refused("Its range in the form is incomplete.")


def _choices(row: SpaceRow, rest: str) -> tuple[list[str], list[str]]:
    """Its own choices and the given ones."""
    if not row.is_tuned or row.fields["type"] != "choice":
        raise Refused("It has no choices. Use widen, narrow or fix.")
    given = typed.listed(rest)
    if not given:
        raise Refused("Name at least one choice.")
    return typed.listed(row.fields["choices"]), given


def _add(row: SpaceRow, rest: str) -> Fields:
    own, given = _choices(row, rest)
    return {"choices": ", ".join(dict.fromkeys([*own, *given]))}


def _drop(row: SpaceRow, rest: str) -> Fields:
    own, given = _choices(row, rest)
    return {"choices": ", ".join(each for each in own if each not in given)}


def _keep(row: SpaceRow, rest: str) -> Fields:
    own, given = _choices(row, rest)
    kept = [each for each in own if each in given]
    if not kept:
        raise Refused("None of these is one of its choices.")
    return {"choices": ", ".join(kept)}


def _fix(row: SpaceRow, rest: str) -> Fields:
    del row
    if not rest.strip():
        raise Refused("Name the value, such as fix=units:128.")
    return {"tune": "", "value": rest.strip()}


def _tune(row: SpaceRow, rest: str) -> Fields:
    """Search it again, over its stored range or the given one."""
    found = {"tune": "1"}
    if not rest.strip():
        return found
    tuned = SpaceRow(row.index, row.fields | found)
    if row.fields["type"] == "choice":
        _choices(tuned, rest)
        return found | {"choices": ", ".join(typed.listed(rest))}
    low, high = _ends(tuned, rest)
    return found | _range(low, high)


def _default(row: SpaceRow, rest: str) -> Fields:
    del row
    return {"default": rest.strip()}


ROWS: Final[Mapping[str, Callable[[SpaceRow, str], Fields]]] = {
    "widen": _widen,
    "narrow": _narrow,
    "add": _add,
    "drop": _drop,
    "keep": _keep,
    "fix": _fix,
    "tune": _tune,
    "default": _default,
}
