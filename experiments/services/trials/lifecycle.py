"""Writes to trials: add, claim, complete, fail, release, stop, retry."""

from dataclasses import dataclass, field
from statistics import fmean, stdev
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from experiments.models import Attempt, Execution, Experiment, Trial
from experiments.models.trial import FailureKind, TrialState
from experiments.services.experiments import budget, limits
from experiments.services.experiments.states import (
    NotAllowed,
    lock_experiment,
    move,
    refuse_imported,
    refuse_repeat,
    request_turns,
)
from experiments.services.site import activity
from experiments.services.trials.executions import is_better, mean_metrics
from experiments.services.trials.failures import may_retry
from experiments.services.trials.leases import (
    AlreadyClaimed,
    Ending,
    Fenced,
    Lease,
    claim_trial,
    end_attempt,
    renew_lease,
)

__all__ = ["AlreadyClaimed", "Fenced", "claim_trial", "renew_lease"]

State = TrialState
Outcome = Attempt.Outcome


class SlotsTaken(Exception):
    """All slots are taken, or the experiment accepts no trial now: this turn is not needed."""


class LookAgain(Exception):
    """Another turn was quicker: load the history and suggest again."""


class BudgetSpent(Exception):
    """No further trial may be added."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A configuration that the sampler (or a person) wants tried as trial `number`.

    predicted, uncertainty: score and deviation that its model expects, if one spoke. repeats: key of
    the trial that is run again. set_aside: why it doesn't count as one of its own. seeds: of its
    executions; empty: they follow from the experiment's.
    """

    number: int
    space_version: int
    values: dict[str, Any]
    values_key: str
    why: str = ""
    kind: str = ""
    predicted: float | None = None
    uncertainty: float | None = None
    saw: dict[str, Any] = field(default_factory=dict)
    origin: str = "sampler"
    repeats: int | None = None
    set_aside: str = ""
    seeds: tuple[int, ...] = ()


def derived_seed(*parts: int) -> int:
    """A seed that follows from the experiment's seed and the place inside it, on any machine."""
    sequence = [part % 2**64 for part in parts]
    return int(np.random.default_rng(sequence).integers(2**31 - 1))


def add_trial(experiment_pk: int, proposal: Proposal) -> Trial:
    """Add a waiting trial with its executions, under the experiment's lock.

    Raises: SlotsTaken, BudgetSpent; LookAgain when another turn added a trial in between.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        check_room(experiment)
        last = experiment.trials.aggregate(last=Max("number"))["last"]
        if proposal.number != (0 if last is None else last + 1):
            raise LookAgain
        if experiment.trials.filter(state=State.WAITING).exists():
            raise LookAgain
        if not budget.trials_left(experiment):
            raise BudgetSpent
        if experiment.queued.filter(trial=None, withdrawn=None).exists():
            raise LookAgain  # people were quicker than the sampler
        if experiment.space_versions.filter(pk__gt=proposal.space_version).exists():
            raise LookAgain  # the search was edited while the sampler thought
        return insert_trial(experiment, proposal)


def check_room(experiment: Experiment) -> None:
    """Whether one more trial may run now; inside a transaction. Raises SlotsTaken."""
    if experiment.state not in Experiment.TURNING:
        raise SlotsTaken
    running = experiment.trials.filter(state=State.RUNNING)
    if experiment.runs_elsewhere:
        running = running.exclude(origin=Trial.JOINED)  # they joined by themselves
    if running.count() >= experiment.parallel or limits.epochs_are_taken(experiment):
        raise SlotsTaken


def insert_trial(experiment: Experiment, proposal: Proposal) -> Trial:
    """A waiting trial and its executions; the caller holds the experiment's lock."""
    event = activity.next_event(experiment.pk)
    trial = Trial.objects.create(
        experiment=experiment,
        number=proposal.number,
        space_version_id=proposal.space_version,
        values=proposal.values,
        values_key=proposal.values_key,
        origin=proposal.origin,
        why=proposal.why[:300],
        kind=proposal.kind,
        predicted=proposal.predicted,
        uncertainty=proposal.uncertainty,
        saw=proposal.saw,
        repeats_id=proposal.repeats,
        set_aside=proposal.set_aside,
        seed=derived_seed(experiment.seed, proposal.number),
        split_hash=experiment.split_hash,
        event_serial=event,
    )
    protocol = experiment.protocol
    parts = protocol.parts_count
    Execution.objects.bulk_create(
        Execution(
            trial=trial,
            index=index,
            part=index % parts,
            repeat=index // parts,
            seed=proposal.seeds[index]
            if proposal.seeds
            else derived_seed(experiment.seed, proposal.number, index),
        )
        for index in range(protocol.executions)
    )
    return trial


