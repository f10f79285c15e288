"""Reads an import source: a folder, a zip or a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from experiments.ingest.errors import DataRefused
from experiments.ingest.json_files import bytes_of, files_of
from experiments.ingest.limits import MB, Limits
from experiments.interop import tensorboard, trial_table
from experiments.interop.imported_search import ImportedSearch, ImportRefused
from experiments.interop.keras_tuner import project_files
from experiments.interop.optuna.storage import MAGIC, read_storage
from experiments.search.history import Direction


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says where the source doesn't. study: of an Optuna storage with several."""

    objective: str = ""
    direction: Direction | None = None
    study: str = ""


def read_keras_tuner(path: Path, name: str, asked: Asked, limits: Limits) -> ImportedSearch:
    """A project folder, or a zip of one. Raises ImportRefused."""
    files = _files(path, _is_of_keras_tuner, limits)
    return project_files.read_project(
        files, name, objective=asked.objective, direction=asked.direction
    )


def read_folder(path: Path, name: str, asked: Asked, limits: Limits) -> ImportedSearch:
    """A folder or zip of a KerasTuner project, or of TensorBoard's event files. Raises ImportRefused."""
    files = _files(path, _is_read, limits)
    is_project = bool(project_files.projects_in(files))
    has_events = any(map(tensorboard.is_event_file, files))
    read = tensorboard.read_events if has_events and not is_project else project_files.read_project
    return read(files, name, objective=asked.objective, direction=asked.direction)


def _files(path: Path, wanted: Callable[[str], bool], limits: Limits) -> dict[str, bytes]:
    try:
        return files_of(path, wanted, limits)
    except DataRefused as error:
        raise ImportRefused(str(error)) from error


def _is_of_keras_tuner(name: str) -> bool:
    last = PurePosixPath(name).name
    return last in ("oracle.json", "trial.json") or (
        last.startswith("tuner") and last.endswith(".json")
    )


def _is_read(name: str) -> bool:
    return _is_of_keras_tuner(name) or tensorboard.is_event_file(name)


ACCEPT: Final = ".zip,.csv,.jsonl,.ndjson,.db,.sqlite,.sqlite3"
# What a request reads while a person waits: 0.6 s at most, of CSV (others need a quarter of that a byte).
AT_ONCE_BYTES: Final = 1 * MB
MOST_BYTES: Final = 256 * MB  # of a file that is read whole
ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
OTHER: Final = (
    "Unsupported file. Choose a zip of a KerasTuner project or of TensorBoard event "
    "files, an Optuna storage (SQLite), CSV or JSON-lines."
)


def is_heavy(path: Path, limits: Limits) -> bool:
    """Whether reading a file takes longer than a person should wait for a page."""
    with path.open("rb") as file:
        is_zip = file.read(4) in ZIP
    try:
        size = bytes_of(path, _is_read, limits) if is_zip else path.stat().st_size
    except DataRefused:  # which is said where it is read
        return False
    return size > AT_ONCE_BYTES


def read_any(path: Path, name: str, asked: Asked, limits: Limits) -> ImportedSearch:
    """Read a file or folder of any known format, detected by its content. Raises: ImportRefused."""
    shown = PurePosixPath(name)
    if path.is_dir():
        return read_folder(path, shown.name, asked, limits)
    with path.open("rb") as file:
        start = file.read(16)
    if start[:4] in ZIP:
        return read_folder(path, shown.stem, asked, limits)
    if path.stat().st_size > MOST_BYTES:
        raise ImportRefused(f"The file is larger than {MOST_BYTES // MB} MB.")
    content = path.read_bytes()
    if start == MAGIC:
        return read_storage(content, study=asked.study, direction=asked.direction)
    if shown.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        read = trial_table.read_json_lines
    elif shown.suffix.lower() in (".csv", ".txt"):
        read = trial_table.read_csv
    else:
        raise ImportRefused(OTHER)
    return read(content, shown.stem, objective=asked.objective, direction=asked.direction)
