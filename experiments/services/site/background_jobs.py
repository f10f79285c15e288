"""Background jobs from their request to their end: those whose worker or place in the queue is lost run again."""

import logging
from datetime import timedelta
from typing import Final

from django.db.models import F, Q
from django.db.models.functions import Now

from experiments import queues
from experiments.models import BackgroundJob, Worker

MOST_ATTEMPTS: Final = 3
GIVE_UP_JOB: Final = "experiments.jobs.give_up"
SILENT: Final = timedelta(seconds=45)  # then a worker is lost
UNTAKEN: Final = timedelta(seconds=60)  # then a place in the queue may be lost

log = logging.getLogger(__name__)


def begin_job(key: int | None, worker: str) -> None:
    """A worker runs the job of this key; None: one that isn't recorded."""
    if key is not None:
        BackgroundJob.objects.filter(pk=key).update(worker=worker, attempts=F("attempts") + 1)


def end_job(key: int | None, *, is_done: bool) -> None:
    """Its run is over; where it failed, it is due again later."""
    if key is None:
        return
    job = BackgroundJob.objects.filter(pk=key)
    if is_done:
        job.delete()
    else:
        job.update(worker="", requested=Now())


def release_jobs(worker: str) -> None:
    """A process starts: whatever an earlier one of its name had is lost."""
    BackgroundJob.objects.filter(worker=worker).update(worker="")


def request_lost_jobs() -> int:
    """Request those again that nobody runs; one that ended nowhere three times is given up. Returns how many."""
    living = Worker.objects.filter(heartbeat__gt=Now() - SILENT)
    lost = Q(worker="") & Q(requested__lt=Now() - UNTAKEN)
    lost |= ~Q(worker="") & ~Q(worker__in=living.values("name"))
    jobs = list(BackgroundJob.objects.filter(lost))
    for job in jobs:
        if job.attempts >= MOST_ATTEMPTS:
            log.error("the job %s ended nowhere %d times and is given up", job, job.attempts)
            job.delete()
            queues.enqueue_once(GIVE_UP_JOB, job.name, *job.arguments)
            continue
        BackgroundJob.objects.filter(pk=job.pk).update(worker="", requested=Now())
        queues.enqueue_background(job)
    return len(jobs)
