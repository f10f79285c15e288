"""Splits the rows of a dataset by a protocol."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from experiments.evaluation.fold_assignment import (
    deal_folds,
    deal_group_folds,
    deal_groups_off,
    deal_off,
    deal_stratified_group_folds,
    deal_stratified_groups_off,
    forward_chain,
    newest_off,
)
from experiments.evaluation.protocol import ALL_ROWS, Protocol, ProtocolError
from experiments.evaluation.row_lock import Keys, lock_classes, lock_rows, lock_stratified_groups
from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.split_feasibility import rare_class_problem, rare_classes
from experiments.evaluation.splits import Brought, Part, Rows, Split
from experiments.search.problems import Problem

NOTHING = Brought()
BLOCKS: Final = 20  # rows that follow each other in time are alike: so many blocks an execution


def deal_out(
    protocol: Protocol,
    n: int,
    labels: Sequence[int] | Rows | None,
    seed: int,
    *,
    classes: Sequence[str] = (),
    brought: Brought = NOTHING,
) -> Split:
    """Deal `n` rows out: locked test rows first, then the parts.

    labels: (n,) class indices to stratify by; None for regression. classes: their names, for
    messages. With `brought.lock` the locked rows depend on that alone, or are the newest, and the
    seed deals out the others. The same n, labels, keys and seed give the same split on every machine.
    Raises: ProtocolError when a part would be unusable.
    """
    codes = _codes(protocol, n, labels, classes, brought)
    rng = np.random.default_rng([seed % 2**64, n])
    strata = _strata(protocol, n, labels)
    every = np.arange(n, dtype=np.int64)
    kept = brought.validation_rows if protocol.kind == "fixed" else 0
    rest, test = every[: n - kept], every[:0]
    if protocol.locked_test_share:
        if brought.lock is None:
            take = _dealer(protocol, codes, strata, rng, leave=protocol.fewest_outside_test)
            rest, test = take(rest, protocol.locked_test_share)
        else:
            rest, test = _locked(protocol, rest, codes, strata, brought.lock)
    if protocol.kind == "fixed":
        return Split.of([(rest, every[n - kept :])], test)
    return Split.of(_parts(protocol, rest, codes, strata, rng), test)


def deal_again(
    protocol: Protocol,
    split: Split,
    labels: Sequence[int] | Rows | None,
    seed: int,
    *,
    brought: Brought = NOTHING,
) -> Split:
    """Other parts of the rows that `split` trains and validates on; its locked rows stay locked.

    labels, brought: as for `deal_out`. An all_rows protocol has one part, with every row to train
    on. The dataset's own validation part, and parts in the order of time, are what they were.
    """
    rest = np.unique(np.concatenate([rows for part in split.parts for rows in part]))
    if protocol.kind == ALL_ROWS:
        return Split.of([(rest, rest[:0])], split.test)
    if protocol.kind == "fixed":
        return split
    n = int(max(rest.max(initial=-1), split.test.max(initial=-1))) + 1
    codes = _codes(protocol, n, labels, (), brought)
    rng = np.random.default_rng([seed % 2**64, n])
    return Split.of(_parts(protocol, rest, codes, _strata(protocol, n, labels), rng), split.test)


def _locked(protocol: Protocol, rows: Rows, codes: Rows, strata: Rows | None, keys: Keys) -> Part:
    share, leave = protocol.locked_test_share or 0.0, protocol.fewest_outside_test
    if protocol.respecting == "time":
        return newest_off(rows, codes, share, leave=leave)
    if strata is not None:
        return lock_stratified_groups(rows, keys, strata, share, leave=leave)
    if protocol.grouped:
        return lock_rows(rows, keys, share, leave=leave)
    return lock_classes(rows, keys, codes, share, leave=leave)


def _parts(
    protocol: Protocol, rest: Rows, codes: Rows, strata: Rows | None, rng: np.random.Generator
) -> list[Part]:
    if protocol.kind == "k_fold" and protocol.respecting == "time":
        return list(forward_chain(rest, codes, protocol.folds))
    if protocol.kind == "k_fold" and strata is not None:
        return list(deal_stratified_group_folds(rest, codes, strata, protocol.folds, rng))
    if protocol.kind == "k_fold":
        deal = deal_group_folds if protocol.grouped else deal_folds
        return list(deal(rest, codes, protocol.folds, rng))
    take = _dealer(protocol, codes, strata, rng, leave=1)
    return [take(rest, protocol.validation_share) for _ in range(protocol.parts_count)]


def _dealer(
    protocol: Protocol, codes: Rows, strata: Rows | None, rng: np.random.Generator, *, leave: int
) -> Callable[[Rows, float], Part]:
    """How a share of the rows is taken off; `leave` of each class, of groups or of times stay."""
    if protocol.respecting == "time":
        return lambda rows, share: newest_off(rows, codes, share, leave=leave)
    if strata is not None:
        return lambda rows, share: deal_stratified_groups_off(
            rows, codes, strata, share, rng, leave=leave
        )
    deal = deal_groups_off if protocol.grouped else deal_off
    return lambda rows, share: deal(rows, codes, share, rng, leave=leave)


def _strata(protocol: Protocol, n: int, labels: Sequence[int] | Rows | None) -> Rows | None:
    """The class of each row beside its group; None where classes aren't respected beside groups."""
    if labels is None or protocol.respecting != "stratified_groups":
        return None
    return _of_rows(labels, n)


