"""Database writes of a supervised trial, with retries."""

from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any, NoReturn, TypeVar, cast
from zipfile import BadZipFile

import numpy as np

from experiments.data_schema import DataSchema
from experiments.evaluation.final_metrics import final_metrics
from experiments.models import Execution, Experiment, Trial
from experiments.models.trial import FailureKind, TrialState
from experiments.search.history import Values
from experiments.search.strategy import Decision
from experiments.search.tuner import Outcome
from experiments.services.experiments.baselines import start_late_linear_model
from experiments.services.trials import executions, lifecycle, pruning
from experiments.services.trials.executions import BrokenArtifact
from experiments.services.trials.leases import Lease, renew_lease
from experiments.training.code_messages import DataSeen
from experiments.training.messages import (
    CheckpointSaved,
    ChildStarted,
    EpochEnd,
    ExecutionEnd,
    ExecutionStarted,
    ModelBuilt,
    TrialOrder,
)
from experiments.training.strategy_client import AskFailed
from experiments.tuner.custom_strategies import tuner_of
from experiments.tuner.database_retry import DatabaseRetry
from experiments.tuner.orders import scoring
from experiments.tuner.progress_buffer import CappedLog, ProgressBuffer
from experiments.tuner.resource_usage import Meter

T = TypeVar("T")


class Over(Exception):
    """The attempt has ended and the database knows it."""


class Records:
    """One attempt's rows. Every method may raise Fenced or LeaseLost; `end_…` methods raise Over."""

    def __init__(self, lease: Lease, order: TrialOrder) -> None:
        """Continue the logs of earlier attempts."""
        self.lease = lease
        self.folder = Path(order.directory)
        self.notes = ProgressBuffer(order.executions[0].execution)
        self.retry = DatabaseRetry()
        self.most_epochs = int(order.values.get("epochs") or 0)  # of each execution
        self.left = {execution.execution for execution in order.executions}
        experiment = Experiment.objects.select_related("dataset_version").get(pk=lease.experiment)
        self.scoring = scoring(experiment)
        self.schema = DataSchema.from_dict(experiment.dataset_version.schema)
        self.device = ""
        self.current = 0  # the execution that trains; 0 before the first
        self.meter = Meter()
        for pk, log in Execution.objects.filter(pk__in=self.left).values_list("pk", "log"):
            if log:
                self.notes.page(pk).log = CappedLog.continued(log)

    def must(self, write: Callable[[], T]) -> T:
        """Retry a write until it succeeds. Raises LeaseLost."""
        return self.retry.until_done(write)

    def is_last_epoch(self, message: EpochEnd) -> bool:
        """Whether no epoch is left to train in this trial."""
        return len(self.left) == 1 and message.epoch >= self.most_epochs

    def child(self, message: ChildStarted) -> None:
        self.device = message.device
        self.meter.has_gpu = message.device.startswith("GPU")
        environment = {"device": message.device, **message.versions}
        self.must(lambda: executions.record_child(self.lease, message.pid, environment))

    def model(self, message: ModelBuilt) -> None:
        self.must(
            lambda: executions.record_model(
                self.lease, message.parameters, message.method, message.reason
            )
        )

    def data(self, message: DataSeen) -> None:
        """Store what code trains on; a linear model had to wait until its rows are the form's."""
        self.must(lambda: executions.record_data(self.lease, message))
        if message.is_form:
            self.must(lambda: start_late_linear_model(self.lease.experiment))

    def begin(self, message: ExecutionStarted) -> None:
        """Truncate the history to the checkpoint and continue from there."""
        page = self.notes.page(message.execution)
        begun = self.must(
            lambda: executions.start_execution(
                self.lease,
                message.execution,
                epochs_done=message.epochs_done,
                device=self.device,
            )
        )
        page.begin(begun, message.epochs_done, self.meter)
        self.current = message.execution

    def keep(self, message: CheckpointSaved) -> None:
        """Store a checkpoint together with the epochs that it holds."""
        update = self.notes.page(message.execution).update(message.execution)
        directory = Path(message.directory)
        self.must(
            lambda: executions.record_checkpoint(self.lease, update, message.epoch, directory)
        )

    def measure(self, pid: int | None, *, is_tick: bool = False) -> int:
        """Record the child's resource usage for the current execution; return resident bytes."""
        if pid is None:
            return 0
        return self.notes.page(self.current).measure(self.meter, pid, is_tick=is_tick)

    def measure_now_and_then(self, pid: int | None) -> None:
        """After an epoch: a quick child ends before the next tick."""
        if self.meter.is_due():
            self.measure(pid)

    def complete(self, message: ExecutionEnd) -> None:
        """Store an execution for good. Raises NoScore, BrokenArtifact."""
        update = self.notes.page(message.execution).update(message.execution)
        exact = exact_metrics(self.folder, message, self.schema)
        ended = executions.Ended(update, message, self.scoring, self.folder, exact)
        self.must(lambda: executions.complete_execution(self.lease, ended))
        self.left.discard(message.execution)

    def write(self) -> bool:
        """Try once to write what is new, or to renew the lease; whether the database answered."""
        updates = self.notes.unwritten()
        if not updates:
            return self.retry.once(lambda: renew_lease(self.lease))
        written = self.retry.once(lambda: executions.record_epochs(self.lease, updates))
        if written:
            self.notes.written()
        return written

    def flush(self) -> None:
        """Write everything that is left."""
        updates = self.notes.unwritten()
        if updates:
            self.must(lambda: executions.record_epochs(self.lease, updates))
            self.notes.written()

    def end_settled(self) -> NoReturn:
        self.flush()
        try:
            judged = tuner_score(self.lease)
        except AskFailed as failure:
            words = f"The tuner can't score the trial: {failure}"
            self.end_failed(FailureKind.USER_CODE, words[:1000], failure.traceback)
        self.must(lambda: lifecycle.settle_trial(self.lease, judged=judged))
        raise Over

    def end_released(self, words: str) -> NoReturn:
        self.flush()
        self.must(lambda: lifecycle.release_trial(self.lease, words))
        raise Over

    def go_on(self, decision: Decision) -> None:
        """The trial was among the best when it entered a rung."""
        self.must(lambda: pruning.record_go_on(self.lease, decision))

    def end_paused(self, decision: Decision) -> NoReturn:
        self.flush()
        self.must(lambda: pruning.pause_trial(self.lease, decision))
        raise Over

    def end_pruned(self, decision: Decision) -> NoReturn:
        self.flush()
        self.must(lambda: pruning.prune_trial(self.lease, decision))
        raise Over

    def end_early(self, state: TrialState, words: str) -> NoReturn:
        self.flush()
        self.must(lambda: lifecycle.end_early(self.lease, state, words))
        raise Over

    def end_failed(self, kind: FailureKind, message: str, traceback: str = "") -> NoReturn:
        self.flush()
        self.must(lambda: lifecycle.fail_trial(self.lease, kind, message, traceback=traceback))
        raise Over