def claim_next(experiment_pk: int, *, worker: str) -> Lease | None:
    """Take the waiting trial with the lowest number; None when none waits. Raises SlotsTaken."""
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        check_room(experiment)
        trial = experiment.trials.filter(state=State.WAITING).order_by("number").first()
        return None if trial is None else claim_trial(trial, worker=worker)


def settle_trial(lease: Lease, *, judged: float | None = None) -> Trial:
    """Every execution is stored: its score is their mean, or what a tuner `judged`. Raises Fenced."""
    with transaction.atomic():
        experiment = lock_experiment(lease.experiment)
        executions = list(Execution.objects.filter(trial=lease.trial).order_by("index"))
        scores = [e.score for e in executions if e.score is not None]
        if len(scores) != len(executions) or any(e.state != State.COMPLETED for e in executions):
            raise ValueError("A trial can complete only when each execution has a score.")
        end_attempt(
            lease,
            Ending(State.COMPLETED, Outcome.COMPLETED),
            score=fmean(scores) if judged is None else judged,
            spread=stdev(scores) if len(scores) > 1 and judged is None else None,
            metrics=mean_metrics(executions),
            epochs=sum(e.epochs for e in executions),
            seconds=sum(e.seconds for e in executions),
        )
        trial = Trial.objects.get(pk=lease.trial)
        text = f"Trial {trial.number} completed: {experiment.objective} {trial.score:.6g}"
        if is_better(experiment, trial):
            Experiment.objects.filter(pk=experiment.pk).update(best_trial=trial)
            text += ", the new best"
        activity.record("trial.completed", text, experiment=experiment, trial=trial)
    return trial


def fail_trial(
    lease: Lease,
    kind: FailureKind,
    message: str,
    *,
    traceback: str = "",
    again: bool | None = None,
) -> Trial:
    """End the attempt: wait for another one, or fail. Raises Fenced.

    again: which of both; None: the kind's policy says it.
    """
    with transaction.atomic():
        experiment = lock_experiment(lease.experiment)
        progressed = Attempt.objects.filter(token=lease.token, progressed=True).exists()
        if again is None:
            again = may_retry(lease.trial, kind, progressed=progressed)
        state = State.WAITING if again else State.FAILED
        end_attempt(lease, Ending(state, Outcome.FAILED, kind, message, traceback))
        trial = Trial.objects.get(pk=lease.trial)
        becomes = "It will run again." if again else "It failed."
        text = f"Trial {trial.number}: {message} {becomes}"
        activity.record(
            "trial.retried" if again else "trial.failed", text, experiment=experiment, trial=trial
        )
    return trial


def release_trial(lease: Lease, reason: str) -> None:
    """Give a trial back on purpose (pause, drain): it waits and keeps its epochs. Raises Fenced."""
    with transaction.atomic():
        experiment = lock_experiment(lease.experiment)
        end_attempt(lease, Ending(State.WAITING, Outcome.RELEASED, message=reason))
        # The attempt keeps the reason; a waiting trial has no failure.
        Trial.objects.filter(pk=lease.trial).update(failure_message="")
        trial = Trial.objects.get(pk=lease.trial)
        activity.record(
            "trial.released",
            f"Trial {trial.number} waits: {reason}",
            experiment=experiment,
            trial=trial,
        )


