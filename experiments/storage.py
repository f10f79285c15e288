"""Paths of files below DATA_DIR.

A file is written beside its name, synced and renamed, so that a reader sees all of it or nothing.
"""

import hashlib
import io
import json
import os
import secrets
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from django.conf import settings

from experiments.data_schema import DataSchema
from experiments.digests import SUMS, ChangedFile, checked, digest_once, sha256_of
from experiments.evaluation.row_content import Content, content_of
from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.splits import Part, Rows, Split
from experiments.evaluation.splits import split_hash as hash_of

OPEN: Final = 0o644  # of files below the data folder, which is closed itself
INPUTS: Final = ("x.npy", "numbers.npy", "categories.npy")  # those that a version has


def data_dir() -> Path:
    """The folder that holds everything the product writes."""
    return Path(settings.DATA_DIR)


def absolute(relative: str) -> Path:
    """The file that a record names. Raises ValueError for a path that leads out of DATA_DIR."""
    path = (data_dir() / relative).resolve()
    if not path.is_relative_to(data_dir().resolve()):
        raise ValueError("The path is outside the data folder.")
    return path


def relative(path: Path) -> str:
    """How records name a file: below DATA_DIR, with slashes."""
    return path.resolve().relative_to(data_dir().resolve()).as_posix()


def dataset_folder(digest: str) -> Path:
    """Arrays and schema of a dataset version."""
    return data_dir() / "datasets" / digest


def own_test_folder(digest: str) -> Path:
    """The dataset's own test part; an order names it only where it isn't locked."""
    return data_dir() / "datasets" / f"{digest}.test"


def keys_folder(digest: str) -> Path:
    """What a dataset version's rows can be grouped or ordered by."""
    return data_dir() / "datasets" / f"{digest}.keys"


def cuts_folder() -> Path:
    """Arrays of dataset versions without locked rows."""
    return data_dir() / "cuts"


def split_file(split_hash: str) -> Path:
    """Training and validation rows of each part."""
    return data_dir() / "splits" / f"{split_hash}.npz"


def locked_rows_file(split_hash: str) -> Path:
    """Rows of the locked test part; no order names it."""
    return data_dir() / "splits" / f"{split_hash}.test.npy"


def units_file(split_hash: str, units: Rows) -> Path:
    """Which rows of a split belong together, written unless it is there; the name tells its content too."""
    digest = hashlib.sha256(units.astype("<i8").tobytes()).hexdigest()[:16]
    path = data_dir() / "splits" / f"{split_hash}.{digest}.units.npy"
    buffer = io.BytesIO()
    np.save(buffer, units, allow_pickle=False)
    wanted = hashlib.sha256(buffer.getvalue()).hexdigest()
    if digest_once([path], lambda: sha256_of(path)) != wanted:
        write_whole(path, buffer.getvalue())
    return path


def trials_folder() -> Path:
    """What attempts wrote, by trial and token."""
    return data_dir() / "trials"


def trial_folder(trial_pk: int, token: str) -> Path:
    """The folder of one attempt: models and checkpoints."""
    return trials_folder() / str(trial_pk) / token


def load_labels(digest: str) -> npt.NDArray[np.int64]:
    """The class index of each row of a dataset version."""
    return load_targets(digest).astype(np.int64)


def load_targets(digest: str) -> npt.NDArray[Any]:
    """The target of each row of a dataset version: class indices, or numbers."""
    path = checked(dataset_folder(digest), "y.npy")
    targets: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    return targets


def load_own_test_targets(digest: str) -> npt.NDArray[Any]:
    """The targets of the dataset's own test part."""
    path = checked(own_test_folder(digest), "y.npy")
    targets: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    return targets


def load_inputs(digest: str) -> list[npt.NDArray[Any]]:
    """Every array of inputs, read from the disk as it is looked at."""
    paths = (checked(dataset_folder(digest), name) for name in INPUTS)
    return [np.load(path, mmap_mode="r", allow_pickle=False) for path in paths if path.exists()]


def lock_key() -> bytes:
    """The secret by which rows are locked: LOCK_KEY, else a random one that its first use writes.

    It isn't SECRET_KEY, which may be replaced: with another key other rows would be locked.
    """
    path = data_dir() / "lock_key"
    if not settings.LOCK_KEY and not path.exists():
        handle, name = tempfile.mkstemp(prefix=".partial-", dir=data_dir())
        with os.fdopen(handle, "w") as file:
            file.write(f"{secrets.token_urlsafe(50)}\n")
        with suppress(FileExistsError):  # another process was first
            os.link(name, path)
        Path(name).unlink()
    text = settings.LOCK_KEY or path.read_text(encoding="utf-8").strip()
    return hashlib.sha256(text.encode()).digest()


