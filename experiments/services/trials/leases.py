"""Leases and fencing of trials.

`trial.token` is the truth. Each write on behalf of a running trial starts with `hold`, which renews
the lease by token; zero rows mean that the trial was taken away, and nothing may be written.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, Max
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from experiments.models import Attempt, Execution, Trial
from experiments.models.trial import FailureKind, TrialState
from experiments.services.site import activity
from experiments.services.trials.curve_summaries import figures_of_trial

log = logging.getLogger(__name__)

State = TrialState
Outcome = Attempt.Outcome
# Executions that have not come to an end of their own.
OPEN = (State.WAITING, State.RUNNING, State.PAUSED)


class AlreadyClaimed(Exception):
    """The trial no longer waits: another worker claimed or ended it."""


class Fenced(Exception):
    """The trial belongs to another attempt, or to none: kill the child, write nothing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's hold on a trial."""

    trial: int
    experiment: int
    number: int
    token: UUID
    worker: str
    seconds: float | None = None  # how long without renewal; None: the site's setting


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ends, and what the trial becomes by it."""

    state: TrialState
    outcome: Attempt.Outcome
    kind: FailureKind | None = None
    message: str = ""
    traceback: str = ""


def lease_end(seconds: float | None = None) -> Combinable:
    """By the database's clock: the workers' clocks may differ."""
    tolerated = settings.LEASE_SECONDS if seconds is None else seconds
    return ExpressionWrapper(Now() + timedelta(seconds=tolerated), output_field=DateTimeField())


def claim_trial(trial: Trial, *, worker: str, why: str = "", instance: str = "") -> Lease:
    """Take a waiting trial; raise AlreadyClaimed when it no longer waits. Inside a transaction.

    why: what the attempt is for, where that is not plain. instance: which process it is, of those
    that gave themselves this name.
    """
    event = activity.next_event(trial.experiment_id)
    token = uuid4()
    seconds = trial.experiment.lease_seconds
    claimed = Trial.objects.filter(pk=trial.pk, state=State.WAITING).update(
        state=State.RUNNING,
        token=token,
        worker=worker,
        lease_until=lease_end(seconds),
        started=Coalesce("started", Now()),
        ended=None,
        stop_wanted=False,
        failure_kind="",
        failure_message="",
        traceback="",
        event_serial=event,
    )
    if not claimed:
        raise AlreadyClaimed(trial.pk)
    last = Attempt.objects.filter(trial=trial).aggregate(last=Max("number"))["last"] or 0
    Attempt.objects.create(
        trial=trial, number=last + 1, token=token, worker=worker, instance=instance, why=why[:300]
    )
    lease = Lease(trial.pk, trial.experiment_id, trial.number, token, worker, seconds)
    _log(lease, "running")
    return lease


def hold(lease: Lease, **columns: Any) -> int:
    """Renew the lease by token and write `columns`; the event serial. Inside a transaction.

    Raises: Fenced, whereupon the transaction must roll back.
    """
    event = activity.next_event(lease.experiment)
    until = lease_end(lease.seconds)
    _update_or_fence(lease, lease_until=until, event_serial=event, **columns)
    return event


def renew_lease(lease: Lease) -> None:
    """Say that the worker lives. Raises Fenced."""
    _update_or_fence(lease, lease_until=lease_end(lease.seconds))


def end_attempt(lease: Lease, ending: Ending, **columns: Any) -> None:
    """Give the trial its next state and close the attempt. Inside a transaction; raises Fenced."""
    event = activity.next_event(lease.experiment)
    terminal = ending.state in Trial.TERMINAL
    _update_or_fence(
        lease,
        state=ending.state,
        token=None,
        lease_until=None,
        ended=Now() if terminal else None,
        failure_kind=ending.kind or "",
        failure_message=ending.message[:1000],
        traceback=ending.traceback,
        event_serial=event,
        epoch_figures=figures_of_trial(lease.trial),
        **columns,
    )
    Attempt.objects.filter(token=lease.token).update(
        ended=Now(),
        outcome=ending.outcome,
        failure_kind=ending.kind or "",
        message=ending.message[:1000],
        traceback=ending.traceback,
    )
    _end_executions(lease.trial, ending)
    _log(lease, f"{ending.state}. {ending.message}" if ending.message else f"{ending.state}")


def _log(lease: Lease, words: str) -> None:
    """For an operator, once it is committed."""
    line = f"trial {lease.number} of experiment {lease.experiment}: {words} ({lease.worker})"
    transaction.on_commit(lambda: log.info("%s", line))


def _end_executions(trial_pk: int, ending: Ending) -> None:
    """Completed executions stay; the others follow the trial, keeping the epochs that they have."""
    left = Execution.objects.filter(trial=trial_pk, state__in=OPEN)
    if ending.state in Trial.TERMINAL:
        left.filter(state=State.RUNNING).update(failure_kind=ending.kind or "", ended=Now())
    left.update(state=ending.state)


def _update_or_fence(lease: Lease, **columns: Any) -> None:
    leased = Trial.objects.filter(pk=lease.trial, token=lease.token, state=State.RUNNING)
    if not leased.update(**columns):
        raise Fenced(lease.trial)
