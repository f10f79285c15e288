"""Supervises a trial in its child: messages, instructions and deadlines."""

import errno
import logging
import time
from contextlib import closing
from typing import NoReturn
from zipfile import BadZipFile

from django.conf import settings

from experiments.digests import ChangedFile
from experiments.models.trial import FailureKind, TrialState
from experiments.search.strategy import Decision
from experiments.services.experiments.data_pauses import pause_for_data
from experiments.services.experiments.ending import fail_experiment
from experiments.services.site.trial_memory import memory_limit
from experiments.services.trials import lifecycle
from experiments.services.trials.executions import BrokenArtifact, NoScore
from experiments.services.trials.failures import POLICIES, signal_words
from experiments.services.trials.instructions import (
    Instruction,
    InstructionState,
    read_instruction,
)
from experiments.services.trials.leases import Fenced, Lease
from experiments.training.code_messages import DataSeen
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
from experiments.training.pool_protocols import TrialRun
from experiments.training.strategy_client import AskFailed
from experiments.tuner.database_retry import LeaseLost
from experiments.tuner.orders import trial_order
from experiments.tuner.progress_buffer import EpochGap
from experiments.tuner.pruning_decisions import Judge, PrunerFailed, make_judge
from experiments.tuner.trial_records import Over, Records, tuner_score
from experiments.tuner.worker_context import WorkerContext

LOOP_SECONDS = 0.2
WRITE_SECONDS = 0.5  # at most two writes a second for each trial
ASK_SECONDS = 0.5  # pauses, stops and memory
LEAVE_SECONDS = 4.0  # a worker that shuts down waits so long for the child's checkpoint
STOP_SECONDS = 30.0  # a stopped trial keeps nothing: a child in a long epoch is ended

log = logging.getLogger(__name__)


def supervise(lease: Lease, context: WorkerContext) -> None:
    """Supervise the trial to its end, or until another attempt takes over."""
    try:
        order = trial_order(lease, threads=context.threads)
    except ChangedFile as changed:
        pause_for_data(lease, changed)
        return
    except (OSError, ValueError, BadZipFile) as error:
        is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        kind = FailureKind.INFRASTRUCTURE if is_full else FailureKind.DATA
        lifecycle.fail_trial(lease, kind, f"The dataset can't be read: {error}"[:1000])
        return
    if not order.executions:
        # A worker died between the last execution and the settlement.
        settle_left(lease)
        return
    with closing(context.pool.run(order)) as run:
        try:
            Supervision(Records(lease, order), context, run, make_judge(lease)).watch()
        except Over:
            return
        except (Fenced, LeaseLost) as lost:
            log.warning("trial %s belongs to another attempt now: %s", lease.number, lost)
            run.kill()
        finally:
            context.beat(None)


def settle_left(lease: Lease) -> None:
    """Settle a trial whose executions are all stored already."""
    try:
        lifecycle.settle_trial(lease, judged=tuner_score(lease))
    except AskFailed as failure:
        words = f"The tuner can't score the trial: {failure}"
        lifecycle.fail_trial(
            lease, FailureKind.USER_CODE, words[:1000], traceback=failure.traceback
        )