def end_early(lease: Lease, state: TrialState, reason: str) -> None:
    """A running trial ended at an epoch because it was stopped or pruned. Raises Fenced."""
    outcome = Outcome.PRUNED if state == State.PRUNED else Outcome.STOPPED
    with transaction.atomic():
        experiment = lock_experiment(lease.experiment)
        end_attempt(lease, Ending(state, outcome, message=reason))
        trial = Trial.objects.get(pk=lease.trial)
        activity.record(
            f"trial.{state.value}",
            f"Trial {trial.number} {state}: {reason}",
            experiment=experiment,
            trial=trial,
        )


def stop_trial(trial: Trial, *, by: User | None) -> None:
    """Stop a trial: at once when it waits, at its next epoch when it runs. Raises NotAllowed."""
    with transaction.atomic():
        experiment = lock_experiment(trial.experiment_id)
        event = activity.next_event(experiment.pk)
        stopping = Trial.objects.filter(pk=trial.pk, state=State.RUNNING).update(
            stop_wanted=True, event_serial=event
        )
        stopped = Trial.objects.filter(
            pk=trial.pk, state__in=[State.WAITING, State.PAUSED]
        ).update(state=State.STOPPED, ended=Now(), event_serial=event)
        trial.refresh_from_db()
        if not stopping and not stopped:
            raise NotAllowed(f"A {trial.state} trial can't be stopped.")
        if stopped:
            trial.executions.exclude(state=State.COMPLETED).update(state=State.STOPPED)
        text = (
            f"Stopped trial {trial.number}"
            if stopped
            else f"Requested a stop of trial {trial.number}"
        )
        activity.record("trial.stopping", text, experiment=experiment, trial=trial, user=by)
        if stopped:
            request_turns(experiment.pk, int(experiment.state in Experiment.TURNING))


def requeue_trial(trial: Trial, *, by: User | None) -> None:
    """Requeue a failed or stopped trial; an ended experiment continues. Raises: NotAllowed."""
    with transaction.atomic():
        experiment = lock_experiment(trial.experiment_id)
        refuse_repeat(experiment, trial)
        event = activity.next_event(experiment.pk)
        moved = Trial.objects.filter(
            pk=trial.pk, state__in=[State.FAILED, State.STOPPED]
        ).update(
            state=State.WAITING, ended=None, stop_wanted=False, failure_kind="",
            failure_message="", traceback="", event_serial=event,
        )  # fmt: skip
        trial.refresh_from_db()
        if not moved:
            raise NotAllowed(f"A {trial.state} trial can't be requeued.")
        trial.executions.exclude(state=State.COMPLETED).update(
            state=State.WAITING, failure_kind="", ended=None
        )
        activity.record(
            "trial.requeued",
            f"Requeued trial {trial.number}",
            experiment=experiment,
            trial=trial,
            user=by,
        )
        wake(experiment)


def wake(experiment: Experiment) -> None:
    """Let the experiment take the trial up, unless people paused or stop it or time is over."""
    refuse_imported(experiment)
    if experiment.state in Experiment.ENDED:
        ended = budget.verdict(experiment, fresh_start=True)
        if ended is not None:
            raise NotAllowed(f"{ended.reason} Raise the budget to continue.")
        move(experiment, Experiment.State.QUEUED, ended=None)
    if experiment.state in Experiment.TURNING:
        request_turns(experiment.pk)


def add_and_claim(experiment_pk: int, proposal: Proposal, *, worker: str) -> Lease:
    """Add a trial and claim it for a worker. Raises as `add_trial` does."""
    with transaction.atomic():
        return claim_trial(add_trial(experiment_pk, proposal), worker=worker)
