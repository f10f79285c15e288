"""Functional ANOVA of losses over cells, with confidence intervals.

A loss is a mean, plus an effect of each hyperparameter alone, plus one of each pair together, and
so on; each has its variance under equal shares of the space, whatever the sampler tried.
Source: Hutter, Hoos and Leyton-Brown 2014, "An efficient approach for assessing hyperparameter
importance", eq. 2-7 and Algorithm 1-2: exact means over the leaves of trees.

Noise makes any tree's variances too large. So each is the product of two trees' effects, grown on
two halves of the trials that share none: what one half says by chance the other doesn't, and a
dead hyperparameter comes out at 0. Intervals come from the Bayesian bootstrap (Rubin 1981).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.models.cell_trees import Leaves, grow
from experiments.search.models.range_cells import CellAxis, Codes, Vector

Matrix = npt.NDArray[np.float64]
Tensor = npt.NDArray[np.float64]

GROUPS: Final = 16  # bootstrap weightings
SPLITS: Final = 4  # of the trials in halves, under each weighting
MOST_TREES: Final = 4  # of a half
MOST_POINTS: Final = 200  # that a half's trees see together, where there are several
T_95: Final = 2.131  # Student's quantile for 95 % with GROUPS - 1 degrees of freedom


@dataclass(frozen=True, slots=True)
class Variances:
    """Of one weighting's function: total, shape (d,) of each alone, shape (d, d) of each pair."""

    total: float
    alone: Vector
    together: Matrix


@dataclass(frozen=True, slots=True)
class Decomposition:
    """What trees make of the losses. means, errors: shape (c, c) over all c cells of all axes, the
    mean loss at each pair of cells of two axes over everything else, and its standard error.
    """

    axes: tuple[CellAxis, ...]
    groups: tuple[Variances, ...]
    means: Matrix
    errors: Matrix

    @classmethod
    def of(
        cls, axes: tuple[CellAxis, ...], codes: Codes, loss: Vector, seed: int
    ) -> "Decomposition":
        """axes: at least one. codes: (n, d), n >= 4. loss: (n,), finite; the same gives the same."""
        rng = np.random.default_rng(seed)
        leaves = grow(
            codes, loss, _weights(len(loss), rng), np.array([a.is_ordered for a in axes]), rng
        )
        shares = np.concatenate([axis.shares for axis in axes])
        starts = np.cumsum([0, *(len(axis.shares) for axis in axes[:-1])])
        halves = _Halves(leaves, axes, trees_of(len(loss)))
        found = [_group(halves.group(place), shares, starts) for place in range(GROUPS)]
        means = np.array([mean for _, mean in found])
        groups = tuple(variances for variances, _ in found)
        return cls(axes, groups, means.mean(axis=0), means.std(axis=0, ddof=1))

    def share(self, first: int, second: int | None = None) -> tuple[float, float, float]:
        """Return the share of variance due to one axis alone, or to two axes beyond each alone.

        Returns: the share and its 95 % interval, which may include values below 0 (not
        significant). All NaN if the losses have no variance.
        """
        own = np.array(
            [g.alone[first] if second is None else g.together[first, second] for g in self.groups]
        )
        total = np.array([group.total for group in self.groups])
        if not total.mean() > 0:
            return (np.nan, np.nan, np.nan)
        part = own.mean() / total.mean()
        # The ratio's deviation by linearisation: single groups may have a total near 0.
        error = (own - part * total).std(ddof=1) / total.mean()
        return float(part), float(part - T_95 * error), float(part + T_95 * error)

    @property
    def tells(self) -> bool:
        """Whether the halves of the trials agree on anything: 95 % interval of the total above 0."""
        total = np.array([group.total for group in self.groups])
        return bool(total.mean() - T_95 * total.std(ddof=1) > 0)

    def surface(self, first: int, second: int) -> tuple[Matrix, Matrix]:
        """Mean loss at each cell of two axes over everything else, and its standard error."""
        starts = np.cumsum([0, *(len(axis.shares) for axis in self.axes)])
        rows, columns = slice(*starts[first : first + 2]), slice(*starts[second : second + 2])
        return self.means[rows, columns], self.errors[rows, columns]


