"""Reads typed fields from parsed JSON and collects every problem.

A field that is missing or wrong is noted with its path and replaced by a harmless stand-in, so
that one pass finds everything; whoever reads must look at `problems` before using the result.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from experiments.search.problems import Problem, join_path

LARGEST_WHOLE: Final = 10**12
LARGEST_NUMBER: Final = 1e100
SMALLEST_NUMBER: Final = 1e-100
REQUIRED: Final[Any] = object()


def describe(value: object) -> str:
    """Name a value as the person who typed it would know it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    text = f'"{value}"' if isinstance(value, str) else str_number(value)
    text = text if len(text) <= 40 else f"{text[:37]}…"
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\\0")


def str_number(value: object) -> str:
    """Write a number; one too long for Python to print is only called large."""
    if isinstance(value, int) and abs(value) > 10**30:
        return "a number of more than 30 digits"
    return str(value)


def number_problem(value: object) -> str:
    """Say why `value` is no usable finite number; empty when it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"Expected a number; got {describe(value)}."
    if isinstance(value, float) and not math.isfinite(value):
        return "Expected a finite number; NaN and infinity aren't allowed."
    if abs(value) > LARGEST_NUMBER:
        return "The number is too large. Use less than 1e100."
    if value != 0 and abs(value) < SMALLEST_NUMBER:
        return "The number is too close to 0. Use 0 or at least 1e-100."
    return ""


def is_number(value: object) -> bool:
    """Whether it is a finite number and no truth value."""
    return not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    )


def whole_problem(value: object) -> str:
    """Say why `value` is no usable whole number; empty when it is one (8.0 counts as 8)."""
    problem = number_problem(value)
    if problem and isinstance(value, bool | str | list | dict | None):
        return f"Expected a whole number; got {describe(value)}."
    if problem:
        return problem
    assert isinstance(value, int | float)
    if value != int(value):
        return f"Expected a whole number; got {describe(value)}."
    if abs(value) > LARGEST_WHOLE:
        return "The number is too large. Use at most 1,000,000,000,000."
    return ""


def text_problem(value: object, *, lines: bool) -> str:
    """Say why `value` is no text that every database stores; empty when it is."""
    if not isinstance(value, str):
        return f"Expected text; got {describe(value)}."
    allowed = "\n\r\t" if lines else ""
    for character in value:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and character not in allowed):
            return (
                f"Contains a character that can't be stored (U+{ord(character):04X}). Remove it."
            )
    return ""


def read_code(text: str) -> UUID | None:
    """The UUID that a text is; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


