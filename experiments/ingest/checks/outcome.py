"""Outcomes of a look at data: found, not found, or not checked and why."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Check = Literal[
    "target_leak", "copies", "near_copies", "test_overlap", "groups", "dates", "written_numbers",
    "spellings", "one_hot", "infinite", "odd_cells", "constant", "ids", "missing", "classes",
    "left_out",
]  # fmt: skip
LABELS: Final[dict[Check, str]] = {
    "target_leak": "Columns that reveal the target",
    "copies": "Repeated rows",
    "near_copies": "Nearly repeated rows",
    "test_overlap": "Test rows in the training data",
    "groups": "Group columns as inputs",
    "dates": "Dates as text",
    "written_numbers": "Numbers as text",
    "spellings": "Spellings of a category",
    "one_hot": "One-hot targets",
    "infinite": "Infinite numbers",
    "odd_cells": "Texts among numbers",
    "constant": "Constant columns",
    "ids": "ID columns",
    "missing": "Missing values",
    "classes": "Few rows in a class",
    "left_out": "Rows left out",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A problem: what was seen, and what to do about it.

    use: what to use the column as instead, where that fixes it; empty where the file must change.
    """

    check: Check
    text: str
    fix: str = ""
    column: str = ""
    use: str = ""


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing was seen; basis: what was looked at."""

    check: Check
    basis: str


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Nobody looked; why: the reason, as a sentence."""

    check: Check
    why: str


Outcome = Found | NotFound | NotChecked
KINDS: Final[dict[str, type[Outcome]]] = {
    "found": Found,
    "not_found": NotFound,
    "not_checked": NotChecked,
}


def stored(outcomes: Iterable[Outcome]) -> list[dict[str, str]]:
    """As JSON of a version's profile."""
    names = {kind: name for name, kind in KINDS.items()}
    return [{"outcome": names[type(one)], **asdict(one)} for one in outcomes]


def from_stored(found: Iterable[Mapping[str, Any]]) -> tuple[Outcome, ...]:
    """The inverse of `stored`."""
    return tuple(
        KINDS[one["outcome"]](**{name: one[name] for name in one if name != "outcome"})
        for one in found
    )


def some(count: int, one: str, many: str) -> str:
    """A count with its noun: “1 row”, “1,200 rows”."""
    return f"1 {one}" if count == 1 else f"{count:,} {many}"
