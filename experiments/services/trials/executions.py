"""Writes to executions of a running trial, under its lease."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce, Now

from experiments import storage
from experiments.evaluation.model_costs import FINAL
from experiments.evaluation.score_rules import counted_epochs, value_at
from experiments.models import Artifact, Attempt, Execution, Experiment, Trial
from experiments.services.site import activity
from experiments.services.trials.leases import Lease, hold
from experiments.training.code_messages import DataSeen
from experiments.training.messages import ExecutionEnd

Curves = dict[str, list[float | None]]
State = Execution.State


class NoScore(Exception):
    """The objective was not a finite number at any epoch that counts."""


class BrokenArtifact(Exception):
    """The file that the child named is missing or not as long as it said."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an execution's row should say: the whole history, not an increment."""

    execution: int
    history: Curves
    epochs: int
    seconds: float
    log: str | None = None  # None: nothing new was printed
    epoch_seconds: list[float] = field(default_factory=list)
    usage: dict[str, list[float]] = field(default_factory=dict)  # tuner/usage.py


@dataclass(frozen=True, slots=True)
class Scoring:
    """How an execution is scored. rule: which of the objective's epochs count."""

    objective: str
    direction: str
    rule: str
    more: tuple[str, ...] = ()  # names of further objectives

    def epochs(self, history: Curves) -> list[int]:
        """The 1-based epochs that count. Raises NoScore."""
        curve = history.get(self.objective, [])
        higher = self.direction == "maximize"
        counted = counted_epochs(self.rule, curve, higher_is_better=higher)
        if not counted:
            raise NoScore(f"{self.objective} was NaN.")
        return counted