class Reader:
    """Reads one JSON object; children share its list of problems."""

    def __init__(
        self, source: object, *, path: str = "", problems: list[Problem] | None = None
    ) -> None:
        """Read `source`, found at `path`; anything but an object is itself a problem."""
        self.path = path
        self.problems = problems if problems is not None else []
        self._seen: set[str] = set()
        self._source: dict[str, Any] = {}
        if isinstance(source, dict):
            self._source = source
        else:
            self.note("", f"Expected an object with named fields; got {describe(source)}.")
        self.is_object = isinstance(source, dict)

    def note(self, name: str | int, message: str) -> None:
        """Note a problem of the field `name`."""
        self.problems.append(Problem(join_path(self.path, name), message))

    def has(self, name: str) -> bool:
        """Whether the field is there at all, null included."""
        return name in self._source

    def take(self, name: str, default: Any = REQUIRED) -> Any:
        """The raw field; a missing one, or null, is a problem unless there is a default."""
        self._seen.add(name)
        value = self._source.get(name)
        if value is None and default is REQUIRED:
            self._note_missing(name)
            return None
        return value if name in self._source else default

    def _note_missing(self, name: str) -> None:
        if self.is_object:  # else that is the problem, and it is noted already
            self.note(name, "This field is missing.")

    def _missing(self, name: str, default: Any) -> bool:
        self._seen.add(name)
        if name in self._source and (self._source[name] is not None or default is not None):
            return False
        if default is REQUIRED:
            self._note_missing(name)
        return True

    def text(
        self,
        name: str,
        *,
        longest: int,
        default: Any = REQUIRED,
        shortest: int = 0,
        lines: bool = False,
    ) -> str:
        """A text of `shortest` to `longest` characters; `lines` allows line breaks."""
        if self._missing(name, default):
            return "" if default is REQUIRED else str(default)
        value = self._source[name]
        problem = text_problem(value, lines=lines)
        if not problem and len(value) > longest:
            problem = f"Too long: {len(value):,} characters, at most {longest:,} are allowed."
        if not problem and len(value.strip()) < shortest:
            problem = "Can't be empty."
        if problem:
            self.note(name, problem)
            return ""
        return str(value)

    def whole(self, name: str, *, lowest: int, highest: int, default: Any = REQUIRED) -> Any:
        """A whole number from `lowest` to `highest`; None only where that is the default."""
        if self._missing(name, default):
            return lowest if default is REQUIRED else default
        value = self._source[name]
        problem = whole_problem(value)
        if is_number(value) and value == int(value) and not lowest <= value <= highest:
            problem = f"Must be between {lowest:,} and {highest:,}."
        if problem:
            self.note(name, problem)
            return lowest
        return int(value)

    def number(self, name: str, *, lowest: float, highest: float, default: Any = REQUIRED) -> Any:
        """A finite number from `lowest` to `highest`; None only where that is the default."""
        if self._missing(name, default):
            return lowest if default is REQUIRED else default
        value = self._source[name]
        problem = number_problem(value)
        if not problem and not lowest <= value <= highest:
            problem = f"Must be between {lowest:g} and {highest:g}."
        if problem:
            self.note(name, problem)
            return lowest
        return float(value)

    def flag(self, name: str, *, default: Any = REQUIRED) -> bool:
        """True or false, nothing that merely looks like it."""
        if self._missing(name, default):
            return False if default is REQUIRED else bool(default)
        value = self._source[name]
        if not isinstance(value, bool):
            self.note(name, f"Must be true or false; got {describe(value)}.")
            return False
        return value

    def one_of(self, name: str, choices: Sequence[str], *, default: Any = REQUIRED) -> str:
        """One of a few words."""
        if self._missing(name, default):
            return choices[0] if default is REQUIRED else str(default)
        value = self._source[name]
        if not isinstance(value, str) or value not in choices:
            shown = describe(value)
            shown = shown[0].upper() + shown[1:]
            self.note(name, f"Unknown value {shown}. Use one of: {', '.join(choices)}.")
            return choices[0]
        return value

    def items(self, name: str, *, longest: int, default: Any = REQUIRED) -> list[Any]:
        """A list of at most `longest` things."""
        if self._missing(name, default):
            return [] if default is REQUIRED else list(default)
        value = self._source[name]
        if not isinstance(value, list | tuple):
            self.note(name, f"Expected a list; got {describe(value)}.")
            return []
        if len(value) > longest:
            self.note(name, f"Too long: {len(value):,} entries, at most {longest:,} are allowed.")
            return []
        return list(value)

    def texts(self, name: str, *, most: int, longest: int) -> tuple[str, ...]:
        """A list of texts that are not empty; missing reads as none, and repeats fall away."""
        row = self.entries(name, longest=most)
        found = (row.text(key, longest=longest, shortest=1).strip() for key in row.names)
        return tuple(dict.fromkeys(found))

    def entries(self, name: str, *, longest: int, default: Any = ()) -> "Reader":
        """The reader of a list, whose fields are "0", "1" …; a missing list reads as an empty one."""
        listed = self.items(name, longest=longest, default=default)
        return Reader(
            {str(index): entry for index, entry in enumerate(listed)},
            path=join_path(self.path, name),
            problems=self.problems,
        )

    def rows(self, name: str, *, longest: int) -> "Iterator[Reader]":
        """A reader of each object in a list; a missing list reads as an empty one."""
        for index, entry in enumerate(self.items(name, longest=longest, default=())):
            path = join_path(self.path, f"{name}.{index}")
            yield Reader(entry, path=path, problems=self.problems)

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that are there."""
        return tuple(self._source)

    def child(self, name: str) -> "Reader":
        """The reader of an object inside this one; a missing object reads as an empty one."""
        self._seen.add(name)
        source = self._source.get(name)
        inner = Reader(
            {} if source is None else source,
            path=join_path(self.path, name),
            problems=self.problems,
        )
        inner.is_object = inner.is_object and self.is_object
        return inner

    def refuse_others(self) -> None:
        """Note every field that nothing asked for: a misspelt name must not pass unseen."""
        for name in self._source:
            if name not in self._seen:
                known = ", ".join(sorted(self._seen))
                self.note(name_of(name), f"Unknown field. Known fields: {known}.")


def name_of(name: object) -> str:
    """A field's name as a part of a path, short and printable."""
    return describe(name).strip('"')
