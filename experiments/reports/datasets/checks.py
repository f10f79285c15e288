"""What the checks of a version's data found, for its page and the form of a new experiment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments import check_outcomes
from experiments.ingest.checks.outcome import (
    LABELS,
    Check,
    Found,
    NotChecked,
    NotFound,
    Outcome,
    from_stored,
)

BEFORE = "This version was prepared before this check existed. Prepare the file again to check it."
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class CheckLine:
    """Checks by their labels, and what they rest on or why nobody looked."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class DataChecks:
    """Outcomes by kind, and all of them as a list. fixes: uses by column that the form can open with."""

    found: tuple[Found, ...]
    not_found: tuple[CheckLine, ...]
    not_checked: tuple[CheckLine, ...]
    every: check_outcomes.CheckList

    @property
    def shown(self) -> tuple[Found, ...]:
        return self.found[:MOST_SHOWN]

    @property
    def more(self) -> int:
        return len(self.found) - len(self.shown)

    @property
    def fixes(self) -> dict[str, str]:
        return {one.column: one.use for one in self.found if one.use}

    @property
    def summary(self) -> str:
        """How many of each, in a line."""
        count = len(self.found)
        if not count:
            return self.every.sentence
        said = f"{count} data warning{'' if count == 1 else 's'}"
        return f"{said}, some not checked" if self.not_checked else said


def checks_of(profile: Mapping[str, Any]) -> DataChecks:
    """From a version's profile; one that was prepared by 0.2.0 or before has warnings alone."""
    if "checks" not in profile:
        found = tuple(
            Found("left_out", one["text"], column=one.get("column", ""))
            for one in profile.get("warnings") or ()
        )
        return DataChecks(
            found, (), (CheckLine(", ".join(LABELS.values()), BEFORE),), _every(found)
        )
    outcomes = from_stored(profile["checks"])
    return DataChecks(
        found=tuple(one for one in outcomes if isinstance(one, Found)),
        not_found=_lines((one.basis, one.check) for one in outcomes if isinstance(one, NotFound)),
        not_checked=_lines(
            (one.why, one.check) for one in outcomes if isinstance(one, NotChecked)
        ),
        every=_every(outcomes),
    )


def _every(outcomes: Iterable[Outcome]) -> check_outcomes.CheckList:
    """The outcomes as those of any check."""
    return check_outcomes.CheckList(
        tuple(check_outcomes.Check(LABELS[one.check], _as_any(one)) for one in outcomes)
    )


def _as_any(one: Outcome) -> check_outcomes.Outcome[str]:
    match one:
        case Found():
            return check_outcomes.Found((one.text,))
        case NotFound():
            return check_outcomes.NotFound((one.basis,))
    return check_outcomes.NotChecked(one.why)


def _lines(found: Iterable[tuple[str, Check]]) -> tuple[CheckLine, ...]:
    """A line for each text, with the labels of all checks that rest on it."""
    labels: dict[str, list[str]] = {}
    for words, check in found:
        labels.setdefault(words, []).append(LABELS[check])
    return tuple(CheckLine(", ".join(several), words) for words, several in labels.items())
