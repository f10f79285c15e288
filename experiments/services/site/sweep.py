"""Deletes orphaned files."""

import shutil
import time
from pathlib import Path

from experiments import storage
from experiments.models import Artifact, Execution, Trial
from experiments.services.datasets.cuts import drop_idle_cuts

OLD_SECONDS = 3600.0


def sweep_files(*, older_than: float = OLD_SECONDS) -> list[Path]:
    """Delete orphans of trials and bundles, half-written files and idle cuts; return what went."""
    border = time.time() - older_than
    gone = orphans(border)
    for path in gone:
        path.unlink(missing_ok=True)
    _drop_empty_folders(border)
    return gone + _drop_half_written(border) + drop_idle_cuts()


def orphans(border: float) -> list[Path]:
    """Old files of trials that are no artifact, no checkpoint in use and no running attempt's; zips alike."""
    bundles = (storage.data_dir() / "bundles").glob("*/*.zip")
    found = [*storage.trials_folder().rglob("*"), *bundles]
    old = [path for path in found if path.is_file() and is_old(path, border)]
    if not old:
        return []
    kept = set(Artifact.objects.values_list("path", flat=True))
    prefixes = _folders_in_use()
    return [path for path in old if not _is_used(storage.relative(path), kept, prefixes)]


def _is_used(name: str, kept: set[str], prefixes: set[str]) -> bool:
    if name in kept:
        return True
    parts = name.split("/")
    return any("/".join(parts[:length]) in prefixes for length in range(1, len(parts) + 1))


def _folders_in_use() -> set[str]:
    """Folders of attempts that run, and checkpoints that a later attempt will need."""
    running = Trial.objects.filter(state=Trial.State.RUNNING, token__isnull=False)
    folders = {
        storage.relative(storage.trial_folder(pk, str(token)))
        for pk, token in running.values_list("pk", "token")
    }
    checkpoints = Execution.objects.exclude(checkpoint_path="").exclude(
        trial__state__in=[Trial.State.COMPLETED, Trial.State.PRUNED]
    )
    return folders | set(checkpoints.values_list("checkpoint_path", flat=True))


def is_old(path: Path, border: float) -> bool:
    """Whether a file was last written before that time (seconds since 1970); not one that is gone."""
    try:
        return path.stat().st_mtime < border
    except FileNotFoundError:
        return False


def _drop_half_written(border: float) -> list[Path]:
    """What a crash left of a split or of a dataset's arrays before its rename."""
    data = storage.data_dir()
    left = [*data.glob("splits/.partial-*"), *data.glob("datasets/.staging-*")]
    old = [path for path in left if is_old(path, border)]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return old


def _drop_empty_folders(border: float) -> None:
    folder = storage.trials_folder()
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*"), key=lambda p: -len(p.parts)):
        if path.is_dir() and is_old(path, border) and not any(path.iterdir()):
            shutil.rmtree(path, ignore_errors=True)
