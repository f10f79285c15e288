"""One worker's loop in this process, with a real pool and a database: what a trial costs around training.

A program of its own, since DATA_DIR is read with the settings:
`python -m benchmarks.throughput.worker_side FOLDER TRIALS`. Prints one JSON object last: milliseconds from each
claim to the child's first line, and the memory of worker and host as trials go by.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.installation import set_up
from experiments.training.messages import ChildStarted, Message, Order
from experiments.training.pool import TrainingPool
from experiments.training.run import ChildRun

SEARCH = {"executions": 1, "epochs": 1, "slots": 1, "seed": 0}
EARLY, WARM_UP = 20, 2  # trials before the first look at memory; trials that are not counted


class TimedRun:
    """Notes when the child's first line arrives; all else is the run's own."""

    def __init__(self, run: ChildRun) -> None:
        self.first_line = 0.0
        self._run = run

    def receive(self, timeout_seconds: float) -> Message | None:
        """Listen as ever."""
        message = self._run.receive(timeout_seconds)
        if isinstance(message, ChildStarted):
            self.first_line = time.monotonic()
        return message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)


class TimedPool(TrainingPool):
    """A TrainingPool that keeps the latest run for its time."""

    latest: TimedRun

    def run(self, order: Order) -> Any:
        """Begin a trial."""
        self.latest = TimedRun(super().run(order))
        return self.latest


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    return round(psutil.Process(pid).memory_info().rss / 1e6, 2)


def work(trials: int) -> dict[str, Any]:
    """Run a search of tiny trials, claim by claim, as a worker does."""
    from django.contrib.auth.models import User

    from benchmarks.throughput.our_side import make_plan
    from experiments.services.datasets.built_in import load_built_in
    from experiments.services.experiments.lifecycle import (
        create_experiment,
        mark_running,
        start_experiment,
    )
    from experiments.services.site.projects import create_project
    from experiments.tuner.supervision import supervise
    from experiments.tuner.turn import seize
    from experiments.tuner.worker_context import WorkerContext

    user = User.objects.create_user("bench")
    project = create_project("Bench", "", by=user)
    plan = make_plan(load_built_in("digits"), {**SEARCH, "trials": trials + WARM_UP})
    experiment = create_experiment(project, plan, by=user)
    start_experiment(experiment, by=user)
    mark_running(experiment)

    pool = TimedPool()
    context = WorkerContext(worker="bench", pool=pool)
    pool.wait_until_ready(120)
    host = pool.host_pid or 0
    milliseconds: list[float] = []
    memory: dict[str, dict[str, float]] = {}
    while (lease := seize(experiment, worker=context.worker)) is not None:
        claimed = time.monotonic()
        supervise(lease, context)
        milliseconds.append(1000 * (pool.latest.first_line - claimed))
        done = len(milliseconds) - WARM_UP
        if done in (EARLY, trials):
            name = "early" if done == EARLY else "late"
            memory[name] = {"worker_mb": megabytes(os.getpid()), "host_mb": megabytes(host)}
    pool.close()
    return {
        "trials": experiment.trials.filter(state="completed").count() - WARM_UP,
        "start_ms": milliseconds[WARM_UP:],
        "memory": memory,
    }


def main() -> None:
    """Read the arguments, work, print."""
    folder, trials = Path(sys.argv[1]), int(sys.argv[2])
    set_up(folder / "data")
    sys.stdout.write(json.dumps(work(trials)) + "\n")


if __name__ == "__main__":
    main()
