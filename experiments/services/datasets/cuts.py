"""Cuts: a dataset version's arrays without the rows that a split locks.

Training, dry runs and scripts get a cut in place of the version's own folder, so that no code reaches a
locked row. A cut is a cache: the first order that needs it makes it, all splits that use the same rows
share it, and the sweeper deletes it after a day without an order.
"""

import hashlib
import io
import os
import shutil
import time
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np

from experiments import storage
from experiments.evaluation.splits import Rows

ROW_NUMBERS: Final = "rows.npy"  # of each row, in the dataset version
IDLE_SECONDS: Final = 24 * 3600.0


def training_folder(digest: str, split_hash: str) -> Path:
    """The arrays with a split's training and validation rows: the version's own if no row is locked.

    Raises: FileNotFoundError without the version's arrays or the split; OSError on a full disk.
    """
    whole = storage.dataset_folder(digest)
    count = len(np.load(whole / "y.npy", mmap_mode="r", allow_pickle=False))
    is_used = np.zeros(count, dtype=bool)
    for part in storage.load_parts(split_hash):
        for rows in part:
            is_used[rows] = True
    if is_used.all():
        return whole
    name = hashlib.sha256(np.packbits(is_used).tobytes()).hexdigest()[:32]
    folder = storage.cuts_folder() / f"{digest}-{name}"
    try:
        os.utime(folder)  # it isn't idle
    except FileNotFoundError:
        _make(whole, np.flatnonzero(is_used), folder)
    return folder


def drop_idle_cuts() -> list[Path]:
    """Delete cuts that no order has named for a day, and what a crash left of one."""
    border = time.time() - IDLE_SECONDS
    idle = [path for path in storage.cuts_folder().glob("*") if path.stat().st_mtime < border]
    for path in idle:
        shutil.rmtree(path, ignore_errors=True)
    return idle


def _make(whole: Path, rows: Rows, folder: Path) -> None:
    """Copy these rows of every array; the folder gets its name when all is written."""
    staging = folder.with_name(f".staging-{uuid4().hex}")
    staging.mkdir(parents=True)
    try:
        for path in whole.iterdir():
            if path.suffix == ".npy":
                storage.write_rows(path, rows, staging / path.name)
            else:
                storage.write_whole(staging / path.name, path.read_bytes())
        numbers = io.BytesIO()
        np.save(numbers, rows, allow_pickle=False)
        storage.write_whole(staging / ROW_NUMBERS, numbers.getvalue())
        try:
            staging.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another worker was first
                raise
        storage.sync_folder(folder.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
