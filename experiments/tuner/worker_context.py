"""The context of a worker: its pool and name.

RQ calls jobs by name, without arguments of ours, so the worker of this process stores its context
here for them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from experiments.training.pool_protocols import Pool


class NoWorkerContext(RuntimeError):
    """A turn ran in a process that isn't a trial worker."""


@dataclass(slots=True)
class WorkerContext:
    """`leaving` is set by SIGTERM; `beat` is called a few times a second with the running trial."""

    worker: str
    pool: Pool
    threads: int = 1
    leaving: threading.Event = field(default_factory=threading.Event)
    beat: Callable[[int | None], None] = lambda trial: None


_contexts: list[WorkerContext] = []


def set_worker_context(context: WorkerContext) -> None:
    """Set the context of this process's worker."""
    _contexts[:] = [context]


def current_context() -> WorkerContext:
    """Return this process's worker context. Raises: NoWorkerContext."""
    if not _contexts:
        raise NoWorkerContext("Turns run only in `manage.py trial_worker`.")
    return _contexts[0]