def row_content(digest: str, *, own_test: bool = False) -> Content:
    """The content digest of each row of a version, or of its own test part; no order names the file.

    Versions that were prepared before there were digests get theirs from the arrays.
    """
    folder = own_test_folder(digest) if own_test else dataset_folder(digest)
    path = checked(folder, f"../{folder.name}.rows.npy")
    if not path.exists():
        schema = DataSchema.from_dict(json.loads((folder / "schema.json").read_text()))
        names = (file.stem for file in folder.glob("*.npy"))
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}
        buffer = io.BytesIO()
        np.save(buffer, content_of(schema.cells(arrays)), allow_pickle=False)
        write_whole(path, buffer.getvalue())
    content: Content = np.load(path, allow_pickle=False)
    return content


def split_content(digest: str, locked: Rows, *, own_test: bool) -> tuple[Content, Content]:
    """The content digests of a split's locked rows, and of all others.

    locked: row numbers. own_test: the version's own test part is locked, where it has one.
    """
    content = row_content(digest)
    if own_test and own_test_folder(digest).exists():
        return row_content(digest, own_test=True), content
    return content[locked], np.delete(content, locked)


def load_locked(split_hash: str) -> Rows:
    """The numbers of a split's locked rows. Raises ChangedFile."""
    path = _checked_split(locked_rows_file(split_hash), split_hash)
    rows: Rows = np.load(path, allow_pickle=False)
    return rows


def load_split_values(digest: str, column: SplitColumn) -> Content | None:
    """What stands for each code's value in every version; None where it was not stored yet."""
    path = checked(keys_folder(digest), column.values_file)
    if not path.exists():
        return None
    values: Content = np.load(path, allow_pickle=False)
    return values


def load_split_keys(digest: str, column: SplitColumn) -> npt.NDArray[np.int64]:
    """The code of each row of a dataset version in a column that a split respects."""
    path = checked(keys_folder(digest), column.file_name)
    keys: npt.NDArray[np.int64] = np.load(path, allow_pickle=False).astype(np.int64)
    return keys


def save_split(split: Split) -> None:
    """Write a split's files unless they are whole: equal hashes mean equal rows."""
    files = split_file(split.hash), locked_rows_file(split.hash)
    with suppress(ChangedFile):
        for path in files:
            _checked_split(path, split.hash)
        return
    arrays = {}
    for part, (train, validation) in enumerate(split.parts):
        arrays[f"train_{part}"] = train
        arrays[f"validation_{part}"] = validation
    buffer, locked = io.BytesIO(), io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    np.save(locked, split.test, allow_pickle=False)
    files[0].with_name(f"{split.hash}.{SUMS}").unlink(missing_ok=True)
    write_whole(files[0], buffer.getvalue())
    write_whole(files[1], locked.getvalue())
    check_split(split.hash)


def load_split(split_hash: str) -> Split:
    """Read a split's two files. Raises ChangedFile."""
    return Split(load_parts(split_hash), load_locked(split_hash), split_hash)


def load_parts(split_hash: str) -> tuple[Part, ...]:
    """Training and validation rows of each part of a split. Raises ChangedFile."""
    check_split(split_hash)
    return _parts(split_hash)


def check_split(split_hash: str) -> None:
    """Check what training reads of a split. Raises ChangedFile."""
    _checked_split(split_file(split_hash), split_hash)


def _checked_split(path: Path, split_hash: str) -> Path:
    sums_name = f"{split_hash}.{SUMS}"
    if not (path.parent / sums_name).exists():
        _add_split_sums(split_hash, sums_name)
    return checked(path.parent, path.name, sums_name)


def _add_split_sums(split_hash: str, sums_name: str) -> None:
    """Write what a split's files are, if their rows are those of its hash. Raises ChangedFile."""
    files = split_file(split_hash), locked_rows_file(split_hash)
    for path in files:
        if not path.exists():
            raise ChangedFile(path, split_hash)
    try:
        found = hash_of(_parts(split_hash), np.load(files[1], allow_pickle=False))
    except (EOFError, ValueError, KeyError, BadZipFile, zlib.error):
        found = sha256_of(files[0])  # no split at all
    if found != split_hash:
        raise ChangedFile(files[0], split_hash, found)
    sums = {path.name: sha256_of(path) for path in files}
    write_whole(files[0].with_name(sums_name), json.dumps(sums, indent=1).encode())


def _parts(split_hash: str) -> tuple[Part, ...]:
    with np.load(split_file(split_hash), allow_pickle=False) as arrays:
        count = sum(name.startswith("train_") for name in arrays.files)
        return tuple((arrays[f"train_{i}"], arrays[f"validation_{i}"]) for i in range(count))


def locked_rows(split_hash: str) -> int:
    """How many rows are locked away; the file's head says it, its rows aren't read."""
    path = locked_rows_file(split_hash)
    if not path.exists():
        return 0
    return len(np.load(path, mmap_mode="r", allow_pickle=False))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".partial-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            # The data folder is closed to others; inside of a sandbox nobody's uid reads.
            os.fchmod(file.fileno(), OPEN)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def folder_bytes(relative: str) -> int:
    """The bytes of a folder's files, such as a checkpoint's; 0 where it is gone."""
    return sum(path.stat().st_size for path in absolute(relative).rglob("*") if path.is_file())
