"""Uploaded files as records; housekeeping deletes orphans.

Reads no file, so that the housekeeping process holds no pandas.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from experiments import storage
from experiments.models import DatasetVersion
from experiments.services.site.sweep import is_old

PREPARE_JOB = "experiments.jobs.prepare_dataset"
OLD_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An upload that passed the first checks; `path` is relative to DATA_DIR."""

    path: str
    name: str
    size: int
    sha256: str
    format: str
    has_header: bool


def incoming_folder() -> Path:
    """Where a request's bytes arrive: in the same file system, so that keeping them is a rename."""
    return storage.data_dir() / "uploads" / "incoming"


def drop_upload(version: DatasetVersion) -> None:
    """Delete a version's uploaded file unless another version still reads it."""
    if not version.source_path:
        return
    others = DatasetVersion.objects.filter(source_path=version.source_path).exclude(pk=version.pk)
    if not others.exists():
        storage.absolute(version.source_path).unlink(missing_ok=True)


def sweep_uploads(*, older_than: float = OLD_SECONDS) -> list[Path]:
    """Delete arrived and kept files that no version names: a broken upload leaves nothing for long."""
    folder = storage.data_dir() / "uploads"
    if not folder.is_dir():
        return []
    named = set(
        DatasetVersion.objects.exclude(source_path="").values_list("source_path", flat=True)
    )
    gone = []
    border = time.time() - older_than
    for path in folder.rglob("*"):
        if path.is_file() and storage.relative(path) not in named and is_old(path, border):
            path.unlink(missing_ok=True)
            gone.append(path)
    return gone
