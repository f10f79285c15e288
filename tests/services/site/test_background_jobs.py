"""Background jobs that are lost with their worker, or with Redis, run again."""

import pytest

from experiments.models import BackgroundJob, Worker
from experiments.queues import SHORT, background_key, enqueue_short, queue
from experiments.services.site.background_jobs import (
    GIVE_UP_JOB,
    MOST_ATTEMPTS,
    begin_job,
    end_job,
    release_jobs,
    request_lost_jobs,
)

NAME = "experiments.jobs.read_code"
LONG_AGO = "2020-01-01T00:00:00Z"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def job(queues) -> BackgroundJob:
    enqueue_short(NAME, 7)
    return BackgroundJob.objects.get()


@pytest.fixture
def worker() -> str:
    return Worker.objects.create(name="short-here-7", kind="short", host="here", pid=7).name


def queued() -> list[tuple[str, tuple]]:
    return [(job.func_name, tuple(job.args)) for job in queue(SHORT).jobs]


def grow_old(job: BackgroundJob) -> None:
    BackgroundJob.objects.filter(pk=job.pk).update(requested=LONG_AGO)


def test_a_job_is_recorded_until_it_ends(job, worker):
    (waiting,) = queue(SHORT).jobs
    assert background_key(waiting.id) == job.pk
    begin_job(job.pk, worker)
    end_job(job.pk, is_done=True)
    assert not BackgroundJob.objects.exists()


def test_one_that_waits_in_the_queue_is_not_put_there_twice(job):
    grow_old(job)
    assert request_lost_jobs() == 1
    assert queued() == [(NAME, (7,))]


def test_one_that_redis_lost_is_requested_again(job):
    queue(SHORT).empty()
    assert request_lost_jobs() == 0
    grow_old(job)
    assert request_lost_jobs() == 1
    assert queued() == [(NAME, (7,))]


def test_one_whose_worker_lives_is_left_alone(job, worker):
    queue(SHORT).empty()
    begin_job(job.pk, worker)
    grow_old(job)
    assert request_lost_jobs() == 0


@pytest.mark.parametrize("is_known", [True, False])
def test_one_whose_worker_died_is_requested_again(job, worker, is_known):
    queue(SHORT).empty()
    begin_job(job.pk, worker)
    if is_known:
        Worker.objects.update(heartbeat=LONG_AGO)
    else:
        Worker.objects.all().delete()
    assert request_lost_jobs() == 1
    assert queued() == [(NAME, (7,))]


def test_a_process_that_starts_has_none_of_an_earlier_ones_jobs(job, worker):
    begin_job(job.pk, worker)
    release_jobs(worker)
    grow_old(job)
    assert request_lost_jobs() == 1


def test_one_that_failed_is_due_again_later(job, worker):
    begin_job(job.pk, worker)
    end_job(job.pk, is_done=False)
    assert request_lost_jobs() == 0
    grow_old(job)
    assert request_lost_jobs() == 1


def test_one_that_ends_nowhere_is_given_up(job, worker):
    queue(SHORT).empty()
    for _ in range(MOST_ATTEMPTS):
        begin_job(job.pk, worker)
    Worker.objects.all().delete()
    assert request_lost_jobs() == 1
    assert queued() == [(GIVE_UP_JOB, (NAME, 7))]
    assert request_lost_jobs() == 0


def test_a_request_during_a_run_is_run_afterwards(job, worker):
    begin_job(job.pk, worker)
    enqueue_short(NAME, 7)
    end_job(job.pk, is_done=True)
    assert BackgroundJob.objects.get().worker == ""
