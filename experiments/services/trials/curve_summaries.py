"""Summaries of a trial's curves, stored on its row for fast tables."""

import math
from collections.abc import Iterable, Mapping
from statistics import fmean

from experiments.evaluation.metrics import direction_of
from experiments.models import Execution

Curves = Mapping[str, list[float | None]]
Figures = dict[str, dict[str, float | None]]


def figures_of_trial(trial_pk: int) -> Figures:
    """The figures of a trial's executions as they stand; one query."""
    rows = Execution.objects.filter(trial=trial_pk, epochs__gt=0)
    return epoch_figures(rows.values_list("history", flat=True))


def epoch_figures(histories: Iterable[Curves]) -> Figures:
    """`last` and `best` by metric: means over the executions of each one's last and best epoch.

    None where an execution has no number there.
    """
    curves = list(histories)
    names = dict.fromkeys(name for history in curves for name in history)
    return {
        name: {
            "last": _mean([(history.get(name) or [None])[-1] for history in curves]),
            "best": _mean([_best(name, history.get(name)) for history in curves]),
        }
        for name in names
    }


def _best(name: str, values: list[float | None] | None) -> float | None:
    known = [value for value in values or () if value is not None and math.isfinite(value)]
    if not known:
        return None
    return max(known) if direction_of(name) == "maximize" else min(known)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return fmean(known) if known and len(known) == len(values) else None
