"""Deals rows out so that the rows of a group stay together."""

import heapq
from collections.abc import Iterator

import numpy as np

from experiments.evaluation.splits import Part, Rows


def deal_groups_off(
    rows: Rows, groups: Rows, share: float, rng: np.random.Generator, *, leave: int
) -> Part:
    """Take whole groups off, `share` of the rows at most; return (rows kept, rows taken), sorted.

    groups: the group of every row of the data, by row number. Groups are gone through in random
    order, and each that still fits is taken; `leave` groups are left over at least. Where even the
    smallest is larger than the share, it is taken alone.
    """
    names, sizes = np.unique(groups[rows], return_counts=True)
    order = rng.permutation(len(names))
    room = round(share * len(rows))
    taken: list[int] = []
    for group in order:
        if room < sizes.min() or len(taken) == len(names) - leave:
            break
        if sizes[group] <= room:
            taken.append(int(group))
            room -= int(sizes[group])
    if not taken:
        taken = [int(order[np.argmin(sizes[order])])]
    is_off = np.isin(groups[rows], names[taken])
    return rows[~is_off], rows[is_off]


def deal_group_folds(
    rows: Rows, groups: Rows, folds: int, rng: np.random.Generator
) -> Iterator[Part]:
    """Cut `rows` into folds of whole groups and validate on each in turn; both sorted.

    The largest group first, each goes to the fold with the fewest rows (longest processing time
    first: Graham 1969, Bounds on multiprocessing timing anomalies). Equal ones in random order.
    """
    names, sizes = np.unique(groups[rows], return_counts=True)
    order = rng.permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    fold_of_group = np.empty(len(names), dtype=np.int64)
    filled = [(0, fold) for fold in range(folds)]
    for group in order:
        count, fold = heapq.heappop(filled)
        fold_of_group[group] = fold
        heapq.heappush(filled, (count + int(sizes[group]), fold))
    fold_of = fold_of_group[np.searchsorted(names, groups[rows])]
    for fold in range(folds):
        yield rows[fold_of != fold], rows[fold_of == fold]
