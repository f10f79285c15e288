"""All kinds of findings, in the order of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from experiments.search.findings import (
    failing_region,
    idle_workers,
    lucky_winner,
    no_improvement,
    overfitting,
    range_boundary,
    repeated_search,
    split_leaks,
    unused_hyperparameter,
)
from experiments.search.findings.finding import Finding, Severity
from experiments.search.findings.search_state import SearchState


@dataclass(frozen=True, slots=True)
class Kind:
    """title: its heading. by_chance: it rests on a test, so it is looked for at fixed sizes only."""

    title: str
    severity: Severity
    find: Callable[[SearchState], list[Finding]]
    by_chance: bool = False


KINDS: Final[dict[str, Kind]] = {
    split_leaks.KIND: Kind("Data leak", "danger", split_leaks.find),
    failing_region.KIND: Kind("Failing region", "danger", failing_region.find),
    range_boundary.KIND: Kind(
        "Optimum at a boundary", "warning", range_boundary.find, by_chance=True
    ),
    lucky_winner.KIND: Kind("Lucky winner", "warning", lucky_winner.find, by_chance=True),
    overfitting.KIND: Kind("Overfitting", "warning", overfitting.find, by_chance=True),
    no_improvement.KIND: Kind(
        "No further improvement", "info", no_improvement.find, by_chance=True
    ),
    repeated_search.KIND: Kind("Repeated search", "info", repeated_search.find),
    idle_workers.KIND: Kind("Idle slots", "info", idle_workers.find),
    unused_hyperparameter.KIND: Kind(
        "Unused hyperparameter", "info", unused_hyperparameter.find, by_chance=True
    ),
}


def looked_for(*, scheduled: bool) -> frozenset[str]:
    """The kinds of one look; those of chance only where the look was laid down before."""
    return frozenset(name for name, kind in KINDS.items() if scheduled or not kind.by_chance)


def find_all(look: SearchState, kinds: frozenset[str]) -> tuple[Finding, ...]:
    """Everything of these kinds that the look shows, in the order of `KINDS`."""
    return tuple(
        found for name, kind in KINDS.items() if name in kinds for found in kind.find(look)
    )
