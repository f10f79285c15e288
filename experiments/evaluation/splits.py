"""Row indices of the training, validation and test sets."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Part = tuple[Rows, Rows]  # training rows and validation rows


@dataclass(frozen=True, slots=True)
class Brought:
    """What a dataset knows of its rows beside their labels.

    keys: (n,) the code of each row in the column that a protocol respects: equal codes are one
    group, or one time, and a larger one is later. validation_rows: how many rows at the end are the
    dataset's own validation part. lock: (n,) keys by which rows are locked (see row_lock.py), equal
    where rows go together; None: they are drawn by the seed.
    """

    keys: Rows | None = None
    validation_rows: int = 0
    lock: npt.NDArray[np.uint64] | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Row indices of every fold, sorted; `hash` identifies the split.

    parts: (training rows, validation rows) of each fold. `test` rows are in none of them; empty if
    the dataset has its own test set or none is locked.
    """

    parts: tuple[Part, ...]
    test: Rows
    hash: str

    @classmethod
    def of(cls, parts: Sequence[Part], test: Rows) -> "Split":
        """With the hash of these rows."""
        return cls(tuple(parts), test, split_hash(parts, test))


def split_hash(parts: Sequence[Part], test: Rows) -> str:
    """SHA-256 (hex) over the row indices of each part, each array preceded by its length."""
    digest = hashlib.sha256()
    for array in (*(rows for part in parts for rows in part), test):
        digest.update(len(array).to_bytes(8, "little"))
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    return digest.hexdigest()
