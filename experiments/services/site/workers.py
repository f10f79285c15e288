"""Heartbeat rows of processes."""

import os
import platform
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db.models.functions import Now

from experiments.models import Trial, Worker

FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a process says of itself."""

    trial: int | None = None
    detail: str = ""
    isolation: str = ""


def worker_name(kind: Worker.Kind) -> str:
    """A name that no other living process has."""
    return f"{kind.value}-{socket.gethostname()}-{os.getpid()}"


def register_worker(name: str, kind: Worker.Kind) -> None:
    """The process is there."""
    Worker.objects.update_or_create(
        name=name,
        defaults={
            "kind": kind,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": f"Python {platform.python_version()}",
            "started": Now(),
            "heartbeat": Now(),
            "rss_bytes": resident_bytes(),
            "trial": None,
            "experiment": None,
        },
    )


def beat_worker(name: str, kind: Worker.Kind, pulse: Pulse) -> None:
    """The process still lives, and this is what it does."""
    experiment = (
        Trial.objects.filter(pk=pulse.trial).values_list("experiment", flat=True).first()
        if pulse.trial
        else None
    )
    columns = {
        "heartbeat": Now(),
        "rss_bytes": resident_bytes(),
        "trial": pulse.trial if experiment else None,
        "experiment": experiment,
        "detail": pulse.detail[:300],
        "isolation": pulse.isolation[:120],
    }
    row = Worker.objects.filter(name=name)
    if not row.update(**columns):
        register_worker(name, kind)
        row.update(**columns)


def forget_worker(name: str) -> None:
    """The process leaves in good order."""
    Worker.objects.filter(name=name).delete()


def forget_silent_workers() -> None:
    """Rows of processes that died long ago."""
    Worker.objects.filter(heartbeat__lt=Now() - FORGET_AFTER).delete()


def resident_bytes() -> int:
    """This process's resident memory; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
