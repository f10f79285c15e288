"""Cross-epoch scores: every validation row at an epoch that other rows chose.

The best of many epochs looks better than the model is, because it is chosen on the rows that it is
then scored on. Here each tenth of the validation rows is scored at the epoch that is best for the other
nine tenths (cross-validation of the choice: Stone 1974). Nothing but row scores is kept of an epoch.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

BLOCKS: Final = 10  # units are dealt into so many, or each alone where there are fewer
FEWEST: Final = 5  # units; the epoch that is best for fewer is best by luck
MOST_ROWS: Final = 20_000  # the best epoch of so many rows is no luck worth its cost


class CrossEpochs:
    """Follows the row scores of one execution, epoch by epoch.

    n: validation rows. units: (n,) what rows belong together: a group, or neighbours in time; None: each row
    stands for itself. The blocks follow from these alone, so that all trials share them.
    """

    def __init__(self, n: int, *, higher_is_better: bool, units: Codes | None = None) -> None:
        unit = np.arange(n) if units is None else np.unique(units, return_inverse=True)[1]
        count = int(unit.max(initial=0)) + 1
        blocks = min(BLOCKS, count)
        self._block = (np.random.default_rng(count).permutation(count) % blocks)[unit]
        self._sizes = np.bincount(self._block, minlength=blocks)
        self._sign = 1.0 if higher_is_better else -1.0
        self.is_possible = count >= FEWEST
        self._seen = 0
        # Last: what a checkpoint stores. Of each block: the best mean of the others and the epoch that has
        # it, counted from 0. Rows' scores at those epochs.
        self.best = np.full(blocks, -np.inf)
        self.epochs = np.zeros(blocks, dtype=np.int64)
        self.scores = np.full(n, np.nan)

    @property
    def row_epochs(self) -> Codes:
        """The epoch of each row, (n,)."""
        return np.asarray(self.epochs[self._block])

    def see(self, scores: Vector) -> None:
        """Take an epoch's row scores, (n,); the first of equal epochs counts."""
        sums = np.bincount(self._block, scores, minlength=len(self.best))
        others = len(scores) - self._sizes
        # A single block has no others: it stays at its own best epoch.
        means = (sums.sum() - sums) / others if others.all() else sums
        better = self._sign * means > self.best
        rows = better[self._block]
        self.scores[rows] = scores[rows]
        self.best[better] = self._sign * means[better]
        self.epochs[better] = self._seen
        self._seen += 1

    def resume(self, best: Vector, epochs: Codes, scores: Vector) -> None:
        """Continue from the arrays of a checkpoint."""
        self.best, self.epochs, self.scores = best.copy(), epochs.copy(), scores.copy()
        self._seen = int(epochs.max()) + 1
