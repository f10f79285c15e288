"""Records of uploaded files; reads none, so that it needs no pandas."""

from dataclasses import dataclass
from pathlib import Path

from experiments import storage
from experiments.models import DatasetVersion


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
