"""Assigns rows to folds, stratified by class."""

import heapq
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from experiments.evaluation.splits import Part, Rows

Counts = npt.NDArray[np.float64]


def deal_off(
    rows: Rows, codes: Rows, share: float, rng: np.random.Generator, *, leave: int
) -> Part:
    """Take `share` of `rows` off, class by class; return (those kept, those taken), both sorted.

    codes: the class of every row of the data, by row number. Each class gives its rounded-down
    share, and what is missing from the total goes to the classes with the largest remainders. Where
    there are several classes, each gives at least one row and keeps at least `leave`.
    """
    total = round(share * len(rows))
    classes, counts = np.unique(codes[rows], return_counts=True)
    quotas = class_quotas(counts, share, total, leave)
    taken = []
    for label, quota in zip(classes, quotas, strict=True):
        members = rows[codes[rows] == label]
        taken.append(rng.permutation(members)[:quota])
    off = np.sort(np.concatenate(taken))
    return np.setdiff1d(rows, off, assume_unique=True), off


def deal_folds(rows: Rows, codes: Rows, folds: int, rng: np.random.Generator) -> Iterator[Part]:
    """Split `rows` into folds and return (training, validation) for each; both sorted.

    Folds differ by at most one row, in total and in each class.
    """
    classes = np.unique(codes[rows])
    order = np.concatenate([rng.permutation(rows[codes[rows] == label]) for label in classes])
    fold_of = np.arange(len(order)) % folds
    for fold in range(folds):
        yield np.sort(order[fold_of != fold]), np.sort(order[fold_of == fold])


def class_quotas(counts: npt.NDArray[np.intp], share: float, total: int, leave: int) -> list[int]:
    """How many rows each class gives, `total` together; see `deal_off`."""
    exact = counts * share
    quotas = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - quotas), kind="stable")
    quotas[order[: max(0, total - int(quotas.sum()))]] += 1
    if len(counts) > 1:
        quotas = np.clip(quotas, 1, counts - leave)
    return [int(quota) for quota in quotas]


def newest_off(rows: Rows, times: Rows, share: float, *, leave: int) -> Part:
    """Take the newest `share` of the rows off; return (rows kept, rows taken), both sorted.

    times: the place in time of every row of the data, by row number. Rows of the same time stay
    together; `leave` different times are left over at least.
    """
    older, newer = _blocks(rows, times, (1 - share, share), leave=leave)
    return older, newer


def forward_chain(rows: Rows, times: Rows, folds: int) -> Iterator[Part]:
    """Cut `rows` into folds + 1 blocks of time; train on all before a block, validate on it.

    Rolling-origin evaluation: Tashman 2000, Out-of-sample tests of forecasting accuracy. Needs
    folds + 1 different times.
    """
    blocks = _blocks(rows, times, [1 / (folds + 1)] * (folds + 1))
    for fold in range(1, folds + 1):
        yield np.sort(np.concatenate(blocks[:fold])), blocks[fold]


def _blocks(rows: Rows, times: Rows, shares: Sequence[float], *, leave: int = 1) -> list[Rows]:
    """Cut at the times nearest to the shares; each block has a time, the first one `leave`."""
    different, counts = np.unique(times[rows], return_counts=True)
    ends = np.cumsum(counts)
    cuts: list[int] = []  # how many of the different times lie before each cut
    for number, share in enumerate(np.cumsum(shares[:-1]), start=1):
        nearest = int(np.argmin(np.abs(ends - share * len(rows)))) + 1
        lowest = cuts[-1] + 1 if cuts else leave
        cuts.append(min(max(nearest, lowest), len(different) - len(shares) + number))
    block_of = np.searchsorted(cuts, np.searchsorted(different, times[rows]), side="right")
    return [rows[block_of == block] for block in range(len(shares))]


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


TRIES = 32  # choices of groups, of which the most even one is taken


def deal_stratified_groups_off(
    rows: Rows, groups: Rows, classes: Rows, share: float, rng: np.random.Generator, *, leave: int
) -> Part:
    """Take whole groups off, `share` of the rows at most; return (rows kept, rows taken), sorted.

    groups, classes: of every row of the data, by row number. Of several choices of
    `deal_groups_off`, that whose classes all give most nearly their share.
    """
    _, codes = np.unique(classes[rows], return_inverse=True)
    totals = np.bincount(codes)

    def unevenness(part: Part) -> float:
        taken = np.bincount(codes[np.isin(rows, part[1])], minlength=len(totals))
        return float(np.abs(taken / totals - share).sum())

    choices = [deal_groups_off(rows, groups, share, rng, leave=leave) for _ in range(TRIES)]
    return min(choices, key=unevenness)


def deal_stratified_group_folds(
    rows: Rows, groups: Rows, classes: Rows, folds: int, rng: np.random.Generator
) -> Iterator[Part]:
    """Cut `rows` into folds of whole groups and validate on each in turn; both sorted.

    The group whose rows differ most between classes first, each goes to the fold where it leaves
    the classes' shares most even over the folds, and of equal ones to that with the fewest rows
    (the rule of scikit-learn's StratifiedGroupKFold). Every fold gets a group.
    """
    names, place = np.unique(groups[rows], return_inverse=True)
    labels, codes = np.unique(classes[rows], return_inverse=True)
    counts = np.zeros((len(names), len(labels)))
    np.add.at(counts, (place, codes), 1)
    shares = counts / counts.sum(axis=0)
    order = rng.permutation(len(names))
    order = order[np.argsort(-counts[order].std(axis=1), kind="stable")]
    filled, sizes = np.zeros((folds, len(labels))), np.zeros(folds)
    fold_of_group = np.empty(len(names), dtype=np.int64)
    for left, group in zip(range(len(names), 0, -1), order, strict=True):
        fold = _evenest(filled, sizes, shares[group], left)
        fold_of_group[group] = fold
        filled[fold] += shares[group]
        sizes[fold] += counts[group].sum()
    fold_of = fold_of_group[place]
    for fold in range(folds):
        yield rows[fold_of != fold], rows[fold_of == fold]


def _evenest(filled: Counts, sizes: Counts, group: Counts, left: int) -> int:
    """The fold to put a group into; where as many are empty as groups are left, an empty one."""
    empty = np.flatnonzero(sizes == 0)
    candidates = empty if len(empty) >= left else np.arange(len(sizes))
    unevenness = []
    for fold in candidates:
        filled[fold] += group
        unevenness.append(round(float(filled.std(axis=0).mean()), 12))
        filled[fold] -= group
    return int(candidates[np.lexsort((sizes[candidates], np.array(unevenness)))[0]])
