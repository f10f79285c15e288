"""Fills this product's database with the trials of the page bench, as a search would have left them.

Imports the records; Django must be set up.
"""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from benchmarks.pages.data import EPOCHS, OBJECTIVE, SPACE, Made, made_trials
from experiments.evaluation.protocol import Protocol
from experiments.models import (
    Activity,
    Attempt,
    Dataset,
    DatasetVersion,
    Execution,
    Experiment,
    HyperModel,
    HyperModelVersion,
    Project,
    SpaceVersion,
    Trial,
)
from experiments.services.site.activity import next_event
from experiments.services.trials.curve_summaries import epoch_figures

BATCH = 500
SCHEMA: dict[str, Any] = {
    "kind": "image",
    "task": "classification",
    "shape": [28, 28, 1],
    "scale": 255.0,
    "classes": [str(digit) for digit in range(10)],
    "target": "digit",
    "columns": [],
    "rows": 60000,
    "test_rows": 10000,
}


def fill(project: Project, trials: int, by: User) -> Experiment:
    """An experiment of so many trials with one execution each; the last trial runs."""
    experiment = _experiment(project, trials, by)
    space = SpaceVersion.objects.create(
        experiment=experiment, number=1, space={"hyperparameters": SPACE}
    )
    batch: list[Made] = []
    for made in made_trials(trials):
        batch.append(made)
        if len(batch) == BATCH:
            _store(experiment, space, batch)
            batch = []
    _store(experiment, space, batch)
    best = experiment.trials.filter(score__isnull=False).order_by("-score").first()
    Experiment.objects.filter(pk=experiment.pk).update(best_trial=best)
    Activity.objects.create(
        verb="experiment.started",
        text="Started",
        project=project,
        experiment=experiment,
        user=by,
    )
    experiment.refresh_from_db()
    return experiment


def _experiment(project: Project, trials: int, by: User) -> Experiment:
    model, _ = HyperModel.objects.get_or_create(
        project=project, name="Dense", kind="template", slug="image-mlp"
    )
    recipe, _ = HyperModelVersion.objects.get_or_create(
        hypermodel=model, number=1, defaults={"digest": "cd" * 32}
    )
    dataset, _ = Dataset.objects.get_or_create(slug="mnist", project=None, name="MNIST")
    version, _ = DatasetVersion.objects.get_or_create(
        dataset=dataset,
        number=1,
        defaults={
            "state": "ready",
            "digest": "ab" * 32,
            "task": "classification",
            "rows": SCHEMA["rows"],
            "test_rows": SCHEMA["test_rows"],
            "schema": SCHEMA,
        },
    )
    now = timezone.now()
    return Experiment.objects.create(
        project=project,
        name=f"{trials} trials",
        state="running",
        dataset_version=version,
        hypermodel_version=recipe,
        sampler="random",
        split_hash="ef" * 32,
        objective=OBJECTIVE,
        direction="maximize",
        plan={
            "protocol": Protocol(repeats=1, kind="holdout").to_dict(),
            "metrics": ["accuracy"],
            "seed": 7,
        },
        max_trials=trials + 100,
        parallel=1,
        started=now - timedelta(hours=5),
        resumed=now - timedelta(hours=5),
        event_serial=trials,
        created_by=by,
    )


def _store(experiment: Experiment, space: SpaceVersion, batch: list[Made]) -> None:
    now = timezone.now()
    rows = [_trial(experiment, space, made) for made in batch]
    for row in rows:
        row.started = now - timedelta(seconds=20 * (experiment.max_trials - row.number))
        row.ended = None if row.state == "running" else row.started + timedelta(seconds=40)
    trials = Trial.objects.bulk_create(rows)
    pairs = list(zip(trials, batch, strict=True))
    Execution.objects.bulk_create([_execution(trial, made) for trial, made in pairs])
    Attempt.objects.bulk_create([_attempt(trial) for trial in trials])


def _trial(experiment: Experiment, space: SpaceVersion, made: Made) -> Trial:
    epochs = len(made.history[OBJECTIVE])
    return Trial(
        experiment=experiment,
        number=made.number,
        space_version=space,
        values=made.values,
        values_key=uuid.uuid4().hex,
        state=made.state,
        score=made.score,
        metrics=_at_best(made) if made.score is not None else {},
        epoch_figures=epoch_figures(
            [{name: list(values) for name, values in made.history.items()}]
        ),
        epochs=epochs,
        seconds=epochs * 0.8,
        parameters=784 * made.values["units"],
        failure_kind="out_of_memory" if made.state == "failed" else "",
        why="Drawn at random, each hyperparameter on its own scale.",
        seed=made.number,
        split_hash=experiment.split_hash,
        event_serial=made.number + 1,
        token=uuid.uuid4() if made.state == "running" else None,
        lease_until=timezone.now() + timedelta(days=1) if made.state == "running" else None,
    )


def _at_best(made: Made) -> dict[str, Any]:
    epoch = made.history[OBJECTIVE].index(max(made.history[OBJECTIVE]))
    return {name: values[epoch] for name, values in made.history.items()}


def _execution(trial: Trial, made: Made) -> Execution:
    curve = made.history[OBJECTIVE]
    return Execution(
        trial=trial,
        index=0,
        part=0,
        repeat=0,
        seed=made.number,
        state=made.state,
        epochs=len(curve),
        history=made.history,
        metrics=trial.metrics,
        best_epoch=curve.index(max(curve)) + 1,
        score=made.score,
        device="CPU",
        method="fused",
        seconds=trial.seconds,
    )


def _attempt(trial: Trial) -> Attempt:
    runs = trial.state == "running"
    return Attempt(
        trial=trial,
        number=1,
        token=trial.token if runs and trial.token else uuid.uuid4(),
        worker="slot-1",
        outcome="" if runs else trial.state,
        ended=None if runs else trial.ended,
    )


def add_epoch(trial: Trial) -> None:
    """One epoch more of a running trial, as its worker would have stored it."""
    execution = trial.executions.get()
    history = {name: [*values, values[-1]] for name, values in execution.history.items()}
    Execution.objects.filter(pk=execution.pk).update(
        history=history, epochs=min(execution.epochs + 1, EPOCHS * 4)
    )
    serial = next_event(trial.experiment_id)
    Trial.objects.filter(pk=trial.pk).update(epochs=execution.epochs + 1, event_serial=serial)
