"""Reports: how long experiments still take, as a range. Imports models."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from experiments.models import Experiment, Trial

RECENT = 50  # newest trials of an experiment, for the estimate
_FIELDS = ("experiment", "experiment__pruner", "seconds", "started", "ended")
Range = tuple[float, float]


def recent_lengths(experiment: Experiment) -> list[float]:
    """Seconds that its latest trials took that ended or are paused by a pruner; one query."""
    rows = _known([experiment]).order_by("-number").values_list(*_FIELDS)[:RECENT]
    return [length for _, *row in rows if (length := _length(*row)) is not None]


def recent_lengths_of(experiments: Iterable[Experiment]) -> dict[int, list[float]]:
    """The same of several experiments by their keys; one query, however many there are."""
    place = Window(RowNumber(), partition_by=F("experiment"), order_by=F("number").desc())
    rows = _known(experiments).annotate(place=place).filter(place__lte=RECENT)
    found: dict[int, list[float]] = {}
    for key, *row in rows.values_list(*_FIELDS):
        if (length := _length(*row)) is not None:
            found.setdefault(key, []).append(length)
    return found


def resting_of(experiments: Iterable[Experiment]) -> dict[int, int]:
    """How many trials of each experiment are paused, by its key; one query."""
    paused = Trial.objects.filter(experiment__in=list(experiments), state=Trial.State.PAUSED)
    return dict(paused.order_by().values_list("experiment").annotate(Count("pk")))


def _known(experiments: Iterable[Experiment]) -> QuerySet[Trial]:
    states = {*Trial.TERMINAL, Trial.State.PAUSED}
    trials = Trial.objects.filter(experiment__in=list(experiments), state__in=states)
    return trials.exclude(started=None).order_by()


def _length(
    pruner: str, seconds: float, started: datetime, ended: datetime | None
) -> float | None:
    """From start to end; where a pruner may pause a trial in between, its training alone."""
    if pruner != "none":
        return seconds
    return (ended - started).total_seconds() if ended else None


def seconds_left(
    experiment: Experiment, lengths: Sequence[float], settled: int, resting: int, used: float
) -> Range | None:
    """What is left at the pace of `lengths`, capped by the time budget; None when nothing is known.

    resting: trials that a pruner paused. At best none of them is promoted, at worst all are.
    """
    if experiment.state not in Experiment.TURNING:  # pausing and stopping end at the next epoch
        return None
    budget = experiment.budget.max_seconds - used if experiment.budget.max_seconds else math.inf
    if len(lengths) < 2:
        return None if math.isinf(budget) else (0.0, max(0.0, budget))
    mean = sum(lengths) / len(lengths)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in lengths) / (len(lengths) - 1))
    most = max(0, experiment.max_trials - settled)
    slots = max(1, experiment.parallel)
    low = _bound(max(0, most - resting), mean, deviation, -1) / slots
    high = _bound(most, mean, deviation, 1) / slots
    return (round(min(low, budget), 1), round(max(0.0, min(high, budget)), 1))


def _bound(remaining: int, mean: float, deviation: float, side: int) -> float:
    """Two standard errors of the sum from its centre, and a tenth for what the past can't show."""
    aside = 2 * deviation * math.sqrt(remaining) + 0.1 * remaining * mean
    return max(0.0, remaining * mean + side * aside)
