"""Watching one trial in its child: absorb, write, renew, obey wishes and deadlines. Room: tuner."""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from django.conf import settings

from experiments.models import Experiment
from experiments.models.trial import FailureKind, TrialState
from experiments.services import executions, trials
from experiments.services.failures import POLICIES, signal_words
from experiments.services.leases import Fenced, Lease, renew_lease
from experiments.services.wishes import Wish, read_wish
from experiments.training.contract import TrialRun
from experiments.training.frames import FrameError
from experiments.training.messages import (
    CheckpointSaved,
    ChildStarted,
    EpochEnd,
    ExecutionEnd,
    ExecutionStarted,
    Failure,
    LogLine,
    Message,
    ModelBuilt,
    TrialEnd,
    TrialOrder,
)
from experiments.tuner.memory import memory_limit, memory_of
from experiments.tuner.notebook import EpochGap, Notebook
from experiments.tuner.orders import scoring, trial_order
from experiments.tuner.patience import LeaseLost, Patience
from experiments.tuner.seat import Seat

T = TypeVar("T")

LOOP_SECONDS = 0.2
WRITE_SECONDS = 0.5  # at most two writes a second for each trial
ASK_SECONDS = 0.5  # wishes and memory
LEAVE_SECONDS = 4.0  # a worker that is told to go waits so long for the child's checkpoint

log = logging.getLogger(__name__)


class Over(Exception):
    """The trial's attempt has ended and the database knows it."""


def supervise(lease: Lease, seat: Seat) -> None:
    """Run the trial to its end, or to where somebody else takes over."""
    order = trial_order(lease, threads=seat.threads)
    if not order.executions:
        # A worker died between the last execution and the settlement.
        trials.settle_trial(lease)
        return
    with closing(seat.pool.run(order)) as run:
        try:
            Supervision(lease, seat, run, order).watch()
        except Over:
            return
        except (Fenced, LeaseLost) as lost:
            log.warning("trial %s is no longer ours: %s", lease.number, lost or "fenced")
            run.kill()


