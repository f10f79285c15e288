"""Encodes configurations as rows of numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.search.history import Values
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice
from experiments.search.space.space import Space

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Encoding:
    """One column for each searched hyperparameter, in the space's order.

    Ordered ones become their place in [0, 1] (steps, lists and log scales alike: the first value
    is 0, the last 1), the others the index of their choice, inactive ones NaN.
    """

    space: Space
    categorical: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.float64]

    @classmethod
    def of(cls, space: Space) -> "Encoding":
        """The encoding of a space; `counts` holds each column's number of values, inf for a range."""
        rows = space.searched
        return cls(
            space,
            np.array([is_categorical(row) for row in rows], dtype=np.bool_),
            np.array([row.count() or math.inf for row in rows], dtype=np.float64),
        )

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.counts)

    def matrix(self, many: Sequence[Values]) -> Matrix:
        """Shape (len(many), width). Values must be configurations of the space."""
        rows = self.space.searched
        units = np.full((len(many), len(rows)), np.nan)
        for column, row in enumerate(rows):
            name, encode = row.name, row.encode
            for place, values in enumerate(many):
                if name in values:
                    units[place, column] = encode(values[name])
        return self.placed(units)

    def placed(self, units: Matrix) -> Matrix:
        """From the middles of bins to places: 0 … 1 where ordered, 0 … count - 1 where not."""
        finite = np.isfinite(self.counts)
        counts = np.where(finite, self.counts, 2.0)
        index = units * counts - 0.5
        ordered = np.where(counts > 1, index / np.maximum(counts - 1, 1), 0.0 * index)
        placed = np.where(finite, ordered, units)
        return np.where(self.categorical, np.round(index), placed)


def is_categorical(row: Hyperparameter) -> bool:
    """Whether a hyperparameter's values have no order: yes or no, and choices of words."""
    return isinstance(row, Boolean) or (isinstance(row, Choice) and not row.is_ordered)
