"""One field of a form of plan values: where it lies in the plan's JSON, and how it is drawn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.search.declarations import Declaration, declared
from experiments.web.forms import typed

Pairs = tuple[tuple[str, str], ...]
NUMBERS = ("whole", "number")


@dataclass(frozen=True, slots=True)
class PlanField:
    """One form field. shown_if: another field, and with which of its values this one counts."""

    name: str
    path: str
    declaration: Declaration
    shown_if: tuple[str, tuple[str, ...]] | None = None

    def read(self, text: str) -> Any:
        """Turn its text into JSON; what isn't a number stays text for the validator to name."""
        kind = self.declaration.kind
        if kind in NUMBERS:
            return typed.counted(text, self.declaration.unit.size, whole=kind == "whole")
        if kind == "flag":
            return text.strip().lower() in ("1", "true", "on", "yes")
        return typed.listed(text) if kind == "texts" else text

    def show(self, value: Any) -> str:
        """Turn JSON into its text, of what is wrong too; null shows the default."""
        value = self.declaration.default if value is None else value
        if self.declaration.kind == "flag":
            return "1" if value is True else ""
        if isinstance(value, list | tuple):
            return ", ".join(typed.shown(entry) for entry in value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return typed.shown(self.declaration.shown(value))
        return typed.shown(value)

    def in_its_units(self, message: str) -> str:
        """A problem as the field counts: the plan holds seconds and shares, a form minutes and %."""
        if self.declaration.unit.size != 1 and message.startswith("Must be between "):
            return f"Must be between {self.declaration.range_words}."
        return message

    def counts(self, fields: Mapping[str, str]) -> bool:
        """Whether it means anything beside what stands in the other fields."""
        return self.shown_if is None or fields.get(self.shown_if[0], "") in self.shown_if[1]


def plan_fields(kind: type, prefix: str = "") -> Iterator[PlanField]:
    """Everything that a plan declares, its parts before what they hold."""
    names = {each.name: each.field or each.name for each in declared(kind)}
    for each in declared(kind):
        shown_if = each.shown_if and (names[each.shown_if[0]], each.shown_if[1])
        yield PlanField(names[each.name], prefix + each.name, each, shown_if)
        if each.part is not None:
            yield from plan_fields(each.part, f"{prefix}{each.name}.")


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as `new_experiment/_value.html` draws it: what was typed, and what is wrong with it.

    choices: pairs of value and words. chooses: others are shown by what it has. is_filled: by a link.
    """

    name: str
    value: str
    error: str = ""
    declaration: Declaration = Declaration(name="")  # noqa: RUF009
    choices: Pairs = ()
    shown_if: tuple[str, tuple[str, ...]] | None = None
    is_shown: bool = True
    chooses: bool = False
    is_filled: bool = False

    @property
    def is_on(self) -> bool:
        """Whether a checkbox is ticked."""
        return self.value == "1"

    @property
    def control(self) -> str:
        """What it is drawn as."""
        if self.declaration.kind == "flag":
            return "check"
        if self.choices:
            return "select"
        return "lines" if self.declaration.lines else "input"

    @property
    def inputmode(self) -> str:
        """The keyboard of a phone."""
        if self.declaration.kind not in NUMBERS:
            return "text"
        is_whole = self.declaration.kind == "whole" and self.declaration.unit.size == 1
        return "numeric" if is_whole else "decimal"


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path, making the objects on the way."""
    *holders, last = path.split(".")
    for holder in holders:
        target = target.setdefault(holder, {})
    target[last] = value


def has(source: Mapping[str, Any], path: str) -> bool:
    """Whether there is a value at a dotted path, null included."""
    holder, _, last = path.rpartition(".")
    found = take(source, holder) if holder else source
    return isinstance(found, Mapping) and last in found


def take(source: Any, path: str) -> Any:
    """Get the value at a dotted path; None where there is none."""
    for part in path.split("."):
        source = source.get(part) if isinstance(source, dict) else None
    return source