def _weights(n: int, rng: np.random.Generator) -> Matrix:
    """Two halves of each split, weighted alike in a group, each for several trees: (trees, n)."""
    weights = np.repeat(rng.exponential(size=(GROUPS, n)), SPLITS, axis=0)
    half = rng.permuted(np.tile(np.arange(n) % 2 == 0, (len(weights), 1)), axis=1)
    halves = np.stack([weights * half, weights * ~half], axis=1).reshape(-1, n)
    return np.repeat(halves, trees_of(n), axis=0)


def trees_of(n: int) -> int:
    """How many trees share a half: few trials need more of them, and they cost less."""
    return int(np.clip(MOST_POINTS // n, 1, MOST_TREES))


@dataclass(frozen=True, slots=True)
class _Halves:
    """Leaves by half: those of its trees together make one function, each tree's a part of it."""

    leaves: Leaves
    axes: tuple[CellAxis, ...]
    trees: int

    def group(self, number: int) -> tuple[Tensor, Matrix]:
        """Cells held, (halves, most leaves, c), and values of one group; halves alternate."""
        halves = SPLITS * 2
        first = number * halves * self.trees
        edges = first + self.trees * np.arange(halves + 1)
        ends = np.searchsorted(self.leaves.tree, edges)
        places = np.arange(ends[0], ends[-1])
        half = (self.leaves.tree[places] - first) // self.trees
        place = places - ends[half]
        width = sum(len(axis.shares) for axis in self.axes)
        held = np.zeros((halves, int(np.diff(ends).max()), width))
        value = np.zeros(held.shape[:2])
        sets = self.leaves.sets[places]
        bits = [
            (sets[:, column, None] >> np.arange(len(axis.shares), dtype=np.uint32)) & 1
            for column, axis in enumerate(self.axes)
        ]
        held[half, place] = np.concatenate(bits, axis=1)
        value[half, place] = self.leaves.value[places] / self.trees
        return held, value


def _group(
    group: tuple[Tensor, Matrix], shares: Vector, starts: npt.NDArray[np.intp]
) -> tuple[Variances, Matrix]:
    """Variances of one weighting, each the product of both halves; and the mean loss by pair."""
    held, value = group
    size = np.add.reduceat(held * shares, starts, axis=2)  # of each leaf along each axis
    volume = size.prod(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(size > 0, 1 / size, 0.0)
    widths = np.diff(np.append(starts, len(shares)))
    scaled = held * np.repeat(spread, widths, axis=2)
    pair = np.swapaxes(scaled, 1, 2) @ (scaled * (volume * value)[:, :, None])
    alone = (scaled * (volume * value)[:, :, None]).sum(axis=1)
    middle = (volume * value).sum(axis=1)
    both = middle[::2] * middle[1::2]
    mains = np.add.reduceat(alone[::2] * alone[1::2] * shares, starts, axis=1) - both[:, None]
    product = pair[::2] * pair[1::2] * shares[:, None] * shares
    joint = np.add.reduceat(np.add.reduceat(product, starts, axis=1), starts, axis=2)
    inner = joint - both[:, None, None] - mains[:, :, None] - mains[:, None, :]
    overlap = np.ones((len(both), held.shape[1], held.shape[1]))
    for start, width in zip(starts, widths, strict=True):
        cells = slice(start, start + width)
        overlap *= (held[::2, :, cells] * shares[cells]) @ np.swapaxes(held[1::2, :, cells], 1, 2)
    total = np.einsum("ri,rij,rj->r", value[::2], overlap, value[1::2]) - both
    found = Variances(float(total.mean()), mains.mean(axis=0), inner.mean(axis=0))
    return found, pair.mean(axis=0)
