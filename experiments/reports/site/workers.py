"""Room: reports. Who works on what: heartbeats, slots, leases, and what waits in the queue."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from experiments.models import Execution, Experiment, Trial, Worker
from experiments.models.worker import CANNOT_TRAIN
from experiments.search.strategies.registry import TROUBLES

UNRESPONSIVE_AFTER = datetime.timedelta(seconds=20)  # heartbeats come every few seconds
FORGOTTEN_AFTER = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """One process. experiment, trial_number: of its trial, None where the reader may not see them.

    lease_seconds: how long its trial's lease still holds; negative: it is over.
    """

    worker: Worker
    unresponsive: bool
    experiment: Experiment | None
    trial_number: int | None
    epoch: int
    lease_seconds: float | None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One experiment that has work: how many trials wait, run, and are left of its budget."""

    experiment: Experiment
    waiting: int
    running: int
    left: int


@dataclass(frozen=True, slots=True)
class Slots:
    """Room for trials on the machines that report."""

    total: int
    busy: int

    @property
    def free(self) -> int:
        return max(0, self.total - self.busy)


@dataclass(frozen=True, slots=True)
class Hint:
    """What is wrong, and what fixes it."""

    level: str  # danger or warning
    text: str
    fix: str


def trial_workers() -> QuerySet[Worker]:
    """Trial workers with a recent heartbeat."""
    alive = timezone.now() - UNRESPONSIVE_AFTER
    return Worker.objects.filter(kind=Worker.Kind.TRIALS, heartbeat__gte=alive)


def slots() -> Slots:
    """Slots of the workers that report; one worker is one slot."""
    busy = Count("pk", filter=Q(trial__isnull=False))
    return Slots(**trial_workers().aggregate(total=Count("pk"), busy=busy))


def room_for_trials() -> int:
    """How many trials may run at once: the workers that report, else the configured slots."""
    return slots().total or int(settings.SLOTS)


def worker_lines(visible: QuerySet[Experiment]) -> tuple[WorkerLine, ...]:
    """Every process of the last day; experiments that the person may not see stay unnamed."""
    now = timezone.now()
    workers = list(
        Worker.objects.filter(heartbeat__gte=now - FORGOTTEN_AFTER).select_related("trial")
    )
    shown = {
        experiment.pk: experiment
        for experiment in visible.filter(pk__in=[w.experiment_id for w in workers])
    }
    epochs = _epochs([w.trial_id for w in workers if w.trial_id])
    return tuple(_worker_line(w, shown.get(w.experiment_id or 0), epochs, now) for w in workers)


def queue_lines(visible: QuerySet[Experiment]) -> tuple[QueueLine, ...]:
    """Experiments that want slots, oldest start first."""
    found = (
        visible.filter(state__in=Experiment.ACTIVE)
        .select_related("project")
        .annotate(
            waiting=Count("trials", filter=Q(trials__state=Trial.State.WAITING)),
            running=Count("trials", filter=Q(trials__state=Trial.State.RUNNING)),
            settled=Count("trials", filter=Q(trials__state__in=Trial.TERMINAL)),
        )
        .order_by("resumed", "pk")
    )
    return tuple(
        QueueLine(each, each.waiting, each.running, max(0, each.max_trials - each.settled))
        for each in found
    )


def hints(lines: tuple[WorkerLine, ...], *, redis_answers: bool, queue: int) -> Iterator[Hint]:
    """What an operator should know, worst first."""
    if not redis_answers:
        yield Hint(
            "danger",
            "Redis is unreachable: no new trial starts, running trials continue.",
            "Start it again with make run, or check REDIS_URL. Housekeeping then restores the queue.",
        )
    kinds = Worker.Kind
    trials = [line for line in lines if line.worker.kind == kinds.TRIALS and not line.unresponsive]
    if not trials:
        waiting = f"; {queue} waiting experiment{'s' * (queue > 1)}" if queue else ""
        fix = "Start one: python manage.py trial_worker."
        yield Hint("danger", f"No trial worker is running{waiting}.", fix)
    if not any(line.worker.kind == kinds.HOUSEKEEPING and not line.unresponsive for line in lines):
        text = "Housekeeping is unresponsive: lost trials are not requeued."
        yield Hint("warning", text, "Start it: python manage.py housekeeping.")
    chiefs = [line for line in lines if line.worker.kind == kinds.CHIEF]
    if chiefs and all(line.unresponsive for line in chiefs):
        text = "The chief is unresponsive: KerasTuner scripts wait for it."
        yield Hint("warning", text, "Start it: python manage.py chief.")
    yield from _about_workers(lines)
    for trouble in TROUBLES:
        fix = f"{trouble.sentence} Fix it, check it with manage.py check_strategy, and restart."
        yield Hint("warning", f"{trouble.source} can't be used.", fix)


def _about_workers(lines: Iterable[WorkerLine]) -> Iterator[Hint]:
    for line in lines:
        worker = line.worker
        if worker.detail.startswith(CANNOT_TRAIN) and not line.unresponsive:
            yield Hint(
                "danger",
                f"{worker.name} {worker.detail}",
                "It runs no trial until this is fixed; its log has the traceback. "
                "Often `make install` is enough.",
            )
        if line.unresponsive and line.lease_seconds is not None:
            yield Hint(
                "warning",
                f"{worker.name} is unresponsive while it runs a trial.",
                f"Its lease ends {settings.LEASE_SECONDS:g} s after the last renewal; "
                "then another worker runs the trial.",
            )


def _epochs(trial_pks: list[int]) -> dict[int, int]:
    rows = (
        Execution.objects.filter(trial__in=trial_pks, state=Trial.State.RUNNING)
        .values("trial")
        .order_by()
        .annotate(epoch=Max("epochs"))
    )
    return {row["trial"]: row["epoch"] for row in rows}


def _worker_line(
    worker: Worker, experiment: Experiment | None, epochs: dict[int, int], now: datetime.datetime
) -> WorkerLine:
    trial = worker.trial
    lease = trial.lease_until if trial else None
    return WorkerLine(
        worker=worker,
        unresponsive=worker.heartbeat < now - UNRESPONSIVE_AFTER,
        experiment=experiment,
        trial_number=trial.number if trial and experiment else None,
        epoch=epochs.get(trial.pk, 0) if trial else 0,
        lease_seconds=(lease - now).total_seconds() if lease else None,
    )
