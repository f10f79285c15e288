"""Pruner decisions after epochs, and fold racing between executions."""

import logging
import time
from collections import deque
from dataclasses import replace
from statistics import median

from experiments.evaluation.fold_racing import Lap, lap
from experiments.models import Execution, Experiment, PruningDecision, Trial
from experiments.number_words import plain
from experiments.reports.sampling.peers import peers_of
from experiments.search.history import History, ObservedTrial, Values
from experiments.search.strategy import Decision, Pruner, Standing
from experiments.services.experiments.budget import trials_left
from experiments.services.trials.leases import Lease
from experiments.training.messages import EpochEnd, ExecutionEnd, ExecutionStarted
from experiments.tuner.custom_strategies import pruner_of, traceback_of
from experiments.tuner.progress_buffer import Page

log = logging.getLogger(__name__)


class PrunerFailed(Exception):
    """The pruner raised an error: asking it again would raise it again."""

    def __init__(self, message: str, traceback: str) -> None:
        """`traceback`: of the pruner's own code."""
        super().__init__(message)
        self.traceback = traceback


def make_judge(lease: Lease) -> "Judge | None":
    """The judge of a trial; None where the experiment has no pruner and its trials don't race."""
    experiment = Experiment.objects.get(pk=lease.experiment)
    if experiment.pruner == "none" and not experiment.protocol.races:
        return None
    pruner = pruner_of(experiment.pruner, experiment.pruner_options)
    return Judge(lease, experiment, pruner)


class Judge:
    """What is still to be asked about one trial. Folds after the first are judged as a whole only.

    Epochs of later executions are not compared: the peers' curves are those of first executions.
    """

    def __init__(self, lease: Lease, experiment: Experiment, pruner: Pruner) -> None:
        self.pruner = pruner
        self._experiment = experiment
        self._races = experiment.protocol.races
        self._number = lease.number
        self._peers = peers_of(experiment)
        self._values: Values = Trial.objects.get(pk=lease.trial).values
        self.first = Execution.objects.get(trial=lease.trial, index=0).pk
        decided = PruningDecision.objects.filter(trial=lease.trial)
        self._decided = max(decided.values_list("epoch", flat=True), default=0)
        self._due: deque[int] = deque()
        self._execution_ended = False
        self._fresh = True  # what ended just before this trial counts from its first epoch on
        self._failure: PrunerFailed | None = None

    @property
    def has_questions(self) -> bool:
        """Whether something happened that the pruner has not been asked about."""
        return bool(self._due) or self._execution_ended or self._failure is not None

    def begin(self, message: ExecutionStarted) -> None:
        """A trial that was paused by people at a rung's very epoch is judged when it goes on."""
        rungs = self._rungs()
        passed = [rung for rung in rungs if rung <= message.epochs_done]
        if message.execution == self.first and passed and passed[-1] > self._decided:
            self._due.append(passed[-1])

    def epoch(self, message: EpochEnd) -> None:
        """Remember the epoch if the pruner looks at it."""
        if message.execution != self.first:
            return
        try:
            if self.pruner.looks_at(message.epoch, self._peers.epochs):
                self._due.append(message.epoch)
        except Exception as error:  # custom code may raise anything
            self._failure = self._failed(error)

    def execution_ended(self, message: ExecutionEnd, *, left: int) -> None:
        """One of several executions has its score, and others are to come."""
        del message
        self._execution_ended = left > 0

    def decide(self, page: Page) -> Decision:
        """Ask about the oldest question; `page`: the first execution's. Raises PrunerFailed."""
        racing = bool(self._rungs())
        if self._failure is not None:
            raise self._failure
        fresh = racing or self._execution_ended or self._fresh
        self._peers.refresh(now=None if fresh else time.monotonic())
        self._fresh = False
        closing = trials_left(self._experiment) == 0
        history = self._peers.history(closing=closing, own=self._number)
        history = _with_cost(history, page)
        epoch = self._due[0] if self._due else page.epochs
        curve = tuple(page.history.get(self._experiment.objective, ())[:epoch])
        trial = self._peers.observed(self._number, self._values, curve)
        decision = self._ask(trial, history)
        if self._due:
            self._due.popleft()
        else:
            self._execution_ended = False
        return decision

    def _ask(self, trial: ObservedTrial, history: History) -> Decision:
        try:
            if self._due:
                decision = self.pruner.decide(trial, history)
            else:
                decision = race(trial, history) if self._races else Decision()
                if decision.action == "go_on":
                    decision = self.pruner.after_execution(trial, history)
            if not isinstance(decision, Decision):
                raise TypeError(f"The pruner returned {decision!r}; expected a Decision.")
        except Exception as error:  # custom code may raise anything
            raise self._failed(error) from error
        return decision

    def _rungs(self) -> tuple[int, ...]:
        try:
            return self.pruner.rungs(self._peers.epochs)
        except Exception as error:  # custom code may raise anything
            self._failure = self._failed(error)
            return ()

    def _failed(self, error: Exception) -> PrunerFailed:
        log.error("the pruner of experiment %s failed", self._experiment.pk, exc_info=error)
        words = f"The pruner {self._experiment.pruner} failed: {error}"
        return PrunerFailed(words, traceback_of(error))


def _with_cost(history: History, page: Page) -> History:
    """What an epoch costs, this trial's own included, which the database may not know yet."""
    if history.epoch_seconds or not page.epoch_seconds:
        return history
    return replace(history, epoch_seconds=median(page.epoch_seconds))


def race(trial: ObservedTrial, history: History) -> Decision:
    """Stop a trial that can't win any more. trial.executions: its scores so far."""
    best = history.best
    if best is None or best.number == trial.number:
        return Decision()
    others = [
        other.executions
        for other in history.scored
        if other.number not in (best.number, trial.number)
    ]
    higher = history.direction == "maximize"
    found = lap(trial.executions, best.executions, others, higher_is_better=higher)
    if found is None or not found.is_lost:
        return Decision()
    standing = Standing(
        epoch=len(trial.curve), value=found.mean, cutoff=found.best_mean, rank=2, n=2
    )
    return Decision("stop", _words(found, trial, best), standing)


def _words(found: Lap, trial: ObservedTrial, best: ObservedTrial) -> str:
    own = ", ".join(plain(score) for score in trial.executions)
    theirs = ", ".join(plain(score) for score in best.executions[: found.ran])
    return (
        f"Can't win: after {found.ran} of {found.of} executions it is {found.gap:.3g} "
        f"behind trial {best.number} ({own} against {theirs}). A gap of more than "
        f"{plain(found.limit, 2)} is unlikely to close."
    )
