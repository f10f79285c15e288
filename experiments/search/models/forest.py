"""A forest of extremely randomized trees that predicts losses with uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from experiments.search.space.encoding import Encoding, Matrix

Vector = npt.NDArray[np.float64]
Rows = npt.NDArray[np.float32]

TREES: Final = 40
INACTIVE: Final = -1.0  # half of the column's width away, so that half of all cuts part it off
MOST_WORDS: Final = 12  # a longer choice stays one column: its indicators would crowd out the rest


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees grown on bootstrap samples, each with random cuts."""

    trees: tuple[Any, ...]

    @classmethod
    def grow(cls, rows: Rows, loss: Vector, seed: int) -> "Forest":
        """Grow a forest; the same arguments give the same one.

        rows: shape (n, columns) of `columns_of`, n >= 1. loss: shape (n,), finite, lower is better.
        seed: in [0, 2**32). Source: extremely randomised trees, Geurts, Ernst and Wehenkel 2006,
        Algorithm 1 with K = all columns, here with bootstrap samples as in Breiman 2001.
        """
        # Imported at the first use: it takes a second, and no page ever grows a forest.
        from sklearn.tree import ExtraTreeRegressor

        rng = np.random.default_rng(seed)
        draws = rng.integers(len(loss), size=(TREES, len(loss)))
        seeds = rng.integers(2**31, size=TREES)
        return cls(
            tuple(
                ExtraTreeRegressor(max_features=1.0, random_state=int(own))
                .fit(rows[draw], loss[draw], check_input=False)
                .tree_
                for draw, own in zip(draws, seeds, strict=True)
            )
        )

    def predict(self, rows: Rows) -> tuple[Vector, Vector]:
        """Mean and standard deviation of the loss, each of shape (n,).

        The deviation is that of a draw from a random tree's leaf (law of total variance: the mean
        of the leaves' variances plus the variance of their means).
        Source: Hutter, Xu, Hoos and Leyton-Brown 2014, "Algorithm runtime prediction", §4.3.2.
        """
        means = np.empty((len(self.trees), len(rows)))
        inner = np.empty_like(means)
        for place, tree in enumerate(self.trees):
            leaf = tree.apply(rows)
            means[place] = tree.value[leaf, 0, 0]
            inner[place] = tree.impurity[leaf]
        variance = inner.mean(axis=0) + means.var(axis=0)
        return means.mean(axis=0), np.sqrt(np.maximum(variance, 0.0))


def columns_of(encoding: Encoding, matrix: Matrix) -> Rows:
    """What the trees cut: ordered columns as they are, an indicator for each word of a choice.

    matrix: shape (n, encoding.width) of `Encoding.matrix`. Returns: (n, columns), float32; inactive
    values lie outside of the others, at -1.
    """
    found: list[Sequence[float] | Vector] = []
    for place, column in enumerate(matrix.T):
        count = encoding.counts[place]
        if encoding.categorical[place] and 2 < count <= MOST_WORDS:
            found += [column == word for word in range(int(count))]
        else:
            found.append(np.where(np.isnan(column), INACTIVE, column))
    return np.ascontiguousarray(np.array(found, dtype=np.float32).T.reshape(len(matrix), -1))


def unknown_words(encoding: Encoding, matrix: Matrix, known: Matrix) -> npt.NDArray[np.bool_]:
    """Which rows hold a category that no known row has, shape (n,): no tree can tell it from others.

    matrix, known: rows of `Encoding.matrix`. A word that is inactive in all of them is no news.
    """
    found = np.zeros(len(matrix), dtype=np.bool_)
    for place in np.flatnonzero(encoding.categorical):
        column = matrix[:, place]
        found |= ~np.isnan(column) & ~np.isin(column, known[:, place])
    return found
