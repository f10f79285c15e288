"""A value of a plan, declared once beside its dataclass field.

Type, default, limits, choices, unit and words stand in the field's metadata. From them follow the JSON
reader, the JSON Schema, the fields of every form, the words of pages and the guide's table.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from functools import lru_cache
from types import NoneType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

from experiments.number_words import duration, plain, thousands
from experiments.search.reading import LARGEST_NUMBER, REQUIRED, Reader

T = TypeVar("T")
Kind = Literal["whole", "number", "flag", "text", "choice", "texts", "part", "other"]

LONGEST_TEXT: Final = 2000
LARGEST_COUNT: Final = 10**9


@dataclass(frozen=True, slots=True)
class Unit:
    """What a person counts in: `size` times what the plan holds is one of it."""

    name: str
    size: float = 1.0


COUNTED: Final = Unit("")
SECONDS: Final = Unit("s")
MINUTES: Final = Unit("min", 60)
HOURS: Final = Unit("h", 3600)
TIMES: Final = (SECONDS, MINUTES, HOURS)
DAYS: Final = Unit("days")
PERCENT: Final = Unit("%", 0.01)
EPOCHS: Final = Unit("epochs")
TRIALS: Final = Unit("trials")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A value of a plan: how it is read, and how it is shown.

    label: 1 to 3 words. choices: each with its words. unset: the words of null, and what an empty
    input shows. field: its name in a form. shown_if: another value of the same part, and with which
    of its values this one counts. editable: it may change while the search runs; link: its key in a
    link to the edit page. in_form: it is a field of its own. by_hand: it is read by rules of its own.
    """

    name: str
    label: str = ""
    help: str = ""
    kind: Kind = "other"
    default: Any = None
    required: bool = False
    optional: bool = False
    unit: Unit = COUNTED
    lowest: float | None = None
    highest: float | None = None
    longest: int = LONGEST_TEXT
    shortest: int = 0
    most: int = 0
    lines: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    unset: str = ""
    field: str = ""
    shown_if: tuple[str, tuple[str, ...]] | None = None
    editable: bool = False
    link: str = ""
    in_form: bool = True
    by_hand: bool = False
    part: type | None = None

    def read(self, reader: Reader, default: Any = MISSING) -> Any:
        """Take the value out of JSON; null only where it is optional, and then it is null."""
        is_null = reader.has(self.name) and reader.take(self.name, default=None) is None
        if self.optional and is_null:
            return None
        if default is MISSING:
            default = REQUIRED if self.required else self.default
        return READ[self.kind](self, reader, default)

    def shown(self, value: float) -> float:
        """A number of the plan as a person counts it."""
        # Seconds are found again from four decimals of an hour.
        counted = round(value / self.unit.size, 4 if self.unit in TIMES else 10)
        return int(counted) if counted.is_integer() and abs(counted) < 1e15 else counted

    @property
    def range_words(self) -> str:
        """Its limits as a person counts them: "1 and 5,856 h"; empty where it has none."""
        if self.lowest is None or self.highest is None:
            return ""
        low, high = (_number_words(self.shown(end)) for end in (self.lowest, self.highest))
        return f"{low} and {high} {self.unit.name}".rstrip()

    def words(self, value: Any) -> str:
        """The value as pages show it: "30 min", "best epoch", "no limit"."""
        if value is None or value == "":
            return self.unset or "none"
        if self.choices:
            return self.choices.get(str(value), str(value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            return ", ".join(value) if isinstance(value, list | tuple) else plain(value)
        if self.unit in TIMES:
            return duration(value)
        return f"{_number_words(self.shown(value))} {self.unit.name}".rstrip()

    def counts(self, values: Mapping[str, Any]) -> bool:
        """Whether it means anything beside these values of its part."""
        return self.shown_if is None or str(values.get(self.shown_if[0])) in self.shown_if[1]


def value(
    default: Any = MISSING,
    *,
    factory: Any = MISSING,
    choices: Mapping[Any, str] | Sequence[str] = (),
    **words: Any,
) -> Any:
    """A dataclass field with its declaration: the other fields of `Declaration` as keywords."""
    named = choices if isinstance(choices, Mapping) else {each: each for each in choices}
    metadata = {**words, "choices": named}
    return field(default=default, default_factory=factory, metadata=metadata)


def like(
    kind: type, name: str, default: Any = MISSING, *, factory: Any = MISSING, **words: Any
) -> Any:
    """A field declared as a value of another dataclass; a default and words may differ."""
    other = next(each for each in fields(kind) if each.name == name)
    if default is MISSING and factory is MISSING:
        default, factory = other.default, other.default_factory
    return field(default=default, default_factory=factory, metadata={**other.metadata, **words})


def default_of(kind: type, name: str) -> Any:
    """The default of a value that has one, made anew."""
    found = next(each for each in fields(kind) if each.name == name)
    return found.default if found.default_factory is MISSING else found.default_factory()


def part(kind: type, *, default: Any = MISSING, **words: Any) -> Any:
    """A dataclass field that holds declared values of its own; default: None = it may be off."""
    factory = kind if default is MISSING else MISSING
    return value(default, factory=factory, part=kind, **words)


class Part:
    """Declared values that belong together; the subclass is a frozen dataclass."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `read_part` is its inverse."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]


def declared(kind: type) -> tuple[Declaration, ...]:
    """The declared values of a dataclass, in the order of its fields."""
    return _declared(kind)


@lru_cache(maxsize=256)
def _declared(kind: Hashable) -> tuple[Declaration, ...]:
    return tuple(_declaration(each) for each in fields(cast(Any, kind)) if each.metadata)


def declaration_of(kind: type, path: str) -> Declaration:
    """The declaration at a dotted path. Raises: KeyError."""
    first, _, rest = path.partition(".")
    found = {each.name: each for each in declared(kind)}[first]
    return declaration_of(found.part, rest) if rest and found.part else found


def read_values(kind: type, reader: Reader, **defaults: Any) -> dict[str, Any]:
    """Read every declared value but those that are read by hand, noting each problem at the reader.

    defaults: of values whose default depends on others.
    """
    return {
        each.name: each.read(reader, defaults.get(each.name, MISSING))
        for each in declared(kind)
        if not each.by_hand
    }


def read_part(kind: type[T], reader: Reader, **defaults: Any) -> T:
    """Read a part whose fields are all declared; a field that it doesn't know is a problem."""
    found = read_values(kind, reader, **defaults)
    reader.refuse_others()
    return kind(**found)


def stored_part(kind: type[T], source: Mapping[str, Any]) -> T:
    """Read what was stored, also by a version that knew other values: those keep their default."""
    names = {each.name for each in declared(kind)}
    known = {name: value for name, value in source.items() if name in names}
    found = read_values(kind, Reader(known))
    return kind(**found)


NEUTRAL: Final = (None, "", "auto", 0)  # defaults that change nothing


def sentence_of(part: Any, *, start: str = "") -> str:
    """What is set of a part, in one line: "patience 5 epochs, min delta 0.01".

    start: of the names of the values to tell of. A default that changes nothing is left out.
    """
    return ", ".join(
        f"{lowered(each.label)} {each.words(value)}"
        for each, value in _counting(part)
        if each.name.startswith(start) and value not in NEUTRAL
    )


def lowered(label: str) -> str:
    """The label inside a sentence; abbreviations stay."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def rows_of(part: Any) -> list[tuple[str, str]]:
    """Label and words of each value that counts and is set, for pages and reports."""
    return [
        (each.label, each.words(value))
        for each, value in _counting(part)
        if value not in (None, "")
    ]


def _counting(part: Any) -> list[tuple[Declaration, Any]]:
    values = {each.name: getattr(part, each.name) for each in declared(type(part))}
    return [
        (each, values[each.name])
        for each in declared(type(part))
        if each.part is None and each.counts(values)
    ]


def _declaration(each: Field[Any]) -> Declaration:
    kind, optional = _kind(each)
    given = dict(each.metadata)
    choices = dict(given.pop("choices", {}))
    default = None if each.default is MISSING else each.default
    if choices:
        kind = "choice"
    stated: dict[str, Any] = {
        "required": each.default is MISSING and each.default_factory is MISSING
    } | given
    found: dict[str, Any] = {"kind": kind, "optional": optional, "default": default, **stated}
    return Declaration(name=each.name, choices=choices, **found)


def _kind(each: Field[Any]) -> tuple[Kind, bool]:
    """The kind, and whether null is a value; text annotations go by the default."""
    hint: Any = each.type if not isinstance(each.type, str) else type(each.default)
    members = get_args(hint)
    optional = NoneType in members
    if optional or get_origin(hint) is Union:
        hint = next(member for member in members if member is not NoneType)
    if "part" in each.metadata:
        return "part", optional
    plain_kinds: dict[Any, Kind] = {
        int: "whole",
        float: "number",
        bool: "flag",
        str: "text",
        tuple[str, ...]: "texts",
    }
    if get_origin(hint) is Literal:
        return "choice", optional
    return plain_kinds.get(hint) or plain_kinds.get(type(each.default), "other"), optional


def _read_whole(each: Declaration, reader: Reader, default: Any) -> Any:
    low, high = each.lowest or 0, LARGEST_COUNT if each.highest is None else each.highest
    return reader.whole(each.name, lowest=int(low), highest=int(high), default=default)


def _read_number(each: Declaration, reader: Reader, default: Any) -> Any:
    low = -LARGEST_NUMBER if each.lowest is None else each.lowest
    high = LARGEST_NUMBER if each.highest is None else each.highest
    return reader.number(each.name, lowest=low, highest=high, default=default)


def _read_text(each: Declaration, reader: Reader, default: Any) -> str:
    limits: dict[str, Any] = {"longest": each.longest, "shortest": each.shortest}
    found = reader.text(each.name, default=default, lines=each.lines, **limits)
    return found.strip() if each.shortest else found


def _read_part(each: Declaration, reader: Reader, _default: Any) -> Any:
    if each.part is None or (each.optional and not reader.has(each.name)):
        return None
    return read_part(each.part, reader.child(each.name))


READ: Final[Mapping[Kind, Callable[[Declaration, Reader, Any], Any]]] = {
    "whole": _read_whole,
    "number": _read_number,
    "text": _read_text,
    "part": _read_part,
    "flag": lambda each, reader, default: reader.flag(each.name, default=default),
    "texts": lambda each, reader, _: reader.texts(each.name, most=each.most, longest=each.longest),
    "choice": lambda each, reader, default: reader.one_of(
        each.name, tuple(each.choices), default=default
    ),
}


def _number_words(number: float) -> str:
    if isinstance(number, int):
        return thousands(number) if abs(number) < 10**15 else f"{number:g}"
    return f"{number:.10g}"
