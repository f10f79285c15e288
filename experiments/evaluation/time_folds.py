"""Deals rows out in the order of time: no model learns from the future."""

from collections.abc import Iterator, Sequence

import numpy as np

from experiments.evaluation.splits import Part, Rows


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
