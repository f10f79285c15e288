"""A finding: statement, evidence, confidence and one action; the outcome of looking for a kind of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from experiments import check_outcomes, number_words
from experiments.check_outcomes import NotChecked
from experiments.search.history import Value

Severity = Literal["danger", "warning", "info"]
Act = Literal[
    "widen", "fix", "forbid", "parallel",  # in the running search
    "early_stopping", "reuse", "epochs", "repeats", "trials",  # in a copy
    "stop", "confirm",  # asked about once
    "protocol", "baseline", "failed",  # a page to look at
    "",  # none
]  # fmt: skip
Shape = Literal["points", "line", "bars"]

MOST_POINTS: Final = 60  # of one series: a thumbnail has no room for more


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a small chart draws.

    points: x, y, and a third row of 1 where a trial speaks for the statement, 0 elsewhere. line: x
    and one or two y. bars: names and shares in [0, 1]. x_label, y_label: what the axes are.
    log: x is on a log scale.
    caption: how to read it, one sentence.
    """

    shape: Shape
    x: tuple[Any, ...]
    y: tuple[float | None, ...]
    marked: tuple[bool, ...] = ()
    second: tuple[float | None, ...] = ()
    x_label: str = ""
    y_label: str = ""
    caption: str = ""
    log: bool = False


@dataclass(frozen=True, slots=True)
class Confidence:
    """How it was tested; chance, level: of a false alarm and what it had to stay below, or None."""

    test: str
    chance: float | None = None
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """The one act that follows. change: what `changes.py` writes into a plan, or what a page needs."""

    act: Act
    label: str
    change: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about a search.

    subject: what it is about within its kind (a hyperparameter, a trial); with the kind it is the
    same at each look. gain: what the act brings, in a sentence. trials: numbers to look at.
    """

    kind: str
    subject: str
    statement: str
    gain: str
    evidence: Evidence
    confidence: Confidence
    action: Action
    trials: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


Outcome = check_outcomes.Outcome[Finding]


def too_few(what: str, needed: int, there: int) -> NotChecked:
    """The check needs more of something, such as "scored trials"."""
    return NotChecked(f"Too few {what}: {there}", f"{needed} or more")


def thinned(count: int, *, most: int = MOST_POINTS) -> list[int]:
    """Places of at most `most` of `count` things, evenly, with the first and the last."""
    if count <= most:
        return list(range(count))
    return sorted({round(place * (count - 1) / (most - 1)) for place in range(most)})


def plain(value: Value) -> str:
    """Four significant digits of a number, as tables write it; a text as it is."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return number_words.plain(value)


def percent(share: float) -> str:
    """A share in whole percents, small ones with one digit."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def rounded(value: float, digits: int = 1) -> float:
    """To so many significant digits."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else value


def listed(numbers: Sequence[int], most: int = 3) -> str:
    """Such as "3, 7, 9 and 4 more"."""
    shown = ", ".join(str(number) for number in numbers[:most])
    return f"{shown} and {len(numbers) - most} more" if len(numbers) > most else shown
