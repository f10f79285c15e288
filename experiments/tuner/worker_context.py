"""The context of a worker: its pool and name.

RQ calls a job by name, without arguments of ours, so the worker that runs in this process sits down
once and the job finds it here.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from experiments.training.pool_protocols import Pool


class NobodySeated(RuntimeError):
    """A turn was run in a process that is no trial worker."""


def _nothing(trial: int | None) -> None:
    """Stand in for a worker's heartbeat where there is none."""


@dataclass(slots=True)
class Seat:
    """`leaving` is set by SIGTERM; `beat` is called a few times a second with the running trial."""

    worker: str
    pool: Pool
    threads: int = 1
    leaving: threading.Event = field(default_factory=threading.Event)
    beat: Callable[[int | None], None] = _nothing


_seats: list[Seat] = []


def sit_down(seat: Seat) -> None:
    """Make `seat` this process's one."""
    _seats[:] = [seat]


def seated() -> Seat:
    """This process's seat. Raises NobodySeated."""
    if not _seats:
        raise NobodySeated("Turns run only in `manage.py trial_worker`.")
    return _seats[0]
