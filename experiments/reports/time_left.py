"""Reports: how long experiments still take, as a range. Imports models."""

import math
from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from experiments.models import Experiment, Trial

RECENT = 50  # settled trials of an experiment that the estimate looks at
Range = tuple[float, float]


def recent_lengths(experiment: Experiment) -> list[float]:
    """Seconds from start to end of its latest settled trials; one query."""
    ended = _settled([experiment]).order_by("-number").values_list("started", "ended")
    return [(end - start).total_seconds() for start, end in ended[:RECENT] if start and end]


def recent_lengths_of(experiments: Iterable[Experiment]) -> dict[int, list[float]]:
    """The same of several experiments by their keys; one query, however many there are."""
    place = Window(RowNumber(), partition_by=F("experiment"), order_by=F("number").desc())
    rows = _settled(experiments).annotate(place=place).filter(place__lte=RECENT)
    found: dict[int, list[float]] = {}
    for key, start, end in rows.values_list("experiment", "started", "ended"):
        if start and end:
            found.setdefault(key, []).append((end - start).total_seconds())
    return found


def _settled(experiments: Iterable[Experiment]) -> QuerySet[Trial]:
    trials = Trial.objects.filter(experiment__in=list(experiments), state__in=Trial.TERMINAL)
    return trials.exclude(ended=None).exclude(started=None).order_by()


def seconds_left(
    experiment: Experiment, lengths: Sequence[float], settled: int, used: float
) -> Range | None:
    """What is left at the pace of `lengths`, capped by the time budget; None when nothing is known."""
    if experiment.state not in Experiment.ACTIVE:
        return None
    budget = experiment.max_seconds - used if experiment.max_seconds else math.inf
    if len(lengths) < 2:
        return None if math.isinf(budget) else (0.0, max(0.0, budget))
    mean = sum(lengths) / len(lengths)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in lengths) / (len(lengths) - 1))
    remaining = max(0, experiment.max_trials - settled)
    slots = max(1, experiment.parallel)
    centre = remaining * mean / slots
    # Two standard errors of the sum, and a tenth for what the past can't tell.
    half = 2 * deviation * math.sqrt(remaining) / slots + 0.1 * centre
    low, high = max(0.0, centre - half), centre + half
    return (round(min(low, budget), 1), round(max(0.0, min(high, budget)), 1))