class Supervision:
    """The state of one watch."""

    def __init__(
        self, records: Records, context: WorkerContext, run: TrialRun, judge: Judge | None
    ) -> None:
        self.judge = judge
        self.records = records
        self.context = context
        self.run = run
        self.instruction: Instruction | None = None
        self.received = self.written = self.asked = time.monotonic()
        self.deadline = float("-inf")  # of the time budget, by this process's clock
        self.epochs_left = float("inf")  # of the budget of epochs, until it is asked again
        self.patient_until: float | None = None  # then a child that was asked to end is killed

    def watch(self) -> NoReturn:
        """Loop until the attempt ends. Raises Over, Fenced, LeaseLost."""
        while True:
            try:
                until_deadline = self.deadline - time.monotonic()
                message = self.run.receive(min(LOOP_SECONDS, max(0.01, until_deadline)))
                if message is not None:
                    self.received = time.monotonic()
                    self.absorb(message)
                    self.consult()
            except (FrameError, EpochGap, BrokenArtifact) as error:
                self.fail(
                    FailureKind.INFRASTRUCTURE,
                    f"The training process sent an invalid message: {error}",
                )
            if message is None and (status := self.run.exit_status()) is not None:
                self.child_gone(status)
            self.tick()

    def absorb(self, message: Message) -> None:
        match message:
            case EpochEnd():
                self.records.notes.page(message.execution).epoch(message)
                self.records.measure_now_and_then(self.run.pid)
                if not self.records.is_last_epoch(message):
                    self.epochs_left -= 1
                if self.judge is not None:
                    self.judge.epoch(message)
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
        match message:
            case DataSeen():
                self.records.data(message)
            case ExecutionStarted():
                self.records.begin(message)
                self.records.measure(self.run.pid)
                if self.judge is not None:
                    self.judge.begin(message)
            case ExecutionEnd():
                self.complete(message)
            case Failure():
                self.fail(FailureKind(message.kind), message.message, message.traceback)
            case TrialEnd():
                self.end(message)

    def complete(self, message: ExecutionEnd) -> None:
        self.records.measure(self.run.pid)
        try:
            self.records.complete(message)
        except NoScore as error:
            self.fail(FailureKind.NAN, str(error))
        if self.judge is not None:
            self.judge.execution_ended(message, left=len(self.records.left))

    def consult(self) -> None:
        """Ask the pruner about new epochs, until it ends the trial or has seen all."""
        judge, retry = self.judge, self.records.retry
        while judge is not None and judge.has_questions and self.instruction is None:
            found: list[Decision] = []
            page = self.records.notes.page(judge.first)
            try:
                if not retry.peek(lambda: found.append(judge.decide(page))):  # noqa: B023
                    return  # the database is away: the question stays
            except PrunerFailed as failure:
                self.judge = None
                self.give_up(str(failure), failure.traceback)
                return
            self.follow(found[0])

    def give_up(self, words: str, traceback: str) -> None:
        """End the search: no trial can be judged. This one stops by the request that follows."""
        experiment = self.records.lease.experiment
        self.records.must(lambda: fail_experiment(experiment, words, traceback=traceback))

    def follow(self, decision: Decision) -> None:
        """Send the pruner's decision to the child, or record that the trial continues."""
        if decision.action == "go_on":
            if decision.reason:
                self.records.go_on(decision)
            return
        if decision.action == "pause":
            self.instruction = Instruction("pause", decision.reason, decision)
        else:
            self.instruction = Instruction("prune", decision.reason, decision)
            self.patient_until = time.monotonic() + STOP_SECONDS
        self.run.stop(self.instruction.reason)

    def end(self, message: TrialEnd) -> None:
        """The child has ended: settle the trial, or do what it was stopped for."""
        words = self.instruction.words if self.instruction else "it was stopped."
        if message.stopped is not None and self.instruction and self.instruction.decision:
            self.end_by_decision(self.instruction.decision)
        match message.stopped:
            case None if self.records.left:
                words = "Training ended early."
                self.fail(FailureKind.INFRASTRUCTURE, words)
            case None:
                self.records.end_settled()
            case "pause":
                self.records.end_released(words)
            case _:
                self.records.end_early(TrialState.STOPPED, words)

    def end_by_decision(self, decision: Decision) -> NoReturn:
        """Do what the pruner decided."""
        if decision.action == "pause":
            self.records.end_paused(decision)
        self.records.end_pruned(decision)

    def child_gone(self, status: int) -> None:
        """The child ended without a last message: by itself, or because it was asked to."""
        pauses = (
            self.instruction
            and self.instruction.decision
            and self.instruction.decision.action == "pause"
        )
        if self.instruction is not None and not pauses:
            self.end_as_instructed(self.instruction)
        self.fail(FailureKind.KILLED, signal_words(status))

    def fail(self, kind: FailureKind, message: str, traceback: str = "") -> NoReturn:
        self.run.kill()
        self.records.end_failed(kind, message, traceback)

    def end_as_instructed(self, instruction: Instruction) -> NoReturn:
        """Do what was requested, without waiting for the child any longer."""
        self.run.kill()
        if instruction.reason == "pause":
            self.records.end_released(instruction.words)
        if instruction.decision is not None:
            self.records.end_pruned(instruction.decision)
        self.records.end_early(TrialState.STOPPED, instruction.words)

    def tick(self) -> None:
        now = time.monotonic()
        self.records.retry.check()
        spent = self.epochs_left <= 0
        if spent:
            self.records.write()  # other workers must see it before they check the budget
        self.write(now)
        due = now - self.asked >= ASK_SECONDS
        if due or spent or now >= self.deadline:
            self.ask(now)
        if due:
            self.asked = now
            self.check_memory()
            self.context.beat(self.records.lease.trial)
        if now - self.received > settings.SILENCE_SECONDS:
            seconds = round(settings.SILENCE_SECONDS)
            words = POLICIES[FailureKind.TIMEOUT].words
            self.fail(FailureKind.TIMEOUT, f"{words} ({seconds} s)")
        self.check_leaving(now)
        if self.instruction and self.patient_until is not None and now > self.patient_until:
            self.end_as_instructed(self.instruction)

    def write(self, now: float) -> None:
        """Write new epochs and log lines, or renew the lease after a while without any."""
        since = now - self.written
        news = since >= WRITE_SECONDS and self.records.notes.unwritten()
        if news or since >= settings.LEASE_SECONDS / 6:
            self.records.write()
            self.written = now

    def ask(self, now: float) -> None:
        """Send a pause or stop to the child, which acts at its next epoch."""
        if self.instruction is not None:
            return
        found: list[InstructionState] = []
        lease = self.records.lease
        if not self.records.retry.peek(lambda: found.append(read_instruction(lease))):
            return
        left = found[0].seconds_left
        self.deadline = float("inf") if left is None else now + max(0.0, left)
        epochs = found[0].epochs_left
        self.epochs_left = float("inf") if epochs is None else epochs
        if found[0].instruction is not None:
            self.instruction = found[0].instruction
            self.deadline = self.epochs_left = float("inf")
            self.run.stop(self.instruction.reason)
            if self.instruction.reason != "pause":
                self.patient_until = now + STOP_SECONDS

    def check_memory(self) -> None:
        """End a child that uses too much, before the kernel ends something else."""
        limit = memory_limit()
        if self.records.measure(self.run.pid, is_tick=True) <= limit:
            return
        words = f"Training used more than the limit of {limit / 1e9:.1f} GB memory per trial."
        self.fail(FailureKind.OUT_OF_MEMORY, words)

    def check_leaving(self, now: float) -> None:
        """Release the trial when the worker is asked to stop, with a checkpoint if it comes in
        time.
        """
        if not self.context.leaving.is_set():
            return
        by = now + LEAVE_SECONDS
        if self.instruction is None:
            self.instruction = Instruction("pause", "its worker was shut down.")
            self.run.stop("pause")
        self.patient_until = min(self.patient_until or by, by)
