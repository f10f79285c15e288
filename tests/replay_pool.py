"""ReplayPool: a training pool that plays recorded curves instead of training.

A trial takes milliseconds unless `seconds_per_epoch` says otherwise.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from experiments.evaluation.model_costs import latency_name
from experiments.training.dry_run_messages import DryRunResult, SetupCheck
from experiments.training.messages import (
    CheckpointSaved,
    ChildStarted,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    ExecutionStarted,
    Failure,
    FailureKind,
    FitOrder,
    LogLine,
    Message,
    Metrics,
    ModelBuilt,
    StopReason,
    TrialEnd,
    TrialOrder,
)

MODEL = b"a replayed model"


@dataclass(frozen=True, slots=True)
class Recording:
    """What one execution does: its epochs, then an end, a failure or a death.

    fail_after, die_after: epochs after which it fails or its child dies (None: never).
    freeze_after: epochs after which nothing comes any more until it is killed.
    """

    epochs: tuple[Metrics, ...]
    log: tuple[str, ...] = ()
    fail_after: int | None = None
    failure_kind: FailureKind = "user_code"
    die_after: int | None = None
    die_status: int = -9
    freeze_after: int | None = None


Script = Callable[[TrialOrder, ExecutionOrder], Recording]


def smooth_curve(order: TrialOrder, execution: ExecutionOrder) -> Recording:
    """Return a curve that falls from epoch to epoch, a little different for each trial and seed."""
    floor = 0.1 + 0.05 * ((order.number * 7 + execution.seed) % 11)
    epochs: list[Metrics] = []
    for epoch in range(1, order.fit.epochs + 1):
        loss = floor + 1.0 / epoch
        accuracy = 1.0 / (1.0 + loss)
        metrics: Metrics = {"loss": loss, "val_loss": loss + 0.05}
        for name in order.fit.metrics:
            metrics[name] = accuracy
            metrics[f"val_{name}"] = accuracy - 0.01
        epochs.append(metrics)
    return Recording(tuple(epochs))


@dataclass
class ReplayPool:
    """Plays `script` for each execution of each order; `orders` and `runs` record what was asked."""

    script: Script = smooth_curve
    seconds_per_epoch: float = 0.0
    orders: list[TrialOrder] = field(default_factory=list)
    runs: "list[ReplayRun]" = field(default_factory=list)

    def start(self) -> None:
        """Nothing to warm."""

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        return True

    def run(self, order: TrialOrder) -> "ReplayRun":
        self.orders.append(order)
        run = ReplayRun(order, self.script, self.seconds_per_epoch)
        self.runs.append(run)
        return run

    def close(self) -> None:
        for run in self.runs:
            run.kill()


class ReplayRun:
    """One trial being played; the interface of `pool.TrialRun`."""

    def __init__(self, order: TrialOrder, script: Script, seconds_per_epoch: float) -> None:
        self.order = order
        self.pid: int | None = os.getpid()
        self.stop_reason: StopReason | None = None
        self._script = script
        self._seconds_per_epoch = seconds_per_epoch
        self._status: int | None = None
        self._ending: int | None = None  # the status once everything has been received
        self._frozen = False
        self._ended = 0  # executions that came to their end
        self._due = 0.0
        self._waiting: Message | None = None
        self._messages = self._play()

    def receive(self, timeout_seconds: float) -> Message | None:
        if self._waiting is None and self._status is None and not self._frozen:
            self._fetch()
        if self._frozen and self._status is None:
            time.sleep(timeout_seconds)
        if self._waiting is None or self._status is not None:
            return None
        left = self._due - time.monotonic()
        if left > 0:
            time.sleep(min(left, timeout_seconds))
        if left > timeout_seconds:
            return None
        message, self._waiting = self._waiting, None
        return message

    def _fetch(self) -> None:
        self._waiting = next(self._messages, None)
        if self._waiting is None and not self._frozen and self._ending is None:
            self._ending = 0
        if self._waiting is None:
            self._status = self._ending
        if isinstance(self._waiting, EpochEnd):
            self._due = time.monotonic() + self._seconds_per_epoch

    def stop(self, reason: StopReason) -> None:
        self.stop_reason = self.stop_reason or reason

    def kill(self) -> None:
        if self._status is None:
            self._status = -9

    def exit_status(self) -> int | None:
        return self._status

    def close(self) -> None:
        self.kill()

    def _play(self) -> Iterator[Message]:
        yield ChildStarted(
            pid=os.getpid(), preloaded=True, device="replay", versions={"replay": "1"}
        )
        if self.order.dry_run_seconds:
            yield from self._dry_run()
            return
        yield ModelBuilt(parameters=1000, method="fused")
        for execution in self.order.executions:
            yield from self._play_execution(execution)
            if self._ending is not None or self._frozen:
                return
            if self.stop_reason is not None and self._ended < len(self.order.executions):
                yield TrialEnd(self.stop_reason)
                return
        yield TrialEnd()

    def _dry_run(self) -> Iterator[Message]:
        """As the recording's first epoch says: an end, a failure or a death."""
        recording = self._script(self.order, self.order.executions[0])
        if recording.fail_after == 0:
            yield _failure(self.order.executions[0], recording)
            return
        if self._dies(recording, 0):
            return
        loss = recording.epochs[0].get("loss") if recording.epochs else None
        yield DryRunResult(
            parameters=1000,
            output_shape=[10],
            method="fused",
            memory_bytes=1_000_000,
            activation_bytes=None,
            build_seconds=0.1,
            again_seconds=0.01,
            epoch_seconds=self._seconds_per_epoch,
            saving_seconds=0.01,
            epochs_run=len(recording.epochs),
            has_ended=True,
            child_seconds=0.2,
            is_finite=loss is not None,
            first_loss=1.0,
            last_loss=loss,
            learning_rate=self.order.values.get("learning_rate"),
            checks=[SetupCheck("softmax", "not_found"), SetupCheck("output", "not_found")],
        )
        yield TrialEnd()

    def _play_execution(self, execution: ExecutionOrder) -> Iterator[Message]:
        recording = self._script(self.order, execution)
        yield ExecutionStarted(execution.execution, execution.epochs_done)
        for text in recording.log:
            yield LogLine(execution.execution, text)
        for done in range(execution.epochs_done, len(recording.epochs) + 1):
            if self._dies(recording, done):
                return
            if recording.fail_after is not None and done >= recording.fail_after:
                yield _failure(execution, recording)
                self._ending = 0
                return
            if done == len(recording.epochs):
                break
            if self.stop_reason is not None:
                if self.stop_reason == "pause" and done:
                    yield self._checkpoint(execution, done)
                return
            seconds = self._seconds_per_epoch
            yield EpochEnd(execution.execution, done + 1, recording.epochs[done], seconds)
        self._ended += 1
        yield self._execution_end(execution, recording)

    def _dies(self, recording: Recording, done: int) -> bool:
        if recording.die_after is not None and done >= recording.die_after:
            self._ending = recording.die_status
        if recording.freeze_after is not None and done >= recording.freeze_after:
            self._frozen = True
        return self._ending is not None or self._frozen

    def _checkpoint(self, execution: ExecutionOrder, epoch: int) -> CheckpointSaved:
        folder = Path(self.order.directory) / f"checkpoint-{execution.execution}"
        folder.mkdir(parents=True, exist_ok=True)
        return CheckpointSaved(execution.execution, epoch, str(folder))

    def _execution_end(self, execution: ExecutionOrder, recording: Recording) -> ExecutionEnd:
        name = f"execution-{execution.execution}.keras"
        Path(self.order.directory).mkdir(parents=True, exist_ok=True)
        (Path(self.order.directory) / name).write_bytes(MODEL)
        best = best_epoch(list(recording.epochs), self.order.fit)
        return ExecutionEnd(
            execution=execution.execution,
            epochs=len(recording.epochs),
            best_epoch=best,
            metrics=recording.epochs[best - 1] | latencies(self.order.fit),
            model=name,
            model_bytes=len(MODEL),
            model_sha256=hashlib.sha256(MODEL).hexdigest(),
            seconds=self._seconds_per_epoch * len(recording.epochs),
        )


def latencies(fit: FitOrder) -> Metrics:
    """A tenth of a millisecond for each row of a call that is to be timed."""
    return {latency_name(batch): 0.1 * batch for batch in fit.latency_batches}


def best_epoch(epochs: list[Metrics], fit: FitOrder) -> int:
    """Return the 1-based epoch whose objective is best; the first one when it never was a number."""
    sign = 1.0 if fit.direction == "minimize" else -1.0
    scored = [
        (sign * value, epoch)
        for epoch, metrics in enumerate(epochs, start=1)
        if (value := metrics.get(fit.objective)) is not None
    ]
    return min(scored)[1] if scored else 1


def _failure(execution: ExecutionOrder, recording: Recording) -> Failure:
    return Failure(
        execution.execution, recording.failure_kind, "The recording says so.", "Traceback …"
    )
