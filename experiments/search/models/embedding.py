"""Encoded values as Euclidean features, so that a kernel of distances is valid.

The squared distance of two rows is a sum over columns, and so over the features of each column.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.space.encoding import Encoding, Matrix

Flags = npt.NDArray[np.bool_]
ARC: Final = (
    math.pi / 3
)  # angle of a whole range, so that its ends are as far apart as inactive is
CATEGORY: Final = 1 / math.sqrt(2)  # coordinate that puts two categories at distance 1
INACTIVE: Final = -1.0


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of an encoded matrix are; both have shape (d,).

    categorical: compared by mismatch, not by difference. conditional: NaN where inactive.
    """

    categorical: Flags
    conditional: Flags

    @classmethod
    def of(cls, encoding: Encoding) -> "Columns":
        """The columns of a space's encoding."""
        rows = encoding.space.searched
        conditional = np.array([row.only_if is not None for row in rows], dtype=np.bool_)
        return cls(encoding.categorical, conditional)


@dataclass(frozen=True, slots=True)
class Embedding:
    """A map from rows to features, learnt from the rows that a model is fitted to.

    Distances by column: ordered |a - b|; ordered and conditional the chord of an arc, inactive in
    its centre (1 from any active value); categorical 0 or 1, inactive as one more category.
    Source of the arc: Swersky et al. 2014, Raiders of the lost architecture, eq. 2-3.

    known: the categories seen in each categorical column, empty for the others. owner: shape (f,),
    the column of each feature.
    """

    columns: Columns
    known: tuple[npt.NDArray[np.float64], ...]
    owner: npt.NDArray[np.intp]

    @classmethod
    def of(cls, columns: Columns, matrix: Matrix) -> "Embedding":
        """The embedding for rows like those of `matrix`, shape (n, d)."""
        known, owner = [], []
        for column, categorical in enumerate(columns.categorical):
            values = np.unique(_categories(matrix[:, column])) if categorical else np.empty(0)
            features = len(values) + 1 if categorical else 1 + int(columns.conditional[column])
            known.append(values)
            owner += [column] * features
        return cls(columns, tuple(known), np.array(owner, dtype=np.intp))

    def features(self, matrix: Matrix) -> Matrix:
        """Shape (n, f). A category that no known row has is as far from each of them as any other."""
        out = np.empty((len(matrix), len(self.owner)))
        place = 0
        for column, known in enumerate(self.known):
            values = matrix[:, column]
            if self.columns.categorical[column]:
                same = _categories(values)[:, None] == known
                width = len(known) + 1
                out[:, place : place + width - 1] = same * CATEGORY
                out[:, place + width - 1] = ~same.any(axis=1) * CATEGORY
            elif self.columns.conditional[column]:
                width = 2
                active = ~np.isnan(values)
                angle = np.where(active, values, 0.0) * ARC
                out[:, place] = active * np.cos(angle)
                out[:, place + 1] = active * np.sin(angle)
            else:
                width = 1
                out[:, place] = values
            place += width
        return out


def _categories(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(np.isnan(values), INACTIVE, values)


def squared_distances(left: Matrix, right: Matrix) -> Matrix:
    """Between rows of (n, f) and (m, f): shape (n, m), never below 0."""
    cross = left @ right.T
    squares = np.einsum("ij,ij->i", left, left)[:, None] + np.einsum("ij,ij->i", right, right)
    return np.asarray(np.maximum(squares - 2 * cross, 0.0))
