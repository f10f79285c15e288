"""Watching one trial in its child: messages, wishes and deadlines. Room: tuner."""

import logging
import time
from contextlib import closing
from typing import NoReturn

from django.conf import settings

from experiments.models.trial import FailureKind, TrialState
from experiments.services import trials
from experiments.services.executions import BrokenArtifact, NoScore
from experiments.services.failures import POLICIES, signal_words
from experiments.services.leases import Fenced, Lease
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
)
from experiments.tuner.memory import memory_limit, memory_of
from experiments.tuner.notebook import EpochGap
from experiments.tuner.orders import trial_order
from experiments.tuner.patience import LeaseLost
from experiments.tuner.records import Over, Records
from experiments.tuner.seat import Seat

LOOP_SECONDS = 0.2
WRITE_SECONDS = 0.5  # at most two writes a second for each trial
ASK_SECONDS = 0.5  # wishes and memory
LEAVE_SECONDS = 4.0  # a worker that is told to go waits so long for the child's checkpoint
STOP_SECONDS = 30.0  # a stopped trial keeps nothing: a child in a long epoch is ended

log = logging.getLogger(__name__)


def supervise(lease: Lease, seat: Seat) -> None:
    """Run the trial to its end, or to where somebody else takes over."""
    order = trial_order(lease, threads=seat.threads)
    if not order.executions:
        # A worker died between the last execution and the settlement.
        trials.settle_trial(lease)
        return
    with closing(seat.pool.run(order)) as run:
        try:
            Supervision(Records(lease, order), seat, run).watch()
        except Over:
            return
        except (Fenced, LeaseLost) as lost:
            log.warning("trial %s is no longer ours: %s", lease.number, lost)
            run.kill()
        finally:
            seat.beat(None)


class Supervision:
    """The state of one watch."""

    def __init__(self, records: Records, seat: Seat, run: TrialRun) -> None:
        """Nothing is heard yet."""
        self.records = records
        self.seat = seat
        self.run = run
        self.wish: Wish | None = None
        self.heard = self.written = self.asked = time.monotonic()
        self.patient_until: float | None = None  # then a child that was told to end is ended

    def watch(self) -> NoReturn:
        """Loop until the attempt ends. Raises Over, Fenced, LeaseLost."""
        while True:
            try:
                message = self.run.receive(LOOP_SECONDS)
                if message is not None:
                    self.heard = time.monotonic()
                    self.absorb(message)
            except (FrameError, EpochGap, BrokenArtifact) as error:
                self.fail(FailureKind.INFRASTRUCTURE, f"The training process misspoke: {error}")
            if message is None and (status := self.run.exit_status()) is not None:
                self.child_gone(status)
            self.tick()

    def absorb(self, message: Message) -> None:
        """Write down one message."""
        match message:
            case EpochEnd():
                self.records.notes.page(message.execution).epoch(message)
            case LogLine():
                self.records.notes.line(message.execution, message.text)
            case ChildStarted():
                self.records.child(message)
            case ModelBuilt():
                self.records.model(message)
            case CheckpointSaved():
                self.records.keep(message)
            case _:
                self.absorb_milestone(message)

    def absorb_milestone(self, message: Message) -> None:
        """Messages that begin or end something."""
        match message:
            case ExecutionStarted():
                self.records.begin(message)
            case ExecutionEnd():
                try:
                    self.records.complete(message)
                except NoScore as error:
                    self.fail(FailureKind.NAN, str(error))
            case Failure():
                self.fail(FailureKind(message.kind), message.message, message.traceback)
            case TrialEnd():
                self.end(message)

    def end(self, message: TrialEnd) -> None:
        """The child is done: settle, or do what it was stopped for."""
        words = self.wish.words if self.wish else "it was stopped."
        match message.stopped:
            case None if self.records.left:
                words = "The training ended before it was complete."
                self.fail(FailureKind.INFRASTRUCTURE, words)
            case None:
                self.records.end_settled()
            case "pause":
                self.records.end_released(words)
            case "prune":
                self.records.end_early(TrialState.PRUNED, words)
            case _:
                self.records.end_early(TrialState.STOPPED, words)

    def child_gone(self, status: int) -> None:
        """The child ended without a last word: of itself, or because it was told to go."""
        if self.wish is not None:
            self.end_by_wish(self.wish)
        self.fail(FailureKind.KILLED, signal_words(status))

    def fail(self, kind: FailureKind, message: str, traceback: str = "") -> NoReturn:
        """End the attempt by the kind's policy."""
        self.run.kill()
        self.records.end_failed(kind, message, traceback)

    def end_by_wish(self, wish: Wish) -> NoReturn:
        """Do what was wished without waiting for the child any longer."""
        self.run.kill()
        if wish.reason == "pause":
            self.records.end_released(wish.words)
        self.records.end_early(TrialState.STOPPED, wish.words)

    def tick(self) -> None:
        """Everything that is due."""
        now = time.monotonic()
        self.records.patience.check()
        self.write(now)
        if now - self.asked >= ASK_SECONDS:
            self.asked = now
            self.ask(now)
            self.check_memory()
            self.seat.beat(self.records.lease.trial)
        if now - self.heard > settings.SILENCE_SECONDS:
            seconds = round(settings.SILENCE_SECONDS)
            words = POLICIES[FailureKind.TIMEOUT].words
            self.fail(FailureKind.TIMEOUT, f"{words} ({seconds} seconds)")
        self.check_leaving(now)
        if self.wish and self.patient_until is not None and now > self.patient_until:
            self.end_by_wish(self.wish)

    def write(self, now: float) -> None:
        """Write new epochs and lines, or renew the lease when there are none for a while."""
        since = now - self.written
        news = since >= WRITE_SECONDS and self.records.notes.unwritten()
        if news or since >= settings.LEASE_SECONDS / 6:
            self.records.write()
            self.written = now

    def ask(self, now: float) -> None:
        """Pass a wish on to the child; it acts at its next epoch."""
        if self.wish is not None:
            return
        found: list[Wish | None] = []
        lease = self.records.lease
        if self.records.patience.peek(lambda: found.append(read_wish(lease))) and found[0]:
            self.wish = found[0]
            self.run.stop(self.wish.reason)
            if self.wish.reason != "pause":
                self.patient_until = now + STOP_SECONDS

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
        by = now + LEAVE_SECONDS
        if self.wish is None:
            self.wish = Wish("pause", "its worker was shut down.")
            self.run.stop("pause")
        self.patient_until = min(self.patient_until or by, by)
