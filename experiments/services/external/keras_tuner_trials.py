"""Stores further data of KerasTuner's workers beside values and score.

It stands in `Trial.source` as an import writes it: an export takes it from there.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from experiments.interop.imported_search import strict
from experiments.interop.keras_tuner.observations import Recorded, added, by_step
from experiments.models import Experiment, Script, Trial
from experiments.search.history import Direction, Value
from experiments.services.external.trials import (
    MOST_EPOCHS,
    ReportedEpoch,
    TooMuch,
    begin_outside,
    record_reported,
)
from experiments.services.trials.leases import Lease, hold

log = logging.getLogger(__name__)


def remember_metrics(lease: Lease, metrics: Mapping[str, float], step: int) -> Recorded:
    """One report of a worker, and the curve by all of this attempt's. Raises Fenced."""
    with transaction.atomic():
        hold(lease)
        trial = Trial.objects.select_related("experiment").get(pk=lease.trial)
        known = _directions(trial.experiment)
        recorded = added(trial.source.get("metrics", {}), metrics, step, known)
        _write(trial, metrics=recorded)
        epochs = epochs_of(recorded)
        try:
            if epochs:
                record_reported(lease, epochs)
        except TooMuch as error:  # the report counts for the score all the same
            log.info("trial %s has no curve: %s", lease.number, error)
    return recorded


def epochs_of(recorded: Recorded) -> list[ReportedEpoch]:
    """The steps as epochs, once there are two: a single one is a result and no curve."""
    steps = by_step(recorded)
    if len(steps) < 2 or max(steps) >= MOST_EPOCHS:
        return []
    return [ReportedEpoch(step + 1, dict(metrics)) for step, metrics in steps.items()]


def begin_again(lease: Lease, environment: Mapping[str, Any], extra: Mapping[str, Value]) -> None:
    """A worker begins its trial, from its first epoch: what was reported before is gone. Raises Fenced.

    extra: what it receives beside the values. Else the worker would read the objective of an earlier try
    and not report its own.
    """
    with transaction.atomic():
        begin_outside(lease, environment=environment)
        trial = Trial.objects.get(pk=lease.trial)
        _write(trial, metrics={}, extra=dict(extra))


def remember_ending(lease: Lease, extra: Mapping[str, Value], best_step: int | None) -> None:
    """Values that no entry declares (Hyperband's `tuner/…`), and the 0-based step of the score. Raises Fenced."""
    with transaction.atomic():
        hold(lease)
        trial = Trial.objects.get(pk=lease.trial)
        _write(trial, extra=strict(extra), best_step=best_step)


def remember_rung(lease: Lease, epochs: int, value: float | None) -> dict[int, float | None]:
    """What the objective was after a try of so many epochs; those of all tries. Raises Fenced."""
    with transaction.atomic():
        hold(lease)
        trial = Trial.objects.get(pk=lease.trial)
        rungs = {**trial.source.get("rungs", {}), str(epochs): value}
        _write(trial, rungs=rungs)
    return {int(each): found for each, found in rungs.items()}


def _directions(experiment: Experiment) -> dict[str, Direction]:
    main: Direction = "maximize" if experiment.direction == "maximize" else "minimize"
    further = {each.name: each.direction for each in experiment.further}
    return {**further, experiment.objective: main}


def _write(trial: Trial, **columns: Any) -> None:
    kept = {name: each for name, each in columns.items() if each not in ({}, None)}
    rest = {name: each for name, each in trial.source.items() if name not in columns}
    Trial.objects.filter(pk=trial.pk).update(source={**rest, **kept})


def record_heartbeat(experiment_pk: int, name: str, *, host: str, waits: bool) -> None:
    """The script asked or reported just now."""
    Script.objects.update_or_create(
        experiment_id=experiment_pk,
        name=name[:60],
        defaults={"host": host[:80], "waits": waits, "seen": Now()},
    )
