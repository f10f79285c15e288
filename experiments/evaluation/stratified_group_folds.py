"""Deals whole groups out so that each class keeps its share, as nearly as that allows."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from experiments.evaluation.group_folds import deal_groups_off
from experiments.evaluation.splits import Part, Rows

TRIES = 32  # choices of groups, of which the most even one is taken
Counts = npt.NDArray[np.float64]


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
