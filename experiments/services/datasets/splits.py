"""Splits of a dataset version's rows."""

from typing import Any

from experiments import storage
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.splits import Brought, Rows, Split
from experiments.evaluation.splitting import deal_again, deal_out
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


def _brought(version: DatasetVersion, protocol: Protocol) -> Brought:
    keys = None
    known = {column.name: column for column in split_columns(version.profile)}
    if protocol.keyed and protocol.column in known:
        keys = storage.load_split_keys(version.digest, known[protocol.column])
    return Brought(keys, version.schema.get("validation_rows", 0))
