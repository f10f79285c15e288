"""Reports: epoch histories of named trials, never of all. Imports models.

Every function takes the trials it reads: its cost grows with those, not with the experiment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.models import Execution, Experiment, Trial
from experiments.reports.figures import finite_list, thinned

MOST_TRIALS = 100  # of one request
SPARK_POINTS = 24


@dataclass(frozen=True, slots=True)
class Curve:
    """One execution's epochs from `start` (0-based) on; `metrics` holds that tail alone."""

    trial: int
    execution: int
    index: int
    state: str
    trial_state: str
    start: int
    epochs: int
    planned: int
    best_epoch: int | None
    seconds: float
    metrics: dict[str, list[float | None]]
    epoch_seconds: list[float | None]  # how long each took; empty where nobody knows

    def to_dict(self) -> dict[str, Any]:
        return {
            "trial": self.trial,
            "execution": self.execution,
            "index": self.index,
            "state": self.state,
            "trial_state": self.trial_state,
            "from": self.start,
            "epochs": self.epochs,
            "planned": self.planned,
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 2),
            "metrics": self.metrics,
            "epoch_seconds": self.epoch_seconds,
        }


def curves(experiment: Experiment, numbers: Sequence[int]) -> tuple[Curve, ...]:
    """The whole histories of the named trials."""
    trials = Trial.objects.filter(experiment=experiment, number__in=numbers[:MOST_TRIALS])
    return tails(trials.order_by("number"), {})


def tails(trials: Iterable[Trial], seen: dict[int, int]) -> tuple[Curve, ...]:
    """What each execution of the trials has beyond `seen` (execution's key → epochs); one query.

    A history that became shorter (a restart from a checkpoint) is sent from its beginning.
    """
    by_key = {trial.pk: trial for trial in trials}
    executions = (
        Execution.objects.filter(trial__in=by_key.keys())
        .order_by("trial_id", "index")
        .defer("log", "method_reason", "usage")
    )
    found = []
    for execution in executions:
        before = seen.get(execution.pk, 0)
        start = before if before <= execution.epochs else 0
        if execution.epochs > start or execution.pk not in seen:
            found.append(_curve(execution, by_key[execution.trial_id], start))
    return tuple(found)


def _curve(execution: Execution, trial: Trial, start: int) -> Curve:
    planned = trial.values.get("epochs", 0)
    return Curve(
        trial=trial.number,
        execution=execution.pk,
        index=execution.index,
        state=execution.state,
        trial_state=trial.state,
        start=start,
        epochs=execution.epochs,
        planned=planned if isinstance(planned, int) else 0,
        best_epoch=execution.best_epoch,
        seconds=execution.seconds,
        metrics={
            name: finite_list(values[start:], 7) for name, values in execution.history.items()
        },
        epoch_seconds=finite_list(execution.epoch_seconds[start:], 4),
    )


def sparklines(trial_keys: Sequence[int], metric: str) -> dict[int, list[float | None]]:
    """The metric's curve of each trial's first execution, thinned; by the trial's key."""
    rows = Execution.objects.filter(trial__in=trial_keys[:MOST_TRIALS], index=0)
    return {
        trial: thinned(finite_list(history.get(metric, []), 5), SPARK_POINTS)
        for trial, history in rows.values_list("trial_id", "history")
    }
