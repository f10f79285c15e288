"""Room: evaluation (standard library only). How long a whole search takes, from a few timed models."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# What a trial takes beside its training (a proposal, a claim, files, exact metrics), in seconds and,
# since it grows with the machine's load as building does, as shares of the time to build.
SETTING_UP: Final = (0.4, 1.0)
SETTING_UP_SHARE: Final = 1.5
SAVING: Final = (0.15, 0.15)  # of each execution, after its last epoch
SAVING_SHARE: Final = 0.4
BEGINNING: Final = 10.0  # of a search, at most: what a worker imports when it first needs it
CROWDED: Final = 1.6  # two trainings beside each other slow each other down, at most so
DOUBT: Final = 0.25  # of both bounds: the timed batches are few
FIRST_RUNG: Final = 1 / 9  # of its epochs a pruned trial runs at least


@dataclass(frozen=True, slots=True)
class Timed:
    """One configuration: seconds to build and trace, seconds of an epoch, and its epochs."""

    build: float
    epoch: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Course:
    """What decides how much of the work is done.

    fewest_epochs: before early stopping can end an execution (None: it can't). executions: of each
    trial; baselines: trials that run before the search, at most; raced: whether the rest may be left out after the first few. lanes: trials at a time.
    seconds, slot_seconds: budgets that end the search (None: none).
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


def trial_seconds(timed: Timed, course: Course) -> tuple[float, float]:
    """Bounds of one trial, alone on the machine."""
    fewest = timed.epochs
    if course.fewest_epochs is not None:
        fewest = min(fewest, course.fewest_epochs)
    if course.prunes:
        fewest = min(fewest, max(1, math.ceil(timed.epochs * FIRST_RUNG)))
    runs = min(course.executions, 2) if course.raced else course.executions
    low = SETTING_UP[0] + timed.build + runs * (SAVING[0] + fewest * timed.epoch)
    saving = SAVING[1] + SAVING_SHARE * timed.build
    high = SETTING_UP[1] + (1 + SETTING_UP_SHARE) * timed.build
    high += course.executions * (saving + timed.epochs * timed.epoch)
    return low, high


def total_seconds(timed: Sequence[Timed], course: Course) -> tuple[float, float]:
    """Bounds of the whole search; `timed` are configurations drawn as the search draws them.

    Raises: ValueError without one.
    """
    if not timed:
        raise ValueError("Nothing was timed.")
    bounds = [trial_seconds(each, course) for each in timed]
    lanes = max(1, min(course.lanes, course.trials))
    low = course.trials * _mean([low for low, _ in bounds]) / lanes * (1 - DOUBT)
    crowded = CROWDED if lanes > 1 else 1.0
    trials = course.trials + course.baselines
    high = trials * _mean([high for _, high in bounds]) / lanes * crowded * (1 + DOUBT)
    high += BEGINNING
    # The last trial of a lane may be the longest one.
    high += max(high for _, high in bounds) * crowded if lanes > 1 else 0.0
    if course.epochs is not None:
        pace = _mean([each.epoch for each in timed]) * course.epochs / lanes
        high = min(high, 3 * pace * crowded + max(high for _, high in bounds))
    caps = [course.seconds, None if course.slot_seconds is None else course.slot_seconds / lanes]
    cap = min([each for each in caps if each is not None], default=math.inf)
    return min(low, cap), min(high, cap)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
