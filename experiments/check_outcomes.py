"""What a check came to: found, not found with what that rests on, or not checked and why.

An all-clear is a sentence of `CheckList`, and only a `NotFound`, which can't be made without its
evidence, counts towards one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

Result = Literal["found", "not_found", "not_checked"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What a check found, at least one thing. Raises: ValueError when there is none."""

    things: tuple[T, ...]

    def __post_init__(self) -> None:
        if not self.things:
            raise ValueError("A check that found nothing is a NotFound, with its evidence.")


@dataclass(frozen=True, slots=True)
class NotFound:
    """A check that was made and found nothing. rests_on: what it looked at, a phrase each.

    Raises: ValueError without any: then it was not checked.
    """

    rests_on: tuple[str, ...]

    def __post_init__(self) -> None:
        if not any(phrase.strip() for phrase in self.rests_on):
            raise ValueError("Say what it rests on, or use NotChecked.")


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A check that could not be made. needs: what would let it be made; empty where nothing would."""

    why: str
    needs: str = ""

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise ValueError("Say why it was not checked.")


Outcome = Found[T] | NotFound | NotChecked


@dataclass(frozen=True, slots=True)
class Check:
    """One check and what it came to."""

    title: str
    outcome: Outcome[Any]

    @property
    def result(self) -> Result:
        """As pages and JSON name it."""
        match self.outcome:
            case Found():
                return "found"
            case NotFound():
                return "not_found"
        return "not_checked"

    @property
    def words(self) -> str:
        """What an all-clear rests on, or why there is none; of what was found how much."""
        match self.outcome:
            case Found(things):
                return f"{len(things)} found"
            case NotFound(rests_on):
                return "; ".join(rests_on)
        return self.outcome.why

    @property
    def needs(self) -> str:
        """What would let it be made; empty where it was."""
        return self.outcome.needs if isinstance(self.outcome, NotChecked) else ""

    def to_dict(self) -> dict[str, str]:
        """As JSON for pages and reports."""
        return {
            "title": self.title,
            "result": self.result,
            "words": self.words,
            "needs": self.needs,
        }


@dataclass(frozen=True, slots=True)
class CheckList:
    """Checks in the order of a page."""

    checks: tuple[Check, ...]

    def _of(self, result: Result) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.result == result)

    @property
    def found(self) -> tuple[Check, ...]:
        """Those that found something."""
        return self._of("found")

    @property
    def clear(self) -> tuple[Check, ...]:
        """Those that were made and found nothing."""
        return self._of("not_found")

    @property
    def unchecked(self) -> tuple[Check, ...]:
        """Those that could not be made."""
        return self._of("not_checked")

    @property
    def is_clear(self) -> bool:
        """Whether some check was made, and none found anything."""
        return bool(self.clear) and not self.found

    @property
    def sentence(self) -> str:
        """What all of them came to; an all-clear says how much of it was checked."""
        made, left = len(self.found) + len(self.clear), len(self.unchecked)
        if not made:
            return "Not checked yet."
        rest = f"; {left} could not be made" if left else ""
        if self.found:
            return f"{len(self.found)} of {_checks(made)} found something{rest}."
        return f"No findings in {_checks(made)}{rest}."

    def to_dict(self) -> dict[str, Any]:
        """As JSON for pages and reports."""
        return {"sentence": self.sentence, "checks": [check.to_dict() for check in self.checks]}


def _checks(count: int) -> str:
    return "1 check" if count == 1 else f"{count} checks"


def stored(outcome: Outcome[Any]) -> dict[str, Any]:
    """An outcome as JSON to keep; of what was found only the number."""
    match outcome:
        case Found(things):
            return {"result": "found", "count": len(things)}
        case NotFound(rests_on):
            return {"result": "not_found", "rests_on": list(rests_on)}
    return {"result": "not_checked", "why": outcome.why, "needs": outcome.needs}


def read(kept: Mapping[str, Any]) -> Outcome[None]:
    """What `stored` gave; anything else was not checked."""
    result = kept.get("result")
    if result == "found":
        return Found((None,) * max(1, int(kept.get("count", 1))))
    if result == "not_found" and any(kept.get("rests_on", ())):
        return NotFound(tuple(map(str, kept["rests_on"])))
    return NotChecked(str(kept.get("why") or "It has not run yet"), str(kept.get("needs", "")))


def found_or(things: Iterable[T], otherwise: NotFound | NotChecked) -> Outcome[T]:
    """What was found, else the other outcome."""
    every = tuple(things)
    return Found(every) if every else otherwise
