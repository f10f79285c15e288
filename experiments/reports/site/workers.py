"""Room: reports. Who works on what: heartbeats, slots, leases, and what waits in the queue."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from experiments.models import Execution, Experiment, Trial, Worker
from experiments.models.worker import CANNOT_TRAIN
from experiments.search.strategies.registry import TROUBLES

SILENT_AFTER = datetime.timedelta(seconds=20)  # heartbeats come every few seconds
FORGOTTEN_AFTER = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """One process. lease_seconds: how long its trial's lease still holds; negative: it is over."""

    name: str
    kind: str
    host: str
    pid: int
    detail: str
    silent: bool
    heartbeat: datetime.datetime
    started: datetime.datetime
    rss_bytes: int
    isolation: str
    experiment_code: UUID | None
    experiment_name: str
    trial_number: int | None
    epoch: int
    lease_seconds: float | None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One experiment that has work: how many trials wait, run, and may run at once."""

    code: UUID
    name: str
    project_name: str
    state: str
    waiting: int
    running: int
    parallel: int
    left: int


@dataclass(frozen=True, slots=True)
class Slots:
    """Room for trials on the machines that report."""

    total: int
    busy: int

    @property
    def free(self) -> int:
        """How many trials could start now."""
        return max(0, self.total - self.busy)


@dataclass(frozen=True, slots=True)
class Hint:
    """What is wrong, and what fixes it."""

    level: str  # danger or warning
    text: str
    fix: str


def slots() -> Slots:
    """Slots of the workers whose heart beats; one worker is one slot."""
    alive = timezone.now() - SILENT_AFTER
    counted = Worker.objects.filter(kind=Worker.Kind.TRIALS, heartbeat__gte=alive).aggregate(
        total=Count("pk"), busy=Count("pk", filter=Q(trial__isnull=False))
    )
    return Slots(counted["total"], counted["busy"])


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
        QueueLine(
            code=experiment.code,
            name=experiment.name,
            project_name=experiment.project.name,
            state=experiment.state,
            waiting=experiment.waiting,
            running=experiment.running,
            parallel=experiment.parallel,
            left=max(0, experiment.max_trials - experiment.settled),
        )
        for experiment in found
    )


def hints(lines: tuple[WorkerLine, ...], *, redis_answers: bool, queue: int) -> tuple[Hint, ...]:
    """What an operator should know, worst first."""
    found = []
    if not redis_answers:
        found.append(
            Hint(
                "danger",
                "Redis is unreachable: no new trial starts, running trials continue.",
                "Start it again with make run, or check REDIS_URL. "
                "Housekeeping then restores the queue.",
            )
        )
    trials = [line for line in lines if line.kind == Worker.Kind.TRIALS and not line.silent]
    if not trials:
        text = "No trial worker is running" + (
            f"; {queue} waiting experiments."
            if queue > 1
            else "; 1 waiting experiment."
            if queue
            else "."
        )
        found.append(Hint("danger", text, "Start one: python manage.py trial_worker."))
    if not any(line.kind == Worker.Kind.HOUSEKEEPING and not line.silent for line in lines):
        found.append(
            Hint(
                "warning",
                "Housekeeping is unresponsive: lost trials are not requeued.",
                "Start it: python manage.py housekeeping.",
            )
        )
    chiefs = [line for line in lines if line.kind == Worker.Kind.CHIEF]
    if chiefs and all(line.silent for line in chiefs):
        found.append(
            Hint(
                "warning",
                "The chief is unresponsive: KerasTuner scripts wait for it.",
                "Start it: python manage.py chief.",
            )
        )
    found.extend(
        Hint(
            "danger",
            f"{line.name} {line.detail}",
            "It runs no trial until this is fixed; its log has the traceback. "
            "Often `make install` is enough.",
        )
        for line in trials
        if line.detail.startswith(CANNOT_TRAIN)
    )
    found.extend(
        Hint(
            "warning",
            f"{line.name} is unresponsive while it runs a trial.",
            f"Its lease ends {settings.LEASE_SECONDS:g} s after the last renewal; "
            "then another worker runs the trial.",
        )
        for line in lines
        if line.silent and line.lease_seconds is not None
    )
    found.extend(
        Hint(
            "warning",
            f"{trouble.source} can't be used.",
            f"{trouble.sentence} Fix it, check it with manage.py check_strategy, and restart.",
        )
        for trouble in TROUBLES
    )
    return tuple(found)


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
        name=worker.name,
        kind=worker.kind,
        host=worker.host,
        pid=worker.pid,
        detail=worker.detail,
        silent=worker.heartbeat < now - SILENT_AFTER,
        heartbeat=worker.heartbeat,
        started=worker.started,
        rss_bytes=worker.rss_bytes,
        isolation=worker.isolation,
        experiment_code=experiment.code if experiment else None,
        experiment_name=experiment.name if experiment else "",
        trial_number=trial.number if trial and experiment else None,
        epoch=epochs.get(trial.pk, 0) if trial else 0,
        lease_seconds=(lease - now).total_seconds() if lease else None,
    )