@dataclass(frozen=True, slots=True)
class Begun:
    """What an execution continues from: its history and its training time so far."""

    history: Curves
    seconds: float
    epoch_seconds: list[float]
    usage: dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class ReportedFile:
    """A file of an execution as the child reported it; `name` is relative to the attempt's folder."""

    kind: Artifact.Kind
    name: str
    bytes: int
    sha256: str

    def check(self, folder: Path) -> None:
        """Whether it lies there as long as announced. Raises BrokenArtifact."""
        path = (folder / self.name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise BrokenArtifact(f"The {self.kind} file of an execution is missing.")
        if path.stat().st_size != self.bytes:
            words = f"The {self.kind} file of an execution doesn't have the reported size."
            raise BrokenArtifact(words)


@dataclass(frozen=True, slots=True)
class Ended:
    """An execution's end, with everything that is stored about it."""

    update: Update
    end: ExecutionEnd
    scoring: Scoring
    folder: Path = field(default_factory=Path)
    exact: dict[str, Any] = field(default_factory=dict)

    def files(self) -> list[ReportedFile]:
        """The files that it leaves, each there and whole. Raises BrokenArtifact."""
        end, kinds = self.end, Artifact.Kind
        reported = [
            ReportedFile(kinds.MODEL, end.model, end.model_bytes, end.model_sha256),
            ReportedFile(
                kinds.PREDICTIONS, end.predictions, end.predictions_bytes, end.predictions_sha256
            ),
        ]
        kept = [file for file in reported if file.name]
        for file in kept:
            file.check(self.folder)
        return kept


def record_child(lease: Lease, pid: int, environment: dict[str, Any]) -> None:
    """The child lives: its process id and what it runs on. Raises Fenced."""
    with transaction.atomic():
        hold(lease, environment=environment)
        Attempt.objects.filter(token=lease.token).update(child_pid=pid)


def record_model(lease: Lease, parameters: int, method: str, reason: str) -> None:
    """The model is built: its size, and how its epochs run. Raises Fenced."""
    with transaction.atomic():
        hold(lease, parameters=parameters)
        Execution.objects.filter(trial=lease.trial).exclude(state=State.COMPLETED).update(
            method=method, method_reason=reason[:300]
        )


def record_data(lease: Lease, seen: DataSeen) -> None:
    """Store what code gave to its fit, with the experiment. Raises Fenced."""
    with transaction.atomic():
        hold(lease)
        Experiment.objects.filter(pk=lease.experiment).update(data_seen=asdict(seen))


def start_execution(lease: Lease, execution: int, *, epochs_done: int, device: str) -> Begun:
    """Start or resume an execution; its history is cut back to its checkpoint.

    Returns: the history up to `epochs_done`, and its training seconds. Raises: Fenced.
    """
    with transaction.atomic():
        hold(lease)
        row = Execution.objects.get(pk=execution, trial=lease.trial)
        history: Curves = {name: values[:epochs_done] for name, values in row.history.items()}
        kept = min(epochs_done, row.epochs)
        if kept == 0:
            history = {}
        seconds = row.seconds * kept / row.epochs if row.epochs else 0.0
        took = row.epoch_seconds[:kept]
        Execution.objects.filter(pk=execution).exclude(state=State.COMPLETED).update(
            state=State.RUNNING,
            history=history,
            epoch_seconds=took,
            epochs=kept,
            device=device[:60],
            started=Coalesce("started", Now()),
            seconds=seconds,
        )
        _sum_up(lease)
    return Begun(history, seconds, took, row.usage)


def record_epochs(lease: Lease, updates: Sequence[Update]) -> None:
    """Renew the lease, then write the histories, in one transaction. Raises Fenced."""
    with transaction.atomic():
        hold(lease)
        for update in updates:
            _write(update)
        _sum_up(lease)


def record_checkpoint(lease: Lease, update: Update, epoch: int, directory: Path) -> None:
    """Record a complete checkpoint, from which a later attempt resumes. Raises: Fenced."""
    with transaction.atomic():
        hold(lease)
        _write(update)
        Execution.objects.filter(pk=update.execution).update(
            checkpoint_path=storage.relative(directory), checkpoint_epoch=epoch
        )
        Attempt.objects.filter(token=lease.token).update(progressed=True)
        _sum_up(lease)


def note_lost_checkpoint(execution: Execution, words: str) -> None:
    """Say in its log and the experiment's that an execution begins anew, and why."""
    trial, text = execution.trial, f"Trains from epoch 1. {words}"
    with transaction.atomic():
        Execution.objects.filter(pk=execution.pk).update(log=f"{execution.log}{text}\n")
        line = f"Trial {trial.number} {text[0].lower()}{text[1:]}"
        activity.record("trial.checkpoint_lost", line, experiment=trial.experiment, trial=trial)


def complete_execution(lease: Lease, ended: Ended) -> None:
    """Store an execution for good: scores, files and state in one transaction.

    Raises: Fenced, NoScore, BrokenArtifact; nothing is written then.
    """
    history = ended.update.history
    counted = ended.scoring.epochs(history)
    metrics = dict(ended.end.metrics)
    metrics.update({name: value_at(values, counted) for name, values in history.items()})
    files = ended.files()
    with transaction.atomic():
        hold(lease)
        metrics.update(_further(lease, ended, metrics))
        _write(ended.update)
        Execution.objects.filter(pk=ended.update.execution).exclude(state=State.COMPLETED).update(
            state=State.COMPLETED,
            metrics=metrics,
            exact=ended.exact,
            score=metrics[ended.scoring.objective],
            best_epoch=ended.end.best_epoch,
            failure_kind="",
            checkpoint_path="",
            checkpoint_epoch=0,
            ended=Now(),
        )
        for file in files:
            # A commit whose answer was lost is repeated, and finds its own row.
            Artifact.objects.get_or_create(
                path=storage.relative(ended.folder / file.name),
                defaults={
                    "trial_id": lease.trial,
                    "execution_id": ended.update.execution,
                    "kind": file.kind,
                    "bytes": file.bytes,
                    "sha256": file.sha256,
                },
            )
        Attempt.objects.filter(token=lease.token).update(progressed=True)
        _sum_up(lease)


def _further(lease: Lease, ended: Ended, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the further objectives that no epoch measures; None where one has no number."""
    wanted = [name for name in ended.scoring.more if name not in metrics]
    if not wanted:
        return {}
    exact = ended.exact.get("values", {})
    known = {f"{FINAL}{name}": value for name, value in exact.items()}
    known["seconds"] = ended.update.seconds
    known["model_bytes"] = ended.end.model_bytes
    known["parameters"] = Trial.objects.values_list("parameters", flat=True).get(pk=lease.trial)
    return {name: known.get(name) for name in wanted}


def _write(update: Update) -> None:
    columns: dict[str, Any] = {
        "history": update.history,
        "epochs": update.epochs,
        "seconds": update.seconds,
        "epoch_seconds": update.epoch_seconds,
        "usage": update.usage,
    }
    if update.log is not None:
        columns["log"] = update.log
    Execution.objects.filter(pk=update.execution).exclude(state=State.COMPLETED).update(**columns)


def _sum_up(lease: Lease) -> None:
    sums = Execution.objects.filter(trial=lease.trial).aggregate(
        epochs=Sum("epochs"), seconds=Sum("seconds")
    )
    Trial.objects.filter(pk=lease.trial).update(
        epochs=sums["epochs"] or 0, seconds=sums["seconds"] or 0.0
    )


def mean_metrics(executions: list[Execution]) -> dict[str, float | None]:
    """Each metric's mean; None where an execution has no number for it."""
    means: dict[str, float | None] = {}
    for name in dict.fromkeys(name for e in executions for name in e.metrics):
        values = [e.metrics.get(name) for e in executions]
        means[name] = None if None in values else fmean(v for v in values if v is not None)
    return means


def is_better(experiment: Experiment, trial: Trial) -> bool:
    """Whether the trial is better than the best so far, or as good and its number lower.

    The best of equals must not follow from which worker ends first: the models, who recommend a winner, take the
    lowest number. Never if the trial was set aside.
    """
    if trial.set_aside:
        return False
    best = experiment.best_trial
    if best is None or best.score is None or trial.score is None:
        return trial.score is not None
    if trial.score == best.score:
        return trial.number < best.number
    return (trial.score > best.score) == (experiment.direction == "maximize")
