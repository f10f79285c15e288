"""Whether arrays and splits are what their digests say."""

from pathlib import Path

from experiments import storage
from experiments.changed_files import ROWS
from experiments.digests import (
    ChangedFile,
    check_folder,
    checked,
    digest_once,
    sums_of,
)
from experiments.ingest.prepared import digest_of, read_prepared, write_all_sums
from experiments.models import DatasetVersion
from experiments.services.datasets.splits import split_columns


def check_data(version: DatasetVersion, split_hash: str) -> None:
    """Check all that trials read: a version's arrays and the rows of a split. Raises ChangedFile."""
    check_version(version)
    storage.check_split(split_hash)


def check_version(version: DatasetVersion) -> None:
    """Check a version's arrays, its own test part's and the keys of its rows. Raises ChangedFile."""
    folder = storage.dataset_folder(version.digest)
    if not folder.is_dir():
        raise ChangedFile(folder, version.digest)
    if not sums_of(folder):
        _add_sums(version)
    for each in (
        folder,
        storage.own_test_folder(version.digest),
        storage.keys_folder(version.digest),
    ):
        check_folder(each)


def check_all(version: DatasetVersion) -> None:
    """As `check_version`, and the pictures that pages show. Raises ChangedFile."""
    check_version(version)
    folder = storage.dataset_folder(version.digest)
    check_folder(folder.with_name(f"{folder.name}.preview"))


def digest_now(version: DatasetVersion) -> str:
    """What a version's digest would be of the arrays as they are; empty where they are no dataset."""
    folder = storage.dataset_folder(version.digest)
    folders = folder, storage.own_test_folder(version.digest), storage.keys_folder(version.digest)
    paths = sorted(path for each in folders for path in each.glob("*"))
    return digest_once(paths, lambda: _digest_of(folder, version))


def _digest_of(folder: Path, version: DatasetVersion) -> str:
    try:
        return digest_of(read_prepared(folder, split_columns(version.profile)))
    except (OSError, EOFError, ValueError, KeyError):
        return ""


def _add_sums(version: DatasetVersion) -> None:
    """Of a version that was prepared before there were sums. Raises ChangedFile."""
    folder = storage.dataset_folder(version.digest)
    found = digest_now(version)
    if found != version.digest:
        raise ChangedFile(folder, version.digest, found)
    write_all_sums(folder)


def check_path(name: str) -> None:
    """Check a file that was found changed, by its path below the data folder. Raises ChangedFile."""
    path = storage.absolute(name)
    if path.parent == storage.split_file("").resolve().parent:
        storage.load_split(path.name.split(".")[0])
    elif path.name.endswith(ROWS):
        checked(path.with_name(path.name.removesuffix(ROWS)), f"../{path.name}")
    elif path.suffix:
        checked(path.parent, path.name)
