"""Finding: the best score may be due to one lucky seed.

With several executions a trial: one of the best trial's is far above its others, measured by how
executions of one trial usually differ (residuals after the means of trials and of parts), and
without it the trial is not the best any more. With one: the best stands alone. Of scores whose upper
tail is of the exponential kind, the gap between the first and the second, against the mean of the
further gaps times their rank, has an F distribution (Rényi 1953, order statistics); shorter tails
have smaller gaps. It has to have stood for a while, since a search that has just found a new region
looks the same.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.check_outcomes import NotChecked, NotFound, found_or
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    plain,
    too_few,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.history import ObservedTrial

KIND: Final = "lucky"
FEWEST: Final = 20
GAPS: Final = 15  # of the best scores, below the first
FRESH: Final = 0.2  # share of the trials that have to have come after the best one

Vector = npt.NDArray[np.float64]


def check(look: SearchState) -> Outcome:
    """At most one, about the trial with the best score; none when it was run again."""
    if len(look.scored) < FEWEST:
        return too_few("scored trials", FEWEST, len(look.scored))
    best = look.scored[int(look.best(1)[0])]
    if best.number in look.confirmed:
        return NotFound((f"trial {best.number} was run again with fresh seeds",))
    limit = level(1, stands=look.stands(KIND, str(best.number)))
    if len(best.executions) > 1:
        rests = f"the {len(best.executions)} executions of trial {best.number}"
        return found_or(_of_executions(look, best, limit), NotFound((rests,)))
    later, needed = (
        len(look.scored) - 1 - int(look.best(1)[0]),
        math.ceil(max(10, FRESH * len(look.scored))),
    )
    if later < needed:
        why = f"The best trial is recent: {later} of {needed} scored trials have come after it"
        return NotChecked(
            why, f"{needed - later} more scored trials, or executions with more seeds"
        )
    rests = f"the distance of trial {best.number} to the next {GAPS + 1}; each was trained once"
    return found_or(_of_gaps(look, best, limit), NotFound((rests,)))


def _of_executions(look: SearchState, best: ObservedTrial, limit: float) -> list[Finding]:
    """Whether one execution alone makes the trial the best."""
    count = len(best.executions)
    alike = [t for t in look.scored if len(t.executions) == count]
    table = look.sign * np.array([t.executions for t in alike], dtype=np.float64)
    if len(alike) < FEWEST or not np.isfinite(table).all():
        return []
    # Scores may be as large as floats go; what overflows is NaN and shows nothing.
    with np.errstate(over="ignore", invalid="ignore"):
        residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    if not (np.abs(residual) < 1e150).all():
        return []
    row = [t.number for t in alike].index(best.number)
    luckiest = int(residual[row].argmax())
    others = np.delete(residual, row, axis=0)
    freedom = (len(alike) - 2) * (count - 1)
    deviation = math.sqrt(float((others**2).sum()) / freedom * (1 - 1 / count))
    without = np.delete(table, luckiest, axis=1).mean(axis=1)
    rank = int((without > without[row]).sum()) + 1
    if deviation <= 0 or rank == 1:
        return []
    t = float(residual[row, luckiest]) / deviation
    chance = min(1.0, float(scipy.special.stdtr(freedom, -t)) * table.size)  # of all executions
    if chance > limit:
        return []
    mean_of_others = look.sign * float(np.delete(table[row], luckiest).mean())
    statement = (
        f"Trial {best.number} ranks first because of one execution: "
        f"{plain(look.sign * float(table[row, luckiest]))}, against a mean of "
        f"{plain(mean_of_others)} over its other {count - 1}. Without it, the trial "
        f"ranks {rank} of {len(alike)}."
    )
    bars = Evidence(
        shape="points",
        x=tuple(range(1, count + 1)),
        y=tuple(best.executions),
        marked=tuple(place == luckiest for place in range(count)),
        x_label="execution",
        y_label=look.objective,
        caption=f"The executions of trial {best.number}.",
    )
    test = "t-test of the execution's residual, Bonferroni-corrected for the number of executions"
    return [_finding(best, statement, bars, Confidence(test, chance, limit))]


def _of_gaps(look: SearchState, best: ObservedTrial, limit: float) -> list[Finding]:
    """Whether the best stands too far ahead of the next ones."""
    order = look.best(GAPS + 2)
    top = look.sign * look.scores[order]
    gaps = (top[:-1] - top[1:]) * np.arange(1, len(top))
    usual = float(gaps[1:].mean())
    if usual <= 0 or gaps[0] <= 0:
        return []
    chance = float(scipy.special.fdtrc(2, 2 * (len(gaps) - 1), gaps[0] / usual))
    if chance > limit:
        return []
    second = look.scored[int(order[1])]
    statement = (
        f"Trial {best.number} is far ahead: it scored {plain(float(best.score or 0.0))}, "
        f"the next best {plain(float(second.score or 0.0))}. With one execution per "
        "trial, this may be a lucky seed."
    )
    points = Evidence(
        shape="points",
        x=tuple(range(1, len(order) + 1)),
        y=tuple(float(look.scores[int(place)]) for place in order),
        marked=tuple(place == 0 for place in range(len(order))),
        x_label="rank",
        y_label=look.objective,
        caption="Top scores in order.",
    )
    test = "F-test of the first gap against the following ones (Rényi)"
    return [_finding(best, statement, points, Confidence(test, chance, limit))]


def _finding(
    best: ObservedTrial, statement: str, evidence: Evidence, confidence: Confidence
) -> Finding:
    return Finding(
        kind=KIND,
        subject=str(best.number),
        statement=statement,
        gain="New seeds show the configuration's true score.",
        evidence=evidence,
        confidence=confidence,
        action=Action("confirm", "Confirm with fresh seeds", {"trials": [best.number]}),
        trials=(best.number,),
    )
