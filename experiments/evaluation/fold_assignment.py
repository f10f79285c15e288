"""Deals rows out so that each class keeps its share."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from experiments.evaluation.splits import Part, Rows


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
    quotas = _quotas(counts, share, total, leave)
    taken = []
    for label, quota in zip(classes, quotas, strict=True):
        members = rows[codes[rows] == label]
        taken.append(rng.permutation(members)[:quota])
    off = np.sort(np.concatenate(taken))
    return np.setdiff1d(rows, off, assume_unique=True), off


def deal_folds(rows: Rows, codes: Rows, folds: int, rng: np.random.Generator) -> Iterator[Part]:
    """Cut `rows` into folds and validate on each in turn; both sorted.

    Folds differ by a row at most, in each class and in all: classes are dealt one after another
    like cards, each going on where the one before it stopped.
    """
    classes = np.unique(codes[rows])
    order = np.concatenate([rng.permutation(rows[codes[rows] == label]) for label in classes])
    fold_of = np.arange(len(order)) % folds
    for fold in range(folds):
        yield np.sort(order[fold_of != fold]), np.sort(order[fold_of == fold])


def _quotas(counts: npt.NDArray[np.intp], share: float, total: int, leave: int) -> list[int]:
    exact = counts * share
    quotas = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - quotas), kind="stable")
    quotas[order[: max(0, total - int(quotas.sum()))]] += 1
    if len(counts) > 1:
        quotas = np.clip(quotas, 1, counts - leave)
    return [int(quota) for quota in quotas]
