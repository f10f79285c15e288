"""Every kind of finding, in the order in which pages list them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from experiments.search.findings import (
    dead,
    edge,
    failing,
    idle,
    leaks,
    lucky,
    overfitting,
    repeats,
    stalled,
)
from experiments.search.findings.finding import Finding, Severity
from experiments.search.findings.look import Look


@dataclass(frozen=True, slots=True)
class Kind:
    """title: its heading. by_chance: it rests on a test, so it is looked for at fixed sizes only."""

    title: str
    severity: Severity
    find: Callable[[Look], list[Finding]]
    by_chance: bool = False


KINDS: Final[dict[str, Kind]] = {
    leaks.KIND: Kind("Data leak", "danger", leaks.find),
    failing.KIND: Kind("Region that fails", "danger", failing.find),
    edge.KIND: Kind("Optimum at an end", "warning", edge.find, by_chance=True),
    lucky.KIND: Kind("Lucky best", "warning", lucky.find, by_chance=True),
    overfitting.KIND: Kind("Overfitting", "warning", overfitting.find, by_chance=True),
    stalled.KIND: Kind("Gain has stalled", "info", stalled.find, by_chance=True),
    repeats.KIND: Kind("Repeats a search", "info", repeats.find),
    idle.KIND: Kind("Idle slots", "info", idle.find),
    dead.KIND: Kind("Dead hyperparameter", "info", dead.find, by_chance=True),
}


def looked_for(*, scheduled: bool) -> frozenset[str]:
    """The kinds of one look; those of chance only where the look was laid down before."""
    return frozenset(name for name, kind in KINDS.items() if scheduled or not kind.by_chance)


def find_all(look: Look, kinds: frozenset[str]) -> tuple[Finding, ...]:
    """Everything of these kinds that the look shows, in the order of `KINDS`."""
    return tuple(
        found for name, kind in KINDS.items() if name in kinds for found in kind.find(look)
    )
