"""What housekeeping does for uploads: lost jobs are asked for again, orphans swept.

Apart from the modules that read files, so that the housekeeping process holds no pandas.
"""

import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from experiments import queues, storage
from experiments.models import DatasetVersion, Worker

PREPARE_JOB = "experiments.jobs.prepare_dataset"
LOST_AFTER = timedelta(seconds=30)
SILENT_AFTER = timedelta(seconds=60)
OLD_SECONDS = 86_400.0


def resume_preparing() -> int:
    """Ask again for versions whose job was lost, or whose worker died; returns how many."""
    waiting_still = DatasetVersion.objects.filter(state=DatasetVersion.State.PREPARING)
    waiting = list(waiting_still.filter(created__lt=timezone.now() - LOST_AFTER))
    if not waiting:
        return 0
    alive = set(
        Worker.objects.filter(heartbeat__gt=timezone.now() - SILENT_AFTER).values_list(
            "name", flat=True
        )
    )
    queue_is_empty = queues.queue_length(queues.SHORT) == 0
    asked = 0
    for version in waiting:
        worker = version.profile.get("worker")
        if worker in alive or not (worker or queue_is_empty):
            continue  # it is being read, or its job may still be in the queue
        kept = {key: value for key, value in version.profile.items() if key != "worker"}
        if waiting_still.filter(pk=version.pk).update(profile=kept):
            queues.enqueue_short(PREPARE_JOB, version.pk)
            asked += 1
    return asked


def sweep_uploads(*, older_than: float = OLD_SECONDS) -> list[Path]:
    """Delete arrived and kept files that no version names: a broken upload leaves nothing for long."""
    folder = storage.data_dir() / "uploads"
    if not folder.is_dir():
        return []
    named = set(
        DatasetVersion.objects.exclude(source_path="").values_list("source_path", flat=True)
    )
    gone = []
    for path in folder.rglob("*"):
        if not path.is_file() or storage.relative(path) in named:
            continue
        if _age(path) > older_than:
            path.unlink(missing_ok=True)
            gone.append(path)
    return gone


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
