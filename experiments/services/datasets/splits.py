"""Splits of a dataset version's rows."""

from functools import lru_cache
from typing import Any

import numpy as np

from experiments import storage
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.row_content import MISSING
from experiments.evaluation.row_lock import Keys, group_keys, lock_keys
from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.splits import Brought, Rows, Split
from experiments.evaluation.splitting import deal_again, deal_out, units_by
from experiments.models import DatasetVersion


def split_of(version: DatasetVersion, protocol: Protocol, seed: int) -> Split:
    """The split of a new search, not stored yet. Raises ProtocolError."""
    return deal_out(
        protocol,
        version.rows,
        labels_of(version),
        seed,
        classes=version.schema.get("classes", ()),
        brought=_brought(version, protocol),
    )


def other_split(version: DatasetVersion, protocol: Protocol, split: Split, seed: int) -> Split:
    """Other folds of the same rows; the locked test set stays. Raises ProtocolError."""
    brought = _brought(version, protocol)
    return deal_again(protocol, split, labels_of(version), seed, brought=brought)


def labels_of(version: DatasetVersion) -> Rows | None:
    """The class of each row; None for a regression."""
    is_classification = version.task == DatasetVersion.Task.CLASSIFICATION
    return storage.load_labels(version.digest) if is_classification else None


def split_columns(profile: dict[str, Any]) -> tuple[SplitColumn, ...]:
    """What the rows of a version can be grouped or ordered by, from its profile."""
    return tuple(SplitColumn(**column) for column in profile.get("split_columns") or ())


def split_keys(version: DatasetVersion, protocol: Protocol) -> Rows | None:
    """Each row's code in the column that the protocol groups or orders by; None where it does neither."""
    column = _column(version, protocol)
    return storage.load_split_keys(version.digest, column) if column else None


def split_units(version: DatasetVersion, protocol: Protocol) -> Rows | None:
    """Of each row its group, or its block of neighbours in time; None: each row stands for itself."""
    keys = split_keys(version, protocol)
    return None if keys is None else units_by(keys, protocol)


def units_file(version: DatasetVersion, protocol: Protocol, split_hash: str) -> str:
    """Where training reads `split_units`, -1 of rows that it doesn't get; empty where there are none."""
    units = split_units(version, protocol)
    if units is None:
        return ""
    given = np.full(len(units), -1, dtype=np.int64)
    for part in storage.load_parts(split_hash):
        for rows in part:
            given[rows] = units[rows]
    return str(storage.units_file(split_hash, given))


def _column(version: DatasetVersion, protocol: Protocol) -> SplitColumn | None:
    known = {column.name: column for column in split_columns(version.profile)}
    return known.get(protocol.column) if protocol.keyed else None


def _brought(version: DatasetVersion, protocol: Protocol) -> Brought:
    keys, lock, column = split_keys(version, protocol), None, _column(version, protocol)
    if protocol.locked_test_share and protocol.respecting != "time":
        made = storage.dataset_folder(version.digest).stat().st_mtime_ns
        lock = _lock_keys(version.digest, made, storage.lock_key())
        if protocol.grouped and column is not None and keys is not None:
            lock = _group_keys(version.digest, column, keys)
    return Brought(keys, version.schema.get("validation_rows", 0), lock)


@lru_cache(maxsize=8)
def _lock_keys(digest: str, made: int, secret: bytes) -> Keys:
    """A version never changes. made: when its folder was."""
    del made
    return lock_keys(storage.row_content(digest), secret)


def _group_keys(digest: str, column: SplitColumn, codes: Rows) -> Keys:
    """By the groups' values; where an old version has none stored, by the least of a group's rows."""
    values = storage.load_split_values(digest, column)
    if values is None:
        values = np.full(int(codes.max(initial=0)) + 1, MISSING)
        np.minimum.at(values, codes, storage.row_content(digest))
    return group_keys(codes, values, storage.lock_key())
