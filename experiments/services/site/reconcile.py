"""The reconciler: repairs what a crash between two steps left undone.

Redis may lose turns, a process may die between its commit and its enqueueing: the database says
what should be under way, and what is missing for a while is requested again.
"""

import time
from dataclasses import dataclass, field

from django.db.models import Count, Q

from experiments import queues
from experiments.models import Experiment, Place, Trial
from experiments.services.experiments import budget
from experiments.services.experiments.ending import apply_open_request, conclude
from experiments.services.experiments.states import request_turns

State = Experiment.State
# A turn that was just taken from the queue shows neither there nor as a running trial.
GRACE_SECONDS = 8.0


@dataclass(slots=True)
class Missing:
    """Since when turns of an experiment have been missing."""

    since: dict[int, float] = field(default_factory=dict)

    def for_seconds(self, experiment_pk: int, now: float) -> float:
        """How long turns have been missing, now included."""
        return now - self.since.setdefault(experiment_pk, now)

    def fine(self, experiment_pk: int) -> None:
        """Nothing is missing."""
        self.since.pop(experiment_pk, None)


def settle_requests() -> None:
    """Pausing and stopping experiments of which nothing runs come to rest; needs no Redis."""
    requested = Experiment.objects.filter(state__in=[State.PAUSING, State.STOPPING])
    for pk in requested.values_list("pk", flat=True):
        apply_open_request(pk)


def end_outside() -> None:
    """Searches whose scripts went away end when their budget does; needs no Redis."""
    turning = Experiment.objects.filter(state__in=Experiment.TURNING, place=Place.ELSEWHERE)
    for experiment in turning.exclude(trials__state=Trial.State.RUNNING):
        if budget.verdict(experiment) is not None:
            conclude(experiment.pk)


def request_missing_turns(missing: Missing, *, now: float | None = None) -> list[int]:
    """Ask again for turns that are neither queued nor running. Raises QueueUnreachable."""
    now = time.monotonic() if now is None else now
    queued = queues.turns_by_experiment()
    requested = []
    running = Count("trials", filter=Q(trials__state=Trial.State.RUNNING))
    turning = Experiment.objects.filter(state__in=Experiment.TURNING, place=Place.HERE)
    for experiment in turning.annotate(running=running):
        lacking = experiment.parallel - experiment.running - queued.get(experiment.pk, 0)
        if lacking <= 0:
            missing.fine(experiment.pk)
        elif missing.for_seconds(experiment.pk, now) >= GRACE_SECONDS:
            missing.fine(experiment.pk)
            _revive(experiment, lacking)
            requested.append(experiment.pk)
    return requested


def _revive(experiment: Experiment, lacking: int) -> None:
    """One turn through `conclude`, which ends the search if it is over; the others on top."""
    conclude(experiment.pk)
    experiment.refresh_from_db()
    if experiment.state in Experiment.TURNING:
        request_turns(experiment.pk, lacking - 1)
