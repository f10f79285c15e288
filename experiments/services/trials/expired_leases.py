"""The reaper: releases trials with expired leases.

PostgreSQL has one clock, so a lease that is over is over. SQLite's clock is the caller's and may
jump, so there a trial is taken back only when its token and lease stood still for a whole lease by
the reaper's own monotonic clock. External scripts may send nothing for hours, in which the reaper may be
restarted: theirs is over when the clock says so and it stood still for a worker's lease.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from experiments.models import Attempt, Experiment, Place, Trial
from experiments.models.trial import FailureKind, TrialState
from experiments.services.experiments.ending import conclude
from experiments.services.experiments.states import lock_experiment
from experiments.services.site import activity
from experiments.services.trials.failures import POLICIES, may_retry
from experiments.services.trials.leases import Ending, Fenced, Lease, end_attempt

State = TrialState
KIND = FailureKind.INFRASTRUCTURE
WORDS = POLICIES[KIND].words
Mark = tuple[UUID, datetime]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """What this reaper saw of each running trial, and since when it has stood still."""

    seen: dict[int, tuple[Mark, float]] = field(default_factory=dict)

    def still_for(self, trial_pk: int, mark: Mark, now: float) -> float:
        """Seconds that token and lease have not changed."""
        known = self.seen.get(trial_pk)
        if known is None or known[0] != mark:
            self.seen[trial_pk] = (mark, now)
            return 0.0
        return now - known[1]

    def forget_others(self, running: set[int]) -> None:
        """Drop trials that do not run any more."""
        for gone in self.seen.keys() - running:
            del self.seen[gone]


def release_stale(watch: Watch, *, now: float | None = None) -> list[int]:
    """Take back every trial whose lease is over; return their keys.

    now: of a monotonic clock, for tests.
    """
    now = time.monotonic() if now is None else now
    released = [trial.pk for trial in _unresponsive(watch, now) if _take_back(trial)]
    if released:
        log.warning("released trials %s of unresponsive workers", released)
    return released


def _unresponsive(watch: Watch, now: float) -> list[Trial]:
    running = Trial.objects.filter(state=State.RUNNING)
    here = Q(experiment__place=Place.HERE)
    if connection.vendor == "postgresql":
        return list(running.filter(lease_until__lt=Now()))
    trials = list(running.filter(here | Q(lease_until__lt=Now())))
    watch.forget_others({trial.pk for trial in trials})
    return [
        trial
        for trial in trials
        if trial.token is not None
        and trial.lease_until is not None
        and watch.still_for(trial.pk, (trial.token, trial.lease_until), now)
        >= settings.LEASE_SECONDS
    ]


def _take_back(trial: Trial, *, by: User | None = None) -> bool:
    """End the unresponsive attempt; False when its worker renewed or ended it in the meantime.

    by: who took it back by hand, which is no fault of the trial and doesn't count against it.
    """
    if trial.token is None:
        return False
    lease = Lease(trial.pk, trial.experiment_id, trial.number, trial.token, trial.worker)
    try:
        with transaction.atomic():
            experiment = lock_experiment(trial.experiment_id)
            if not _unchanged(trial):
                return False
            ending = _by_hand(trial, by) if by else _reaped(trial, trial.token)
            end_attempt(lease, ending)
            _record(experiment, trial, ending.state, by=by)
            conclude(trial.experiment_id)
    except Fenced:
        return False
    return True


def _by_hand(trial: Trial, by: User) -> Ending:
    """Another worker takes it; a run that joined is nobody else's to take."""
    words = f"Released by {by.get_username()}."
    if trial.origin == Trial.JOINED:
        return Ending(State.STOPPED, Attempt.Outcome.STOPPED, message=words)
    return Ending(State.WAITING, Attempt.Outcome.RELEASED, message=words)


def _reaped(trial: Trial, token: UUID) -> Ending:
    progressed = Attempt.objects.filter(token=token, progressed=True).exists()
    again = trial.origin != Trial.JOINED and may_retry(trial.pk, KIND, progressed=progressed)
    state = State.WAITING if again else State.FAILED
    return Ending(state, Attempt.Outcome.REAPED, KIND, WORDS)


def _unchanged(trial: Trial) -> bool:
    rows = Trial.objects.filter(
        pk=trial.pk, token=trial.token, lease_until=trial.lease_until, state=State.RUNNING
    )
    return rows.exists()


def release_by_hand(trial: Trial, *, by: User) -> bool:
    """A person takes the trial from its worker or script, whose next write is fenced."""
    trial.refresh_from_db()
    return _take_back(trial, by=by)


def _record(experiment: Experiment, trial: Trial, state: TrialState, *, by: User | None) -> None:
    becomes = "It will run again." if state == State.WAITING else "It failed."
    verb, text = "trial.reaped", f"Trial {trial.number}: its worker was unresponsive. {becomes}"
    if by is not None:
        verb, text = "trial.released", f"Released trial {trial.number} from {trial.worker}"
    activity.record(verb, text, experiment=experiment, trial=trial, user=by)
