"""What a version's data say of a split of its rows."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import numpy as np

from experiments import storage
from experiments.evaluation.protocol import ALL_ROWS, Protocol
from experiments.evaluation.split_columns import FEWEST_GROUPS, SplitColumn, looks_like_group
from experiments.evaluation.split_facts import (
    MOST_CLASSES,
    SplitFacts,
    class_shares,
    target_spreads,
)
from experiments.evaluation.split_warnings import (
    class_warnings,
    copies_words,
    group_words,
    same_rows,
    target_warnings,
    torn,
)
from experiments.evaluation.splits import Rows, Split
from experiments.models import DatasetVersion
from experiments.services.datasets.splits import split_columns

MOST_GROUP_COLUMNS: Final = 5


def facts_of(version: DatasetVersion, protocol: Protocol, split: Split) -> SplitFacts:
    """Sizes, balance of the targets, and warnings. Raises FileNotFoundError without its arrays.

    Nothing is missing from the parts of a refit, which has no validation rows on purpose.
    """
    targets = storage.load_targets(version.digest)
    test = version.test_rows if protocol.locked_test_share is None else len(split.test)
    sizes = tuple((len(train), len(validation)) for train, validation in split.parts)
    warnings = [*_copy_warnings(version, split), *_column_warnings(version, protocol, split)]
    is_refit = protocol.kind == ALL_ROWS
    if version.task == DatasetVersion.Task.CLASSIFICATION:
        labels, names = targets.astype(np.int64), version.schema["classes"]
        lacking = () if is_refit else class_warnings(labels, split, names, protocol.respecting)
        shares = class_shares(labels, split, names)
        return SplitFacts(
            parts=sizes,
            test=test,
            classes=tuple(shares[:MOST_CLASSES]),
            more_classes=max(0, len(shares) - MOST_CLASSES),
            warnings=(*lacking, *warnings),
        )
    return SplitFacts(
        parts=sizes,
        test=test,
        targets=tuple(target_spreads(targets, split)),
        warnings=(*(() if is_refit else target_warnings(targets, split)), *warnings),
    )


def _copy_warnings(version: DatasetVersion, split: Split) -> Iterator[str]:
    folder = storage.dataset_folder(version.digest)
    words = copies_words(torn(_copies(version.digest, folder.stat().st_mtime_ns), split))
    if words:
        yield words


@lru_cache(maxsize=8)
def _copies(digest: str, made: int) -> Rows:
    """Which rows are copies of each other; a version never changes. made: when its folder was."""
    del made
    return same_rows(storage.load_inputs(digest))


def _column_warnings(version: DatasetVersion, protocol: Protocol, split: Split) -> Iterator[str]:
    columns: list[dict[str, Any]] = version.profile.get("columns") or []
    for column in columns:
        if "id" in column["flags"] and column["use"] in ("number", "category"):
            yield (
                f"Column {column['name']} looks like an ID column but is an input: the "
                "model may memorize rows. Remove it from the inputs."
            )
    for one in _like_groups(version, protocol):
        keys = storage.load_split_keys(version.digest, one)
        words = group_words(one.name, torn(keys, split), one.distinct)
        if words:
            yield words


def _like_groups(version: DatasetVersion, protocol: Protocol) -> list[SplitColumn]:
    """Columns by whose name and values rows belong together, beside the protocol's own."""
    found = [
        column
        for column in split_columns(version.profile)
        if looks_like_group(
            column.name,
            column.distinct,
            version.rows,
            max(FEWEST_GROUPS, protocol.fewest_in_all),
        )
        and not (protocol.keyed and protocol.column == column.name)
    ]
    return found[:MOST_GROUP_COLUMNS]
