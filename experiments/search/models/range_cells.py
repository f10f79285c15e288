"""Discretizes each hyperparameter into cells, for trees over cells.

A range becomes equal stretches of its own scale, so that a log range is cut at equal ratios.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import Value, Values
from experiments.search.space.axes import Axis

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

RANGE_CELLS: Final = 16
MOST_CELLS: Final = 24  # listed values beyond are put together: trees can't tell so many apart


@dataclass(frozen=True, slots=True)
class CellAxis:
    """One hyperparameter in cells.

    shares: shape (cells,), each cell's part of the values that may come, 1 in all. cell_of: shape
    (axis.count,), the cell of each listed value, -1 where a condition forbids it; None: a range.
    """

    axis: Axis
    shares: Vector
    cell_of: Codes | None = None

    @classmethod
    def of(
        cls, axis: Axis, tried: Sequence[Value], allowed: Sequence[Value] | None = None
    ) -> "CellAxis":
        """The cells of an axis; tried: its values in the trials, as a long list of words keeps
        the most tried ones apart and puts the others together. allowed: None = every value.
        """
        if axis.kind == "range":
            return cls(axis, np.full(RANGE_CELLS, 1 / RANGE_CELLS))
        listed = (
            range(axis.count) if allowed is None else sorted(int(axis.read(v)) for v in allowed)
        )
        cells = _cells(axis, list(listed), tried)
        cell_of = np.full(axis.count, -1, dtype=np.int64)
        cell_of[list(listed)] = cells
        return cls(axis, np.bincount(cells) / len(cells), cell_of)

    @property
    def name(self) -> str:
        """The hyperparameter's."""
        return self.axis.name

    @property
    def is_ordered(self) -> bool:
        """Whether neighbouring cells are alike."""
        return self.axis.kind != "category"

    def code(self, value: Value) -> int:
        """The cell of a value; -1 where a condition forbids it."""
        place = self.axis.read(value)
        if self.cell_of is None:
            return min(int(place * RANGE_CELLS), RANGE_CELLS - 1)
        return int(self.cell_of[int(place)])

    def ends(self) -> list[tuple[Value, Value, int]]:
        """First and last value of each cell, and how many listed ones lie in it (0: a range)."""
        if self.cell_of is None:
            edges = [self.axis.value(place / RANGE_CELLS) for place in range(RANGE_CELLS + 1)]
            return [(low, high, 0) for low, high in pairwise(edges)]
        found = []
        for cell in range(len(self.shares)):
            places = np.flatnonzero(self.cell_of == cell)
            first, last = self.axis.value(int(places[0])), self.axis.value(int(places[-1]))
            found.append((first, last, len(places)))
        return found


def _cells(axis: Axis, listed: list[int], tried: Sequence[Value]) -> Codes:
    """The cell of each listed place."""
    count = len(listed)
    if count <= MOST_CELLS:
        return np.arange(count)
    if axis.kind == "index":
        return np.arange(count) * RANGE_CELLS // count
    often = Counter(int(axis.read(value)) for value in tried)
    apart = sorted(listed, key=lambda place: (-often[place], place))[: MOST_CELLS - 1]
    own = {place: cell for cell, place in enumerate(sorted(apart))}
    return np.array([own.get(place, MOST_CELLS - 1) for place in listed])


def codes_of(axes: Sequence[CellAxis], many: Sequence[Values]) -> Codes:
    """Cells of configurations in which every axis is active: shape (n, d)."""
    columns = [[axis.code(values[axis.name]) for values in many] for axis in axes]
    return np.array(columns, dtype=np.int64).reshape(len(axes), len(many)).T
