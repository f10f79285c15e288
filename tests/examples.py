"""Experiments with trials and curves written straight into the database, for pages to be looked at.

No training and no queue: rows as a finished or running search would have left them.
"""

import math
import random
import uuid
from datetime import timedelta
from statistics import fmean, stdev
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from experiments.evaluation.expected import Expected
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.statistical_ties import TieGroup
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
from experiments.search.declarations import Part
from experiments.services.trials.curve_summaries import epoch_figures

EPOCHS = 20
SPACE = {
    "hyperparameters": [
        {"name": "layers", "type": "int", "min": 1, "max": 4, "step": 1, "scale": "linear"},
        {"name": "units", "type": "int", "min": 32, "max": 512, "step": 32, "scale": "linear"},
        {"name": "dropout", "type": "float", "min": 0.0, "max": 0.5, "step": 0.1},
        {"name": "optimizer", "type": "choice", "choices": ["adam", "sgd", "rmsprop"]},
        {
            "name": "learning_rate",
            "type": "float",
            "min": 1e-4,
            "max": 1e-1,
            "scale": "log",
            "help": "Step size of the optimizer.",
        },
        {
            "name": "momentum",
            "type": "float",
            "min": 0.0,
            "max": 0.99,
            "only_if": {"name": "optimizer", "values": ["sgd"]},
        },
        {"name": "batch_size", "type": "choice", "choices": [64, 128, 256], "unit": "rows"},
        {"name": "epochs", "type": "fixed", "value": EPOCHS},
    ],
    "constraints": ["units * layers <= 2048"],
}
SCHEMA = {
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
TRACEBACK = """Traceback (most recent call last):
  File "model.py", line 31, in build_model
    outputs = keras.layers.Dense(units)(hidden)
ValueError: Out of memory while trying to allocate 9.1 GiB."""


def make_version(project: Project) -> DatasetVersion:
    """MNIST, described but without arrays."""
    dataset, _ = Dataset.objects.get_or_create(slug="mnist", project=None, name="MNIST")
    version, _ = DatasetVersion.objects.get_or_create(
        dataset=dataset,
        number=1,
        defaults={
            "state": "ready",
            "digest": "ab" * 32,
            "task": "classification",
            "rows": 60000,
            "test_rows": 10000,
            "schema": SCHEMA,
        },
    )
    return version


def make_experiment(
    project: Project,
    *,
    name: str = "mnist-dense",
    trials: int = 3,
    running: int = 0,
    failing: bool = False,
    repeats: int = 1,
    state: str = "completed",
    max_trials: int | None = None,
    by: User | None = None,
) -> Experiment:
    """An experiment with `trials` trials, the last `running` of them under way."""
    model, _ = HyperModel.objects.get_or_create(
        project=project, name="Dense", kind="template", slug="image-mlp"
    )
    recipe, _ = HyperModelVersion.objects.get_or_create(
        hypermodel=model, number=1, defaults={"digest": "cd" * 32}
    )
    now = timezone.now()
    experiment = Experiment.objects.create(
        project=project,
        name=name,
        state=state,
        tags=["baseline"],
        dataset_version=make_version(project),
        hypermodel_version=recipe,
        sampler="random",
        split_hash="ef" * 32,
        objective="val_accuracy",
        direction="maximize",
        plan={"protocol": Protocol(repeats=repeats).to_dict(), "metrics": ["accuracy"], "seed": 7},
        max_trials=max_trials or max(trials, 1),
        parallel=max(1, running),
        started=now - timedelta(minutes=31),
        resumed=now - timedelta(minutes=31),
        event_serial=max(1, trials),
        created_by=by,
    )
    space = SpaceVersion.objects.create(
        experiment=experiment, number=1, space=SPACE, sampler="random"
    )
    rng = random.Random(experiment.seed)
    rows = [
        _trial(experiment, space, number, rng, _state(number, trials, running, rng, failing))
        for number in range(trials)
    ]
    made = Trial.objects.bulk_create(rows, batch_size=500)
    executions = [e for trial in made for e in _executions(trial, repeats, rng)]
    Execution.objects.bulk_create(executions, batch_size=500)
    Attempt.objects.bulk_create([_attempt(trial) for trial in made], batch_size=500)
    _settle(experiment, made, by)
    return experiment


def replan(experiment: Experiment, **values: Any) -> None:
    """Replace values of its stored plan."""
    for name, value in values.items():
        experiment.plan[name] = value.to_dict() if isinstance(value, Part) else value
    Experiment.objects.filter(pk=experiment.pk).update(plan=experiment.plan)


def _state(number: int, trials: int, running: int, rng: random.Random, failing: bool) -> str:
    if number >= trials - running:
        return "running"
    draw = rng.random()
    if failing and draw < 0.06:
        return "failed"
    return "pruned" if failing and draw < 0.15 else "completed"


def _trial(experiment, space, number: int, rng: random.Random, state: str) -> Trial:
    optimizer = rng.choice(["adam", "sgd", "rmsprop"])
    values = {
        "layers": rng.randint(1, 4),
        "units": 32 * rng.randint(1, 16),
        "dropout": rng.randint(0, 5) / 10,
        "optimizer": optimizer,
        "learning_rate": 10 ** rng.uniform(-4, -1),
        "batch_size": rng.choice([64, 128, 256]),
        "epochs": EPOCHS,
    }
    if optimizer == "sgd":
        values["momentum"] = rng.random() * 0.99
    ended = timezone.now() - timedelta(seconds=20 * max(0, experiment.max_trials - number))
    trial = Trial(
        experiment=experiment,
        number=number,
        space_version=space,
        values=values,
        values_key=uuid.uuid4().hex,
        state=state,
        why="Drawn at random, each hyperparameter on its own scale.",
        saw={"settled": number},
        seed=rng.randrange(2**31),
        split_hash=experiment.split_hash,
        environment={"python": "3.11.7", "keras": "3.15.0", "tensorflow": "2.21.0"},
        parameters=784 * values["units"] + values["units"] ** 2 * values["layers"],
        started=ended - timedelta(seconds=rng.uniform(30, 90)),
        ended=None if state == "running" else ended,
        event_serial=min(number + 1, experiment.event_serial),
    )
    if state == "failed":
        trial.failure_kind = rng.choice(["out_of_memory", "nan", "user_code"])
        trial.failure_message = "Out of memory while trying to allocate 9.1 GiB."
        trial.traceback = TRACEBACK
    return trial


def _executions(trial: Trial, repeats: int, rng: random.Random) -> list[Execution]:
    rate = math.log10(trial.values["learning_rate"])
    top = 0.982 - 0.02 * (rate + 2.7) ** 2 - 0.03 * trial.values["dropout"]
    return [_execution(trial, index, repeats, top, rng) for index in range(repeats)]


def _execution(trial: Trial, index: int, repeats: int, top: float, rng) -> Execution:
    under_way = trial.state == "running"
    epochs = {"running": rng.randint(3, EPOCHS - 4), "failed": 3, "pruned": 6}.get(
        trial.state, rng.randint(12, EPOCHS)
    )
    if under_way and index > 0:
        epochs = 0
    speed = rng.uniform(0.25, 0.6)
    curve = [
        top - 0.14 * math.exp(-speed * epoch) + rng.gauss(0, 0.0018) for epoch in range(epochs)
    ]
    loss: list[float | None] = [3.2 * (1 - value) + rng.gauss(0, 0.004) for value in curve]
    if trial.failure_kind == "nan":
        loss[-1] = None
    done = trial.state in {"completed", "pruned"}
    return Execution(
        trial=trial,
        index=index,
        part=0,
        repeat=index,
        seed=rng.randrange(2**31),
        state=("running" if epochs else "waiting") if under_way else trial.state,
        epochs=epochs,
        history={
            "loss": [value and value * 0.9 for value in loss],
            "accuracy": [value + 0.006 for value in curve],
            "val_loss": loss,
            "val_accuracy": curve,
        },
        best_epoch=curve.index(max(curve)) + 1 if curve else None,
        score=max(curve) if done else None,
        metrics={"val_accuracy": max(curve), "val_loss": loss[-1]} if done else {},
        log="".join(f"Epoch {e + 1}: val_accuracy {v:.4f}\n" for e, v in enumerate(curve)),
        device="CPU",
        method="fused" if epochs else "",
        seconds=epochs * rng.uniform(0.8, 2.5),
    )


def _attempt(trial: Trial) -> Attempt:
    open_ended = trial.state == "running"
    return Attempt(
        trial=trial,
        number=1,
        token=uuid.uuid4(),
        worker=f"slot-{trial.number % 2 + 1}",
        outcome="" if open_ended else trial.state,
        ended=None if open_ended else trial.ended,
    )


def _settle(experiment: Experiment, trials: list[Trial], by: User | None) -> None:
    """Scores from the executions, the best trial, and a few lines of the log."""
    for trial in trials:
        executions = list(trial.executions.all())
        trial.epochs = sum(execution.epochs for execution in executions)
        trial.seconds = sum(execution.seconds for execution in executions)
        trial.epoch_figures = epoch_figures(execution.history for execution in executions)
        scores = [execution.score for execution in executions if execution.score is not None]
        if not scores:
            continue
        trial.score = mean = fmean(scores)
        trial.spread = stdev(scores) if len(scores) > 1 else None
        trial.metrics = {"val_accuracy": mean, "val_loss": 0.06, "accuracy": mean + 0.005}
    completed = [trial for trial in trials if trial.state == "completed"]
    best = max(completed, key=lambda trial: trial.score, default=None)
    fields = ["epochs", "seconds", "epoch_figures", "score", "spread", "metrics"]
    Trial.objects.bulk_update(trials, fields, batch_size=500)
    Experiment.objects.filter(pk=experiment.pk).update(best_trial=best)
    experiment.refresh_from_db()
    note = {"project": experiment.project, "experiment": experiment}
    Activity.objects.create(
        verb="experiment.started", text="Started the experiment", user=by, **note
    )
    for trial in trials[-8:]:
        if trial.state != "running":
            text = f"Trial {trial.number} {trial.state}"
            Activity.objects.create(verb=f"trial.{trial.state}", text=text, trial=trial, **note)


def expect(trial: Trial, **values: Any) -> None:
    """Store what a trial is expected to score on new rows: fields of `Expected`."""
    trial.expected = Expected(**{"value": None, "rows": 1200, **values}).to_dict()
    Trial.objects.filter(pk=trial.pk).update(expected=trial.expected)


def alone(number: int) -> TieGroup:
    """A tie group of one trial, that was tested with five executions."""
    return TieGroup(best=number, members=(number,), executions=5, compared=5)
