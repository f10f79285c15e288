"""Estimates the duration of a search from a few timed configurations.

A total is a sum of many trials, so its spread is not that of one trial. Many searches are drawn: in each the
timed configurations count differently (Rubin 1981, the Bayesian bootstrap, since a sampler prefers some and
five of them are few), and what nobody can know before is one value for all of its trials. The range is what
nine of ten of these searches take. Equal questions get equal answers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

SEARCHES: Final = 400
DRAWN: Final = 500  # trials of each at most; the rest goes on at their pace
SHARES: Final = (0.05, 0.95)  # quantiles that bound the range

# What is one value for all trials of a search; (low, high) of an even spread. Nearly all of it is given as
# times of what was timed, since a busy machine is slower at everything alike.
# Of a trial, seconds and times of building: a proposal, a claim, waiting for each other, a settlement.
TURN: Final = (0.0, 0.1)
TURN_SHARE: Final = (0.1, 0.6)
# Of an execution, seconds and times of writing its files: exact metrics, records.
KEEPING: Final = (0.0, 0.01)
KEEPING_SHARE: Final = (0.4, 1.2)
CROWDED: Final = (1.0, 1.4)  # two trainings beside each other slow each other down
RACED: Final = (0.35, 0.95)  # of the executions that are left where trials race
PRUNED: Final = (0.25, 1.0)  # of the epochs that are left where trials are pruned
PACE: Final = 0.3  # deviation of the logarithm: a machine is quicker now and slower then

STOPPED: Final = 0.35  # deviation of the logarithm of the epochs that one execution runs
RACE_BEGINS: Final = 4  # trials that are complete before one can lose
BEGINNING: Final = (0.0, 1.0)  # seconds of a search: what a worker imports when it first needs it
FIRST_RUNG: Final = 1 / 9  # of its epochs a pruned trial runs at least

Floats = npt.NDArray[np.float64]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Timed:
    """One configuration, in seconds of a dry run.

    build: to build and trace. again: to begin a further execution. epoch, saving: of each. around: to
    start and end a child. epochs: as planned. ran: whole epochs that were tried; has_ended: whether that
    is all that an execution would run, for early stopping.
    """

    build: float
    epoch: float
    epochs: int
    again: float = 0.0
    saving: float = 0.0
    around: float = 0.0
    ran: int = 0
    has_ended: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """What decides how much of the work is done.

    fewest_epochs: before early stopping can end an execution (None: it can't). executions: of each
    trial. lanes: trials at a time. baselines: trials that run beside the search and take lanes from it.
    prunes, raced: whether trials may be pruned between epochs, skip executions.
    seconds, slot_seconds, epochs: budgets that end the search (None: none).
    """

    trials: int
    executions: int
    lanes: int
    baselines: int = 0
    fewest_epochs: int | None = None
    prunes: bool = False
    raced: bool = False
    seconds: float | None = None
    slot_seconds: float | None = None
    epochs: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """Trials of many searches, alone on the machine; shape (searches, trials)."""

    seconds: Floats
    epochs: Floats


def trial_seconds(timed: Sequence[Timed], course: Course) -> Range:
    """What nine of ten trials take, alone on the machine. Raises: ValueError without one that was timed."""
    low, high = np.quantile(_drawn(timed, course).seconds, SHARES)
    return float(low), float(high)


def total_seconds(timed: Sequence[Timed], course: Course) -> Range:
    """What nine of ten such searches take; `timed` are configurations drawn as the search draws them.

    Raises: ValueError without one.
    """
    drawn = _drawn(timed, course)
    rng = np.random.default_rng(1)
    pace = np.exp(PACE * rng.standard_normal(SEARCHES))
    crowded = rng.uniform(*CROWDED, SEARCHES)
    beginning = rng.uniform(*BEGINNING, SEARCHES)
    work, longest = _work(drawn, course)
    lanes = max(1, course.lanes)
    # Nothing is quicker than its longest trial; and at the end lanes wait for each other.
    shared = crowded * work / lanes + (1 - 1 / lanes) * longest / 2
    taken = work if lanes == 1 else np.minimum(work, np.maximum(longest, shared))
    totals = pace * taken + beginning
    caps = [course.seconds, None if course.slot_seconds is None else course.slot_seconds / lanes]
    cap = min((each for each in caps if each is not None), default=math.inf)
    low, high = np.quantile(np.minimum(totals, cap), SHARES)
    return float(low), float(high)


def _work(drawn: Drawn, course: Course) -> tuple[Floats, Floats]:
    """Seconds of all trials of each search, until a budget of epochs ends it; and of its longest one."""
    seconds, epochs = drawn.seconds.cumsum(axis=1), drawn.epochs.cumsum(axis=1)
    known = seconds.shape[1]
    mean, mean_epochs = seconds[:, -1] / known, epochs[:, -1] / known
    trials = np.full(SEARCHES, float(course.trials))
    if course.epochs is not None:
        within = (epochs < course.epochs).sum(axis=1) + 1
        trials = np.minimum(
            trials, np.maximum(within, course.epochs / mean_epochs * (within > known))
        )
    last = np.minimum(trials, known).astype(int) - 1
    row = np.arange(SEARCHES)
    work = seconds[row, last] + np.maximum(0, trials - known) * mean
    longest = np.maximum.accumulate(drawn.seconds, axis=1)[row, last]
    return np.asarray(work + course.baselines * drawn.seconds[:, 0]), np.asarray(longest)


def _drawn(timed: Sequence[Timed], course: Course) -> Drawn:
    if not timed:
        raise ValueError("No configuration was timed.")
    rng = np.random.default_rng(0)
    count = min(course.trials, DRAWN)
    shape = (SEARCHES, count)
    turn, turn_share, keeping, keeping_share, raced, pruned, unknown = (
        rng.uniform(*span, (SEARCHES, 1))
        for span in (TURN, TURN_SHARE, KEEPING, KEEPING_SHARE, RACED, PRUNED, (0.0, 1.0))
    )
    weights = rng.dirichlet(np.ones(len(timed)), SEARCHES).cumsum(axis=1)
    # Drawn for the longest search, so that a longer one begins with the trials of a shorter one.
    points = rng.random((SEARCHES, DRAWN))[:, :count]
    noise = rng.standard_normal((SEARCHES, DRAWN))[:, :count]
    chosen = np.minimum((points[:, :, None] > weights[:, None, :]).sum(axis=2), len(timed) - 1)
    executions = np.full(shape, float(course.executions))
    if course.raced:
        executions[:, RACE_BEGINS:] = np.maximum(1, raced * course.executions)
    epochs = np.zeros(shape)
    seconds = np.zeros(shape)
    for place, each in enumerate(timed):
        is_it = chosen == place
        run = _epochs(each, course, unknown, noise)
        if course.prunes:
            run = np.maximum(np.minimum(run, math.ceil(each.epochs * FIRST_RUNG)), pruned * run)
        fit = run * each.epoch + keeping + keeping_share * each.saving
        took = turn + turn_share * each.build + each.around + each.build
        took = took + executions * fit + (executions - 1) * each.again
        epochs = np.where(is_it, run * executions, epochs)
        seconds = np.where(is_it, took, seconds)
    return Drawn(seconds, epochs)


def _epochs(timed: Timed, course: Course, unknown: Floats, noise: Floats) -> Floats:
    """Epochs of an execution of each trial; where the try was not long enough, anything up to all of them."""
    if course.fewest_epochs is None:
        return np.full(noise.shape, float(timed.epochs))
    fewest = min(course.fewest_epochs, timed.epochs)
    deviation = STOPPED / math.sqrt(course.executions)
    if timed.has_ended:
        found = timed.ran * np.exp(deviation * noise)
        return np.asarray(np.clip(found, fewest, timed.epochs))
    least = min(max(fewest, timed.ran), timed.epochs)
    share = np.clip(unknown + deviation * noise, 0.0, 1.0)
    return np.asarray(least + share * (timed.epochs - least))
