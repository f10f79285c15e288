"""Enqueues jobs; the only module that imports django-rq.

The database is the truth: a turn or background job that Redis loses is enqueued again by housekeeping, so a
Redis that is away never fails the request that asked for it.
"""

import logging
import re
from typing import Any, Protocol, cast

import django_rq
from django.db import transaction
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError

from experiments.models import BackgroundJob

TRIALS = "trials"
SHORT = "short"
TURN_JOB = "experiments.jobs.run_next_trial"

QueueUnreachable = RedisError

log = logging.getLogger(__name__)
_BACKGROUND = "background-"
_TURN_ID = re.compile(r"turn-(\d+)-\d+")


class _Queue(Protocol):
    """What is used of an RQ queue."""

    connection: Any

    def enqueue_call(self, func: str, **options: Any) -> object: ...

    def get_job_ids(self) -> list[str]: ...

    def __len__(self) -> int: ...


def queue(name: str) -> _Queue:
    """The RQ queue; it enqueues at once, since callers here wait for the commit themselves."""
    return cast(_Queue, django_rq.get_queue(name, commit_mode="auto"))


def enqueue_turn(experiment_pk: int, serial: int) -> None:
    """Put one turn at the tail of the queue once the transaction commits.

    `serial` comes from `services.turns`: the job id is unique, so that no turn enters twice.
    """
    transaction.on_commit(
        lambda: _enqueue(TRIALS, TURN_JOB, (experiment_pk,), f"turn-{experiment_pk}-{serial}")
    )


def enqueue_short(dotted_job: str, *args: int | str) -> None:
    """Put a short job (upload, bundle) into its own queue once the transaction commits, and again until it ends."""
    same = BackgroundJob.objects.filter(name=dotted_job, arguments=list(args))
    same.delete()  # a run under way may have read what has changed since
    enqueue_background(BackgroundJob.objects.create(name=dotted_job, arguments=list(args)))


def enqueue_once(dotted_job: str, *args: int | str) -> None:
    """Likewise, but nobody misses the job if Redis or its worker loses it."""
    transaction.on_commit(lambda: _enqueue(SHORT, dotted_job, args, None))


def enqueue_background(job: BackgroundJob) -> None:
    """Put a recorded job into the queue once the transaction commits, unless its next attempt waits there."""
    job_id, args = f"{_BACKGROUND}{job.pk}-{job.attempts}", tuple(job.arguments)
    transaction.on_commit(lambda: _enqueue(SHORT, job.name, args, job_id))


def background_key(job_id: str) -> int | None:
    """The primary key of the recorded job behind an RQ job; None where none is recorded."""
    if not job_id.startswith(_BACKGROUND):
        return None
    return int(job_id.removeprefix(_BACKGROUND).split("-")[0])


def enqueue_preflight(dotted_job: str, *args: int | str) -> None:
    """Put a check before all turns of the trial workers once the transaction commits: people wait."""
    transaction.on_commit(lambda: _enqueue(TRIALS, dotted_job, args, None, at_front=True))


def _enqueue(
    name: str, job: str, args: tuple[int | str, ...], job_id: str | None, *, at_front: bool = False
) -> None:
    try:
        queue(name).enqueue_call(
            job, args=args, job_id=job_id, unique=job_id is not None, at_front=at_front
        )
    except DuplicateJobError:
        log.info("job %s is already queued", job_id)
    except RedisError as error:
        # The reconciler looks for missing turns; the request that asked must not fail for it.
        log.warning("could not enqueue %s%s: %s", job, args, error)


def turns_by_experiment() -> dict[int, int]:
    """How many turns wait in the queue, by experiment. Raises QueueUnreachable."""
    counts: dict[int, int] = {}
    for job_id in queue(TRIALS).get_job_ids():
        found = _TURN_ID.fullmatch(job_id)
        if found:
            counts[int(found[1])] = counts.get(int(found[1]), 0) + 1
    return counts


def queue_length(name: str) -> int:
    """Jobs that wait. Raises QueueUnreachable."""
    return len(queue(name))


def is_reachable() -> bool:
    """Whether Redis answers."""
    try:
        django_rq.get_connection(TRIALS).ping()
    except RedisError:
        return False
    return True
