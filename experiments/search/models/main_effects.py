"""Main effects of each hyperparameter, which trees need many splits to fit."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.models.forest import MOST_WORDS
from experiments.search.space.encoding import Encoding, Matrix

Vector = npt.NDArray[np.float64]

PENALTIES: Final = np.geomspace(0.1, 300.0, 15)
LARGEST: Final = 0.999  # leverage of a trial: one that decides its own prediction tells nothing


@dataclass(frozen=True, slots=True)
class Trend:
    """level + (features - centre) @ slopes, a sum of one term for each hyperparameter.

    A line and a parabola where values are ordered, a step for each word of a choice; an inactive
    hyperparameter adds nothing. A forest grows on what it leaves unsaid. Source: Zhang, Nettleton &
    Zhu 2019, "Regression-enhanced random forests", whose penalized regression is the lasso.
    """

    encoding: Encoding
    level: float
    centre: Vector
    slopes: Vector

    @classmethod
    def fit(cls, encoding: Encoding, rows: Matrix, loss: Vector) -> "Trend":
        """Ridge regression; the penalty is the one that predicts each trial best from the others.

        rows: shape (n, d), encoded, n >= 1. loss: (n,), finite. Where no penalty predicts better
        than the mean of the others, all slopes are 0. The errors are Allen's PRESS: Golub, Heath &
        Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge parameter".
        """
        features = _features(encoding, rows)
        centre, level = features.mean(axis=0), float(loss.mean())
        flat = cls(encoding, level, centre, np.zeros(features.shape[1]))
        count = len(loss)
        if count < 2 or not features.shape[1]:
            return flat
        left, sizes, right = np.linalg.svd(features - centre, full_matrices=False)
        off = loss - level
        along = left.T @ off
        least = float(np.mean((off * count / (count - 1)) ** 2))
        slopes = flat.slopes
        for penalty in PENALTIES:
            kept = sizes**2 / (sizes**2 + penalty)
            leverage = np.minimum((left**2) @ kept + 1 / count, LARGEST)
            error = float(np.mean(((off - left @ (kept * along)) / (1 - leverage)) ** 2))
            if error < least:
                least = error
                slopes = right.T @ (sizes / (sizes**2 + penalty) * along)
        return cls(encoding, level, centre, slopes)

    def __call__(self, rows: Matrix) -> Vector:
        """At encoded rows (m, d): shape (m,)."""
        return self.level + (_features(self.encoding, rows) - self.centre) @ self.slopes


def _features(encoding: Encoding, rows: Matrix) -> Matrix:
    """Shape (n, features); a choice of many words has none, since each is seen too seldom."""
    found: list[Vector] = []
    for place, column in enumerate(rows.T):
        active = ~np.isnan(column)
        if not encoding.categorical[place]:
            line = np.where(active, 2.0 * column - 1.0, 0.0)
            found += [line, np.where(active, 2.0 * line**2 - 1.0, 0.0)]
        elif encoding.counts[place] <= MOST_WORDS:
            found += [
                (column == word).astype(np.float64) for word in range(int(encoding.counts[place]))
            ]
    return np.array(found).reshape(len(found), len(rows)).T
