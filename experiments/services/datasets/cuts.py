"""Cuts: a dataset version's arrays without the rows that a split locks.

Training, dry runs and scripts get a cut in place of the version's own folder, so that no code reaches a
locked row. A cut is a cache: the first order that needs it makes it, all splits that use the same rows
share it, and the sweeper deletes it after a day without an order. One that changed is made anew.
"""

import hashlib
import io
import logging
import math
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from experiments import storage
from experiments.digests import ChangedFile, check_folder, checked, sums_of, write_sums
from experiments.evaluation.row_content import Content
from experiments.evaluation.splits import Rows

ROW_NUMBERS: Final = "rows.npy"  # of each row, in the dataset version
SCHEMA: Final = "schema.json"
IDLE_SECONDS: Final = 24 * 3600.0
PIECE: Final = 64 << 20  # bytes of an array that are in memory while its rows are copied

log = logging.getLogger(__name__)


def training_folder(digest: str, split_hash: str) -> Path:
    """The arrays with a split's training and validation rows: the version's own if no row is locked.

    Raises: ChangedFile, FileNotFoundError without the version's arrays or the split; OSError on a full disk.
    """
    whole = storage.dataset_folder(digest)
    count = len(np.load(checked(whole, "y.npy"), mmap_mode="r", allow_pickle=False))
    is_used = np.zeros(count, dtype=bool)
    for part in storage.load_parts(split_hash):
        for rows in part:
            is_used[rows] = True
    return _cut(whole, is_used)


def folder_without(digest: str, locked: Content, *, own_test: bool = False) -> Path:
    """The arrays of a version, or of its own test part, without rows whose content is locked."""
    whole = storage.own_test_folder(digest) if own_test else storage.dataset_folder(digest)
    return _cut(whole, ~np.isin(storage.row_content(digest, own_test=own_test), locked))


def drop_idle_cuts() -> list[Path]:
    """Delete cuts that no order has named for a day, and what a crash left of one."""
    border = time.time() - IDLE_SECONDS
    idle = [path for path in storage.cuts_folder().glob("*") if path.stat().st_mtime < border]
    for path in idle:
        shutil.rmtree(path, ignore_errors=True)
    return idle


def check_cut(folder: Path) -> None:
    """Whether a cut is as it was made. Raises ChangedFile."""
    if not sums_of(folder):
        raise ChangedFile(folder, "")
    check_folder(folder)


def write_rows(source: Path, rows: Rows, target: Path) -> None:
    """Write some rows of a stored array as another, synced, with a piece of it in memory at a time."""
    array = np.load(checked(source.parent, source.name), mmap_mode="r", allow_pickle=False)
    shape = (len(rows), *array.shape[1:])
    row_bytes = max(1, array.dtype.itemsize * math.prod(array.shape[1:]))
    step = max(1, PIECE // row_bytes)
    with target.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": array.dtype.str, "fortran_order": False, "shape": shape}
        )
        for start in range(0, len(rows), step):
            file.write(np.ascontiguousarray(array[rows[start : start + step]]).data)
        os.fchmod(file.fileno(), storage.OPEN)
        file.flush()
        os.fsync(file.fileno())


def _cut(whole: Path, is_used: npt.NDArray[np.bool_]) -> Path:
    check_folder(whole)
    if is_used.all():
        return whole
    name = hashlib.sha256(np.packbits(is_used).tobytes()).hexdigest()[:32]
    folder = storage.cuts_folder() / f"{whole.name}-{name}"
    try:
        os.utime(folder)  # it isn't idle
        check_cut(folder)
    except ChangedFile as changed:
        log.warning("%s It is made anew.", changed)
        _make(whole, np.flatnonzero(is_used), folder)
    except FileNotFoundError:
        _make(whole, np.flatnonzero(is_used), folder)
    return folder


def _make(whole: Path, rows: Rows, folder: Path) -> None:
    """Copy these rows of every array; the folder gets its name when all is written."""
    staging = folder.with_name(f".staging-{uuid4().hex}")
    before = folder.with_name(f".staging-{uuid4().hex}")
    staging.mkdir(parents=True)
    try:
        for path in whole.glob("*.npy"):
            write_rows(path, rows, staging / path.name)
        storage.write_whole(staging / SCHEMA, (whole / SCHEMA).read_bytes())
        numbers = io.BytesIO()
        np.save(numbers, rows, allow_pickle=False)
        storage.write_whole(staging / ROW_NUMBERS, numbers.getvalue())
        write_sums(staging)
        with suppress(FileNotFoundError):
            check_cut(folder)  # another worker was first
            return
        with suppress(FileNotFoundError):
            folder.rename(before)
        try:
            staging.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another worker was first
                raise
        storage.sync_folder(folder.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        shutil.rmtree(before, ignore_errors=True)