def exact_metrics(folder: Path, end: ExecutionEnd, schema: DataSchema) -> dict[str, Any]:
    """Return `Execution.exact`; empty where no predictions were kept. Raises BrokenArtifact."""
    if not end.predictions:
        return {}
    try:
        with np.load(folder / end.predictions, allow_pickle=False) as arrays:
            targets, predictions = arrays["targets"], arrays["predictions"]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise BrokenArtifact(f"The predictions can't be read: {error}") from error
    return final_metrics(schema.task, targets, predictions, schema.classes_count).to_dict()


def tuner_score(lease: Lease) -> float | None:
    """The trial's score by its custom tuner; None without one, or where it leaves it to the mean.

    Raises: AskFailed.
    """
    trial = Trial.objects.select_related("space_version", "experiment").get(pk=lease.trial)
    version = trial.space_version
    tuner = tuner_of(version.sampler, version.sampler_options)
    if tuner is None:
        return None
    rows = list(Execution.objects.filter(trial=trial).order_by("index"))
    objective = trial.experiment.objective
    return tuner.score(
        Outcome(
            number=trial.number,
            values=cast(Values, trial.values),
            executions=tuple(each.score for each in rows if each.score is not None),
            metrics=_means(rows),
            curves=tuple(tuple(each.history.get(objective, ())) for each in rows),
            epochs=sum(each.epochs for each in rows),
            seconds=sum(each.seconds for each in rows),
        )
    )


def _means(rows: list[Execution]) -> dict[str, float | None]:
    """Means over the executions; None where one of them lacks the metric."""
    means: dict[str, float | None] = {}
    for name in dict.fromkeys(name for each in rows for name in each.metrics):
        values = [each.metrics.get(name) for each in rows]
        means[name] = None if None in values else fmean(values)
    return means
