"""Cross-epoch scores: every validation row at an epoch that other rows chose.

The best of many epochs looks better than the model is, because it is chosen on the rows that it is
then scored on. Here each tenth of the validation rows is scored at the epoch that is best for the other
nine tenths (cross-validation of the choice: Stone 1974). Nothing but row scores is kept of an epoch.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

BLOCKS: Final = 10  # rows are dealt into so many, or each alone where there are fewer
MOST_ROWS: Final = 20_000  # the best epoch of so many rows is no luck worth its cost


class CrossEpochs:
    """Follows the row scores of one execution, epoch by epoch.

    n: validation rows. The blocks follow from n alone, so that all trials share them.
    """

    def __init__(self, n: int, *, higher_is_better: bool) -> None:
        count = min(BLOCKS, n)
        self._block = np.random.default_rng(n).permutation(n) % max(1, count)
        self._sizes = np.bincount(self._block, minlength=count)
        self._sign = 1.0 if higher_is_better else -1.0
        # Last: what a checkpoint stores. Best mean of the other blocks; rows' scores at that epoch.
        self.best = np.full(count, -np.inf)
        self.scores = np.full(n, np.nan)

    def see(self, scores: Vector) -> None:
        """Take an epoch's row scores, (n,); the first of equal epochs counts."""
        sums = np.bincount(self._block, scores, minlength=len(self.best))
        others = len(scores) - self._sizes
        # A single row has no others: it stays at its own best epoch.
        means = (sums.sum() - sums) / others if others.all() else sums
        better = self._sign * means > self.best
        if better.any():
            rows = better[self._block]
            self.scores[rows] = scores[rows]
            self.best[better] = self._sign * means[better]

    def resume(self, best: Vector, scores: Vector) -> None:
        """Continue from the arrays of a checkpoint."""
        self.best, self.scores = best.copy(), scores.copy()