def _of_rows(labels: Sequence[int] | Rows, n: int) -> Rows:
    codes = np.asarray(labels).astype(np.int64).reshape(-1)
    if len(codes) != n:
        raise ProtocolError([Problem("", f"{len(codes):,} labels for {n:,} rows.")])
    return codes


def _codes(
    protocol: Protocol,
    n: int,
    labels: Sequence[int] | Rows | None,
    names: Sequence[str],
    brought: Brought,
) -> Rows:
    """The class, group or time of each row; one class for all where nothing is respected."""
    columns = _columns(protocol, n, brought)
    own = brought.validation_rows
    problems = protocol.problems(n, validation_rows=own, columns=columns)
    if problems:
        raise ProtocolError(problems)
    if brought.keys is not None and protocol.keyed:
        return brought.keys.astype(np.int64)
    if labels is None or protocol.respecting == "none":
        return np.zeros(n, dtype=np.int64)
    codes = _of_rows(labels, n)
    dealt = codes[: n - own] if protocol.kind == "fixed" else codes
    _check_classes(protocol, dealt, names)
    return codes


def _columns(protocol: Protocol, n: int, brought: Brought) -> list[SplitColumn]:
    """What is known of the respected column from its values."""
    if brought.keys is None or not protocol.keyed:
        return []
    if len(brought.keys) != n:
        message = f"{protocol.column} has {len(brought.keys):,} values for {n:,} rows."
        raise ProtocolError([Problem("column", message)])
    different = len(np.unique(brought.keys))
    missing = int(np.sum(brought.keys < 0))
    return [SplitColumn(protocol.column, "number", different, missing)]


def _check_classes(protocol: Protocol, codes: Rows, names: Sequence[str]) -> None:
    wanted = protocol.fewest_in_all
    rare = rare_classes(codes, wanted, names)
    if rare:
        in_folds, locked = protocol.kind == "k_fold", bool(protocol.locked_test_share)
        problem = rare_class_problem(rare, wanted, in_folds=in_folds, locked=locked)
        raise ProtocolError([problem])


def units_by(keys: Rows, protocol: Protocol) -> Rows:
    """What rows belong together, (n,): those of a group, or a block of neighbours in time. keys: `Brought.keys`."""
    if protocol.grouped:
        return keys
    place = np.empty(len(keys), dtype=np.int64)
    place[np.argsort(keys, kind="stable")] = np.arange(len(keys))
    return np.asarray(place // max(1, len(keys) // (BLOCKS * max(1, protocol.parts_count))))
