"""RQ workers that don't fork and survive a Redis restart."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from importlib import import_module
from types import FrameType

from django.conf import settings
from django.db import close_old_connections
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from threadpoolctl import threadpool_limits

from experiments import queues
from experiments.models import Worker
from experiments.services.site import background_jobs
from experiments.services.site.workers import Pulse, worker_name
from experiments.training.pool_protocols import Pool
from experiments.tuner.heartbeat import Heartbeat
from experiments.tuner.pool_warmup import PoolWarmup
from experiments.tuner.worker_context import WorkerContext, set_worker_context

MONITOR_SECONDS = 5
ENTRY_SECONDS = 15
MAINTENANCE_SECONDS = 5
IDLE_SECONDS = 20  # RQ waits 15 s less than this for a job, then looks around
LONGEST_PAUSE_SECONDS = 5.0

log = logging.getLogger(__name__)

# Waits until jobs may be taken, calling its argument meanwhile; False when the worker leaves.
Readiness = Callable[[Callable[[], None]], bool]


class SteadyWorker(SimpleWorker):  # type: ignore[misc]
    """Runs jobs in its own process; entries in Redis expire soon when it dies."""

    max_connection_wait_time = LONGEST_PAUSE_SECONDS

    def __init__(self, name: str, queue: str, leaving: threading.Event, ready: Readiness) -> None:
        """One queue a worker: with two, a death between taking and starting loses the job."""
        rq_queue = queues.queue(queue)
        super().__init__(
            [rq_queue],
            name=name,
            connection=rq_queue.connection,
            queue_class=type(rq_queue),
            worker_ttl=IDLE_SECONDS,
            job_monitoring_interval=MONITOR_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            log_job_description=False,
        )
        self.leaving = leaving
        self.ready = ready
        self.present: tuple[Job, Execution] | None = None
        self.beaten = 0.0

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Seconds until this worker's job counts as abandoned; without it a crash shows hours later."""
        return ENTRY_SECONDS

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run the job here, known to `maintain`."""
        # A connection that broke in the last job must not fail this one.
        close_old_connections()
        execution = self.prepare_execution(job)
        self.present = (job, execution)
        try:
            # The pool may have died since the last job: no trial is claimed before it is warm again.
            self.ready(self.maintain)
            self.perform_job(job, queue, execution)
        finally:
            self.present = None
        self.set_state("idle")

    def maintain(self) -> None:
        """Keep the running job's entries alive; Redis may be away, the trial goes on."""
        if self.present is None or time.monotonic() - self.beaten < MONITOR_SECONDS:
            return
        self.beaten = time.monotonic()
        try:
            self.maintain_heartbeats(*self.present)
        except RedisError as error:
            log.warning("Redis doesn't respond, the trial continues: %s", error)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Leave: a running trial is handed back, an idle worker ends at once."""
        self.leaving.set()
        super().request_stop(signum, frame)

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        """A second signal changes nothing: leaving takes a few seconds at most."""

    def set_shutdown_requested_date(self) -> None:
        """Write nothing to Redis from a signal handler."""

    def procline(self, message: str) -> None:
        """Keep the process's own title."""


class BackgroundWorker(SteadyWorker):
    """Runs short jobs, whose records tell when one is lost."""

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run the job; whether it came to its end. One that did not is requested again."""
        key = queues.background_key(job.id)
        background_jobs.begin_job(key, worker_name(Worker.Kind.SHORT))
        is_done = bool(super().perform_job(job, queue, execution))
        background_jobs.end_job(key, is_done=is_done)
        return is_done


class WorkerProcess:
    """Runs RQ's loop again and again, until a signal."""

    def __init__(self, kind: Worker.Kind, queue: str) -> None:
        """Nothing is taken before `work`. `ready`: asked before each of RQ's loops and each job."""
        self.kind = kind
        self.queue = queue
        self.name = worker_name(kind)
        self.leaving = threading.Event()
        self.trial: int | None = None
        self.detail = ""
        self.isolation = ""
        self.ready: Readiness = lambda _: True
        self.heartbeat = Heartbeat(self.name, kind, self.pulse)
        self.worker: SteadyWorker | None = None
        self.runner = SteadyWorker

    def pulse(self) -> Pulse:
        return Pulse(self.trial, self.detail, self.isolation)

    def show(self, detail: str) -> None:
        """Show a detail of this worker on the Workers page, at once."""
        if detail != self.detail:
            self.detail = detail
            self.heartbeat.hurry()

    def beat(self, trial: int | None) -> None:
        """Called by the supervising loop while a trial runs."""
        self.trial = trial
        if self.worker is not None:
            self.worker.maintain()

    def work(self) -> None:
        """Run jobs until asked to stop; Redis may restart."""
        self.take_signals()
        self.heartbeat.start()
        log.info("%s takes jobs of the queue %s", self.name, self.queue)
        pause = 0.5
        incarnation = 0
        while self.ready(lambda: None) and not self.leaving.is_set():
            began = time.monotonic()
            incarnation += 1
            self.run_worker(f"{self.name}-{incarnation}")
            self.trial = None
            if time.monotonic() - began > LONGEST_PAUSE_SECONDS:
                pause = 0.5
            self.leaving.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self.heartbeat.stop()
        log.info("%s leaves", self.name)

    def run_worker(self, name: str) -> None:
        """One of RQ's loops; it quits when Redis fails at a bad moment."""
        try:
            self.worker = self.runner(name, self.queue, self.leaving, self.ready)
            self.worker.work(logging_level=None)
        except RedisError as error:
            log.warning("Redis doesn't respond: %s", error)
        finally:
            self.worker = None
            self.take_signals()

    def take_signals(self) -> None:
        """Handle signals between RQ's loops too."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._leave)

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        self.leaving.set()


def threads_per_trial() -> int:
    """Cores for each of the trials that may run at once on this machine."""
    return max(1, (os.cpu_count() or 1) // max(1, int(settings.SLOTS)))


def import_lazy_modules() -> None:
    """Import scikit-learn and the SciPy of samplers while the training host imports TensorFlow."""
    import_module("experiments.evaluation.scores")
    for part in ("linalg", "optimize", "special", "stats"):
        import_module(f"scipy.{part}")


def work_on_trials(pool: Pool, isolation: str = "") -> None:
    """Run trials until a signal; jobs are taken once the pool is warm.

    isolation: how custom code is sandboxed, for the Workers page.
    """
    process = WorkerProcess(Worker.Kind.TRIALS, queues.TRIALS)
    process.isolation = isolation
    process.take_signals()
    # A sampler's small matrices are slower on several threads, all the more while trials train.
    threadpool_limits(1)
    pool.start()
    import_lazy_modules()
    process.ready = PoolWarmup(pool, process.leaving, process.show).wait
    set_worker_context(
        WorkerContext(
            worker=process.name,
            pool=pool,
            threads=threads_per_trial(),
            leaving=process.leaving,
            beat=process.beat,
        )
    )
    try:
        process.work()
    finally:
        pool.close()


def work_on_short_jobs() -> None:
    """Run background jobs until asked to stop."""
    process = WorkerProcess(Worker.Kind.SHORT, queues.SHORT)
    process.runner = BackgroundWorker
    background_jobs.release_jobs(process.name)
    process.work()
