"""All kinds of findings, in the order of the page."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from experiments import check_outcomes
from experiments.check_outcomes import Check, CheckList, Found, NotChecked
from experiments.search.findings import (
    baseline_wins,
    failing_region,
    idle_workers,
    lucky_winner,
    no_improvement,
    overfitting,
    range_boundary,
    repeated_search,
    split_leaks,
    too_few_epochs,
    underfitting,
    unstable_optimum,
    unused_hyperparameter,
    wasted_trials,
)
from experiments.search.findings.finding import Finding, Outcome, Severity
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import FIRST_LOOK

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """title: its heading. by_chance: it rests on a test, so it is looked for at fixed sizes only.

    by_score: it needs one score that ranks the trials.
    """

    title: str
    severity: Severity
    check: Callable[[SearchState], Outcome]
    by_chance: bool = False
    by_score: bool = False


def _tested(title: str, severity: Severity, check: Callable[[SearchState], Outcome]) -> Kind:
    return Kind(title, severity, check, by_chance=True, by_score=True)


KINDS: Final[dict[str, Kind]] = {
    split_leaks.KIND: Kind("Data leak", "danger", split_leaks.check),
    failing_region.KIND: Kind("Failing region", "danger", failing_region.check, by_chance=True),
    baseline_wins.KIND: Kind("Baseline wins", "danger", baseline_wins.check),
    underfitting.KIND: _tested("Underfitting", "warning", underfitting.check),
    too_few_epochs.KIND: _tested("Too few epochs", "warning", too_few_epochs.check),
    overfitting.KIND: _tested("Overfitting", "warning", overfitting.check),
    range_boundary.KIND: _tested("Optimum at a boundary", "warning", range_boundary.check),
    unstable_optimum.KIND: _tested("Unstable optimum", "warning", unstable_optimum.check),
    lucky_winner.KIND: _tested("Lucky winner", "warning", lucky_winner.check),
    wasted_trials.KIND: Kind("Wasted trials", "warning", wasted_trials.check),
    no_improvement.KIND: _tested("No further improvement", "info", no_improvement.check),
    repeated_search.KIND: Kind("Repeated search", "info", repeated_search.check),
    idle_workers.KIND: Kind("Idle slots", "info", idle_workers.check),
    unused_hyperparameter.KIND: _tested(
        "Unused hyperparameter", "info", unused_hyperparameter.check
    ),
}
NOT_DUE: Final = NotChecked("Too few trials have ended", f"{FIRST_LOOK} or more")
NOT_MADE: Final = NotChecked("The last look did not include it", "another trial of the search")
SEVERAL: Final = NotChecked("Several objectives: no single score ranks the trials")


def looked_for(*, scheduled: bool) -> frozenset[str]:
    """The kinds of one look; those of chance only where the look was laid down before."""
    return frozenset(name for name, kind in KINDS.items() if scheduled or not kind.by_chance)


def look_for(look: SearchState, kinds: frozenset[str]) -> dict[str, Outcome]:
    """What the look for each of these kinds came to, in the order of `KINDS`.

    An error of a check is its outcome: the others are made all the same.
    """
    found: dict[str, Outcome] = {}
    for name, kind in KINDS.items():
        if name not in kinds:
            continue
        if kind.by_score and look.history.more_objectives:
            found[name] = SEVERAL
            continue
        try:
            found[name] = kind.check(look)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            log.exception("the check for %s failed", name)
            found[name] = NotChecked(f"The check ended with an error: {error or type(error)}")
    return found


def findings_in(outcomes: Mapping[str, Outcome]) -> tuple[Finding, ...]:
    """Everything that was found."""
    return tuple(
        each
        for outcome in outcomes.values()
        if isinstance(outcome, Found)
        for each in outcome.things
    )


def find_all(look: SearchState, kinds: frozenset[str]) -> tuple[Finding, ...]:
    """Everything of these kinds that the look shows, in the order of `KINDS`."""
    return findings_in(look_for(look, kinds))


def check_list(outcomes: Mapping[str, check_outcomes.Outcome[Any]], ended: int) -> CheckList:
    """Every kind with its outcome; one that was not looked for after so many trials was not checked."""
    missing = NOT_DUE if ended < FIRST_LOOK else NOT_MADE
    return CheckList(
        tuple(Check(kind.title, outcomes.get(name, missing)) for name, kind in KINDS.items())
    )