class Supervision:
    """The state of one watch."""

    def __init__(self, lease: Lease, seat: Seat, run: TrialRun, order: TrialOrder) -> None:
        """Nothing is heard yet."""
        self.lease = lease
        self.seat = seat
        self.run = run
        self.order = order
        self.experiment = Experiment.objects.get(pk=lease.experiment)
        self.notes = Notebook(order.executions[0].execution)
        self.patience = Patience()
        self.left = {execution.execution for execution in order.executions}
        self.device = ""
        self.wish: Wish | None = None
        now = time.monotonic()
        self.heard = self.written = self.asked = now
        self.leave_by: float | None = None

    def watch(self) -> None:
        """Loop until the attempt ends. Raises Over, Fenced, LeaseLost."""
        while True:
            try:
                message = self.run.receive(LOOP_SECONDS)
                if message is not None:
                    self.heard = time.monotonic()
                    self.absorb(message)
            except (FrameError, EpochGap, executions.BrokenArtifact) as error:
                self.fail(FailureKind.INFRASTRUCTURE, f"The training process misspoke: {error}")
            if message is None and self.run.exit_status() is not None:
                self.child_gone(self.run.exit_status() or 0)
            self.tick()

    # What the child says

    def absorb(self, message: Message) -> None:
        """Write down one message."""
        match message:
            case EpochEnd():
                self.notes.page(message.execution).epoch(message)
            case LogLine():
                self.notes.line(message.execution, message.text)
            case ChildStarted():
                self.device = message.device
                environment = {"device": message.device, **message.versions}
                self.must(lambda: executions.record_child(self.lease, message.pid, environment))
            case ModelBuilt():
                self.must(
                    lambda: executions.record_model(
                        self.lease, message.parameters, message.method, message.reason
                    )
                )
            case _:
                self.absorb_milestone(message)

    def absorb_milestone(self, message: Message) -> None:
        """Messages that end or begin something."""
        match message:
            case ExecutionStarted():
                self.begin(message)
            case CheckpointSaved():
                self.keep(message)
            case ExecutionEnd():
                self.complete(message)
            case Failure():
                self.fail(FailureKind(message.kind), message.message, message.traceback)
            case TrialEnd():
                self.end(message)

    def begin(self, message: ExecutionStarted) -> None:
        """Cut the history back to the checkpoint and go on from there."""
        page = self.notes.page(message.execution)
        page.history = self.must(
            lambda: executions.start_execution(
                self.lease,
                message.execution,
                epochs_done=message.epochs_done,
                device=self.device,
            )
        )
        page.epochs = message.epochs_done

    def keep(self, message: CheckpointSaved) -> None:
        """Store a checkpoint together with the epochs that it holds."""
        update = self.notes.page(message.execution).update(message.execution)
        directory = Path(message.directory)
        self.must(
            lambda: executions.record_checkpoint(self.lease, update, message.epoch, directory)
        )

    def complete(self, message: ExecutionEnd) -> None:
        """Store an execution for good."""
        ended = executions.Ended(
            self.notes.page(message.execution).update(message.execution),
            message,
            scoring(self.experiment),
            Path(self.order.directory),
        )
        try:
            self.must(lambda: executions.complete_execution(self.lease, ended))
        except executions.NoScore as error:
            self.fail(FailureKind.NAN, str(error))
        self.left.discard(message.execution)

    def end(self, message: TrialEnd) -> None:
        """The child is done: settle, or do what it was stopped for."""
        self.flush_now()
        if message.stopped is None and self.left:
            self.fail(FailureKind.INFRASTRUCTURE, "The training ended before it was complete.")
        words = self.wish.words if self.wish else "it was stopped."
        match message.stopped:
            case None:
                self.must(lambda: trials.settle_trial(self.lease))
            case "pause":
                self.must(lambda: trials.release_trial(self.lease, words))
            case "prune":
                self.must(lambda: trials.end_early(self.lease, TrialState.PRUNED, words))
            case _:
                self.must(lambda: trials.end_early(self.lease, TrialState.STOPPED, words))
        raise Over

    def child_gone(self, status: int) -> None:
        """The child ended without a last word."""
        if self.leave_by is not None:
            self.leave()
        self.fail(FailureKind.KILLED, signal_words(status))

    def fail(self, kind: FailureKind, message: str, traceback: str = "") -> None:
        """End the attempt by the kind's policy. Raises Over."""
        self.run.kill()
        self.flush_now()
        self.must(lambda: trials.fail_trial(self.lease, kind, message, traceback=traceback))
        raise Over

    # What time brings

    def tick(self) -> None:
        """Everything that is due."""
        now = time.monotonic()
        self.patience.check()
        self.write(now)
        if now - self.asked >= ASK_SECONDS:
            self.asked = now
            self.ask()
            self.check_memory()
            self.seat.beat(self.lease.trial)
        if now - self.heard > settings.SILENCE_SECONDS:
            seconds = round(settings.SILENCE_SECONDS)
            words = POLICIES[FailureKind.TIMEOUT].words
            self.fail(FailureKind.TIMEOUT, f"{words} ({seconds} seconds)")
        self.check_leaving(now)

    def write(self, now: float) -> None:
        """Write new epochs and lines, or renew the lease when there are none."""
        since = now - self.written
        updates = self.notes.unwritten() if since >= WRITE_SECONDS else []
        if updates and self.patience.once(lambda: executions.record_epochs(self.lease, updates)):
            self.notes.written()
            self.written = now
        elif since >= settings.LEASE_SECONDS / 6:
            self.patience.once(lambda: renew_lease(self.lease))
            self.written = now

    def flush_now(self) -> None:
        """Write what is left, whatever the time."""
        updates = self.notes.unwritten()
        if updates:
            self.must(lambda: executions.record_epochs(self.lease, updates))
            self.notes.written()

    def ask(self) -> None:
        """Pass a wish on to the child; it acts at its next epoch."""
        if self.wish is not None:
            return
        found: list[Wish | None] = []
        if self.patience.peek(lambda: found.append(read_wish(self.lease))) and found[0]:
            self.wish = found[0]
            self.run.stop(self.wish.reason)

    def check_memory(self) -> None:
        """End a child that uses too much, before the kernel ends something else."""
        limit = memory_limit()
        if self.run.pid is None or memory_of(self.run.pid) <= limit:
            return
        words = f"The training used more than the {limit / 1e9:.1f} GB that a trial may use."
        self.fail(FailureKind.OUT_OF_MEMORY, words)

    def check_leaving(self, now: float) -> None:
        """A worker that is told to go hands its trial back, with a checkpoint if it comes in time."""
        if not self.seat.leaving.is_set():
            return
        if self.leave_by is None:
            self.leave_by = now + LEAVE_SECONDS
            self.wish = Wish("pause", "its worker was shut down.")
            self.run.stop("pause")
        elif now > self.leave_by:
            self.leave()

    def leave(self) -> None:
        """Hand the trial back as it is. Raises Over."""
        self.run.kill()
        self.flush_now()
        words = "its worker was shut down."
        self.must(lambda: trials.release_trial(self.lease, words))
        raise Over

    def must(self, write: Callable[[], T]) -> T:
        """Write, however often the database has to be asked. Raises LeaseLost."""
        return self.patience.until_done(write)
