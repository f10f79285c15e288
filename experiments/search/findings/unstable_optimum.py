"""Finding: which configuration is best depends on the seed.

Scores of trials by executions, without the means of executions, as normal scores of their ranks. The
intraclass correlation is the share of a single score's variance that belongs to the configuration
(Shrout and Fleiss 1979, ICC(3,1)); its upper bound (McGraw and Wong 1996) has to be below `HALF`.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.check_outcomes import Found, NotChecked, NotFound
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    percent,
    too_few,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level
from experiments.search.history import ObservedTrial

KIND: Final = "unstable"
FEWEST: Final = 20  # trials with all their executions
LEAST_EXECUTIONS: Final = 2
HALF: Final = 0.5
MORE: Final = 3  # times as many seeds

Matrix = npt.NDArray[np.float64]


def check(look: SearchState) -> Outcome:
    """At most one, of the whole search."""
    count = max((len(t.executions) for t in look.scored), default=0)
    if count < LEAST_EXECUTIONS:
        why = "Each trial was trained once, so the effect of seeds is unknown"
        return NotChecked(why, "folds or repeats")
    trials = [t for t in look.scored if len(t.executions) == count]
    if len(trials) < FEWEST:
        return too_few(f"trials with {count} executions", FEWEST, len(trials))
    table = np.array([t.executions for t in trials], dtype=np.float64)
    if not np.isfinite(table).all() or np.ptp(table) == 0 or np.abs(table).max() > 1e150:
        return NotChecked("The scores of the executions are all equal or not finite")
    limit = level(1, stands=look.stands(KIND, look.unit))
    low, middle, high = _shares(_normal(look.sign * (table - table.mean(axis=0))), limit)
    tried = f"{len(trials)} trials of {count} executions"
    if high < HALF:
        return Found((_finding(look, trials, tried, (middle, high), limit),))
    rests = f"of a single score's variance {percent(max(0.0, low))} to {percent(high)} belong to the configuration"
    if middle < HALF and low < HALF:
        return NotChecked(f"Open over {tried}: {rests}", "more trials or more seeds")
    return NotFound((tried, rests))


def _normal(table: Matrix) -> Matrix:
    """Normal scores of the ranks among all executions of all trials."""
    ranks = scipy.stats.rankdata(table).reshape(table.shape)
    return np.asarray(scipy.special.ndtri(ranks / (table.size + 1)))


def _shares(table: Matrix, chance: float) -> tuple[float, float, float]:
    """The intraclass correlation between its bounds, each exceeded with this chance."""
    n, k = table.shape
    residual = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    between = k * float(table.mean(axis=1).var(ddof=1))
    within = max(float((residual**2).sum()) / ((n - 1) * (k - 1)), 1e-12)
    f = between / within
    a, b = n - 1, (n - 1) * (k - 1)
    bounds = (
        f / scipy.special.fdtri(a, b, 1 - chance),
        f,
        f * scipy.special.fdtri(b, a, 1 - chance),
    )
    low, middle, high = ((each - 1) / (each + k - 1) for each in bounds)
    return float(low), float(middle), float(high)


def _finding(
    look: SearchState,
    trials: list[ObservedTrial],
    tried: str,
    shares: tuple[float, float],
    limit: float,
) -> Finding:
    middle, high = shares
    table = np.array([t.executions for t in trials])
    firsts = [trials[int(place)].number for place in (look.sign * table).argmax(axis=0)]
    distinct = len(set(firsts))
    count = table.shape[1]
    shown = [trials[int(place)] for place in np.argsort(-look.sign * table.mean(axis=1))[:10]]
    points = [(rank, score) for rank, t in enumerate(shown, start=1) for score in t.executions]
    return Finding(
        kind=KIND,
        subject=look.unit,
        statement=(
            f"Which trial is best depends on the {look.unit}: the {count} {look.unit}s have "
            f"{distinct} different best trials, and only about {percent(max(0.0, middle))} of the "
            f"variance of single scores belongs to the configuration (at most {percent(high)}), over "
            f"{tried}."
        ),
        gain="With more seeds for each trial, the ranking is about the configurations.",
        evidence=Evidence(
            shape="points",
            x=tuple(rank for rank, _ in points),
            y=tuple(float(score) for _, score in points),
            marked=(False,) * len(points),
            x_label="rank",
            y_label=look.objective,
            caption=f"Each execution of the best {len(shown)} trials.",
        ),
        confidence=Confidence(
            f"upper bound of the intraclass correlation (F-test, exceeded with probability {limit:.1g}); "
            f"must be below {percent(HALF)}"
        ),
        action=Action("repeats", f"Train {MORE} times as many seeds", {"times": MORE}),
        trials=tuple(dict.fromkeys(firsts))[:6],
    )
