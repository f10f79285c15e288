"""Extremely randomized trees over cells, grown level by level together.

Every leaf is a product of sets of cells, so that means over any hyperparameters are exact sums.
Source of the trees: extremely randomised trees, Geurts, Ernst and Wehenkel 2006, Algorithm 1 with
K = all columns; unordered columns are parted by random sets.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Cells = npt.NDArray[np.uint8]
Sets = npt.NDArray[np.uint32]
Places = npt.NDArray[np.intp]

LEAST_SHARE: Final = 1 / 150  # of the mean tree's weight in a leaf: with few trials one is enough
ONE: Final = np.uint32(1)


@dataclass(frozen=True, slots=True)
class Leaves:
    """tree: shape (m,), rising. sets: shape (m, d), bit c of column j: cell c lies in the leaf.

    value: shape (m,), the weighted mean of its trials.
    """

    tree: Places
    sets: Sets
    value: Vector


def grow(
    codes: Codes,
    loss: Vector,
    weights: Vector,
    ordered: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> Leaves:
    """Grow a tree for each row of weights.

    codes: (n, d), cells below 32. loss: (n,), finite. weights: (trees, n), 0 = the tree doesn't see
    the trial; each sees at least one. ordered: (d,). The same arguments give the same trees.
    """
    tree, trial = np.nonzero(weights)
    weight = weights[tree, trial]
    cells = np.ascontiguousarray(codes.T.astype(np.uint8)[:, trial])
    points = _Points(tree, cells, weight, weight * loss[trial])
    sets = np.full((len(weights), codes.shape[1]), ~np.uint32(0))
    trees = np.arange(len(weights))
    least = LEAST_SHARE * float(weight.sum()) / len(weights)
    found: list[tuple[Places, Sets, Vector]] = []
    while len(trees):
        level = _Level.of(points, len(trees))
        column, cut = level.split(points, ordered, least, rng)
        ends = column < 0
        found.append((trees[ends], sets[ends], level.mean[ends]))
        inner = np.flatnonzero(~ends)
        column, cut = column[inner], cut[inner]
        left, right = sets[inner], sets[inner]
        rows = np.arange(len(inner))
        left[rows, column] &= cut
        right[rows, column] &= ~cut
        place = np.full(len(trees), -1)
        place[inner] = rows
        points = points.divided(place, column, cut)
        sets = np.stack([left, right], axis=1).reshape(-1, sets.shape[1])
        trees = np.repeat(trees[inner], 2)
    every = [np.concatenate(part) for part in zip(*found, strict=True)]
    order = np.argsort(every[0], kind="stable")
    return Leaves(every[0][order], every[1][order], every[2][order])


@dataclass(frozen=True, slots=True)
class _Points:
    """Trials as the trees see them, sorted by node; cells has shape (d, p), the others (p,)."""

    node: Places
    cells: Cells
    weight: Vector
    weighted: Vector

    def divided(self, place: Places, column: Places, cut: Sets) -> "_Points":
        """Those in nodes that were parted (place: which, -1: a leaf), in the nodes' halves."""
        kept = np.flatnonzero(place[self.node] >= 0)
        node = place[self.node[kept]]
        own = self.cells[column[node], kept].astype(np.uint32)
        half = 2 * node + 1 - ((cut[node] >> own) & ONE).astype(np.intp)
        order = np.argsort(half, kind="stable")
        kept = kept[order]
        return _Points(half[order], self.cells[:, kept], self.weight[kept], self.weighted[kept])


@dataclass(frozen=True, slots=True)
class _Level:
    """The nodes of one level: where each one's points begin and how many, and their sums."""

    starts: Places
    count: Places
    weight: Vector
    total: Vector

    @classmethod
    def of(cls, points: _Points, nodes: int) -> "_Level":
        starts = np.searchsorted(points.node, np.arange(nodes))
        count = np.diff(np.append(starts, len(points.node)))
        weight = np.add.reduceat(points.weight, starts)
        return cls(starts, count, weight, np.add.reduceat(points.weighted, starts))

    @property
    def mean(self) -> Vector:
        """Of each node's loss."""
        return np.asarray(self.total / self.weight)

    def split(
        self,
        points: _Points,
        ordered: npt.NDArray[np.bool_],
        least: float,
        rng: np.random.Generator,
    ) -> tuple[Places, Sets]:
        """The column that parts each node best by one random cut each, and its left set; -1: none."""
        cuts = self._cuts(points, ordered, rng)
        left = (np.repeat(cuts, self.count, axis=1) >> points.cells & ONE).astype(np.bool_)
        weight = np.add.reduceat(left * points.weight, self.starts, axis=1)
        total = np.add.reduceat(left * points.weighted, self.starts, axis=1)
        fits = (weight >= least) & (self.weight - weight >= least)
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = total**2 / weight + (self.total - total) ** 2 / (self.weight - weight)
        gain = np.where(fits, gain - self.total**2 / self.weight, -np.inf)
        best = gain.argmax(axis=0)
        nodes = np.arange(len(best))
        noise = 1e-12 * np.maximum(self.total**2 / self.weight, 1e-300)
        return np.where(gain[best, nodes] > noise, best, -1), cuts[best, nodes]

    def _cuts(
        self, points: _Points, ordered: npt.NDArray[np.bool_], rng: np.random.Generator
    ) -> Sets:
        """A random left set for each column and node: shape (d, nodes)."""
        low = np.minimum.reduceat(points.cells, self.starts, axis=1).astype(np.uint32)
        high = np.maximum.reduceat(points.cells, self.starts, axis=1).astype(np.uint32)
        last = low + (rng.random(low.shape) * (high - low)).astype(np.uint32)
        below = (ONE << (last + ONE)) - ONE
        if ordered.all():
            return np.asarray(below)
        bits = ONE << points.cells.astype(np.uint32)
        present = np.bitwise_or.reduceat(bits, self.starts, axis=1)
        drawn = rng.integers(2**32, size=low.shape, dtype=np.uint32)
        # All or none of the cells that are there would part nothing: the first one changes sides.
        first = present & (~present + ONE)
        part = drawn & present
        drawn = np.where((part == 0) | (part == present), drawn ^ first, drawn)
        return np.where(ordered[:, None], below, drawn)
