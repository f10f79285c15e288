"""Limits that end a search, and the number of parallel trials."""

from dataclasses import dataclass
from typing import Final

from experiments.search.declarations import EPOCHS, HOURS, MINUTES, PERCENT, TRIALS, Part, value

MOST_TRIALS: Final = 100_000
MOST_SECONDS: Final = 366 * 24 * 3600
MOST_PARALLEL: Final = 64
MOST_EPOCHS: Final = 10**12
MOST_FAILURES: Final = 1000
LARGEST: Final = 1e100


@dataclass(frozen=True, slots=True)
class Budget(Part):
    """The search ends at the first limit that it reaches; None = no such limit."""

    max_trials: int = value(
        20,
        required=True,
        label="Trials",
        help="The search ends after this many trials.",
        lowest=1,
        highest=MOST_TRIALS,
        editable=True,
        link="trials",
    )
    max_seconds: int | None = value(
        None,
        label="Time limit",
        help="Wall-clock time while the search runs.",
        unit=MINUTES,
        lowest=1,
        highest=MOST_SECONDS,
        unset="no limit",
        field="max_minutes",
        editable=True,
        link="minutes",
    )
    parallel: int = value(
        1,
        label="Parallel trials",
        help="Trials that run at the same time; a lower number takes effect as trials end.",
        lowest=1,
        highest=MOST_PARALLEL,
        editable=True,
        link="slots",
    )
    target_score: float | None = value(
        None,
        label="Target score",
        help="The search ends when a trial reaches this score.",
        lowest=-LARGEST,
        highest=LARGEST,
        unset="none",
        editable=True,
        link="target",
    )
    least_gain: float | None = value(
        None,
        label="Minimum improvement",
        help="The search ends when 20 more trials are expected to improve the score by less.",
        lowest=0.0,
        highest=LARGEST,
        unset="none",
        editable=True,
        link="gain",
    )
    patience: int | None = value(
        None,
        label="Search patience",
        help="The search ends after this many trials without a better score.",
        unit=TRIALS,
        lowest=1,
        highest=MOST_TRIALS,
        unset="no limit",
        field="search_patience",
        editable=True,
        link="patience",
    )
    max_epochs: int | None = value(
        None,
        label="Total epochs",
        help="Epochs of all trials, folds and repeats together.",
        unit=EPOCHS,
        lowest=1,
        highest=MOST_EPOCHS,
        unset="no limit",
        editable=True,
        link="epochs",
    )
    max_slot_seconds: int | None = value(
        None,
        label="Slot-hours",
        help="Slots times the hours in use: two slots for one hour are two.",
        unit=HOURS,
        lowest=1,
        highest=MOST_SECONDS * MOST_PARALLEL,
        unset="no limit",
        field="max_slot_hours",
        editable=True,
        link="hours",
    )
    max_failures: int = value(
        5,
        label="Consecutive failures",
        help="The search fails after this many failed trials in a row.",
        unit=TRIALS,
        lowest=1,
        highest=MOST_FAILURES,
        editable=True,
        link="failures",
    )
    max_failed_share: float | None = value(
        None,
        label="Failure rate",
        help="The search fails when more of its ended trials failed, from 10 ended trials on.",
        unit=PERCENT,
        lowest=0.0,
        highest=1.0,
        unset="no limit",
        field="max_failed_percent",
        editable=True,
        link="failed",
    )
