"""Vectorized operations on many points of a space's unit cube."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.space.conditions import parents_first
from experiments.search.space.encoding import Encoding, Matrix
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import IntRange
from experiments.search.space.space import Space

Flags = npt.NDArray[np.bool_]
FEW: Final = 20  # up to so many ordered values a small move is one step or two
NARROW, WIDE = (
    0.003,
    0.3,
)  # a move along a range: its deviation is drawn between them, log-uniformly


@dataclass(frozen=True, slots=True)
class Points:
    """Arithmetic on rows of the unit cube, shape (n, d), that agrees with decoding each of them."""

    encoding: Encoding

    @property
    def space(self) -> Space:
        """The space of the points."""
        return self.encoding.space

    def snap(self, units: Matrix) -> Matrix:
        """Each coordinate moved to the middle of the bin or stretch that decodes to its value."""
        finite = np.isfinite(self.encoding.counts)
        counts = np.where(finite, self.encoding.counts, 1.0)
        bins = np.minimum(np.floor(units * counts), counts - 1)
        snapped = np.where(finite, (bins + 0.5) / counts, units)
        for column, row in enumerate(self.space.searched):
            if _in_stretches(row):
                snapped[:, column] = _stretch_middles(row, units[:, column])
        return snapped

    def active(self, snapped: Matrix) -> Flags:
        """Shape (n, d): which hyperparameters the values make active."""
        columns = {row.name: column for column, row in enumerate(self.space.searched)}
        found: dict[str, Flags] = {}
        always = np.ones(len(snapped), dtype=np.bool_)
        for row in parents_first(self.space.hyperparameters):
            if row.only_if is None:
                found[row.name] = always
                continue
            parent = self.space[row.only_if.name]
            named = [value for value in row.only_if.values if not parent.problem(value)]
            if not parent.is_searched:
                found[row.name] = found[parent.name] & bool(named)
                continue
            places = np.array([parent.encode(value) for value in named])
            at = snapped[:, columns[parent.name]]
            same = np.isclose(at[:, None], places, rtol=0.0, atol=1e-11).any(axis=1)
            found[row.name] = found[parent.name] & same
        if not columns:
            return np.ones(snapped.shape, dtype=np.bool_)
        return np.stack([found[name] for name in columns], axis=1)

    def places(self, snapped: Matrix) -> Matrix:
        """Shape (n, d): what `Encoding.matrix` gives for the values at these points."""
        return np.where(self.active(snapped), self.encoding.placed(snapped), np.nan)

    def neighbours(self, snapped: Matrix, rng: np.random.Generator) -> Matrix:
        """One neighbour of each point: a hyperparameter that is active moved by a little.

        An ordered one moves by a step or two, or along its range by a share between 0.3 % and
        30 %; a categorical one to any other choice. What was inactive is drawn anew, in case the
        move makes it active. Source: the local search of Hutter et al. 2011, §4.3.
        """
        active = self.active(snapped)
        movable = active & (self.encoding.counts > 1)
        column = np.argmax(rng.random(snapped.shape) * movable, axis=1)
        rows = np.arange(len(snapped))
        moved = np.where(active, snapped, rng.random(snapped.shape))
        moved[rows, column] = self._moved(moved[rows, column], column, rng)
        return self.snap(moved)

    def _moved(
        self, unit: npt.NDArray[np.float64], column: npt.NDArray[np.intp], rng: np.random.Generator
    ) -> npt.NDArray[np.float64]:
        counts = self.encoding.counts[column]
        few = counts <= FEW
        steps = rng.integers(1, 3, len(unit)) * rng.choice((-1.0, 1.0), len(unit))
        width = NARROW * (WIDE / NARROW) ** rng.random(len(unit))
        along = width * rng.normal(size=len(unit))
        finite = np.where(np.isfinite(counts), counts, 1.0)
        # A long list moves by one value at least.
        least = np.where(np.isfinite(counts), 1.0 / finite, 0.0)
        along = np.copysign(np.maximum(np.abs(along), least), along)
        ordered = np.clip(unit + np.where(few, steps / finite, along), 0.0, 1.0)
        others = np.floor(rng.random(len(unit)) * np.maximum(finite - 1, 1)) + 1
        other = (unit + others / finite) % 1.0
        return np.where(self.encoding.categorical[column], other, ordered)


def _in_stretches(row: Hyperparameter) -> bool:
    """Whole numbers on a log scale without a step: the bins are unequal."""
    return isinstance(row, IntRange) and row.step is None and row.scale != "linear"


def _stretch_middles(
    row: Hyperparameter, unit: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    assert isinstance(row, IntRange)
    low, high = float(row.min), float(row.max) + 1
    ratio = np.log(high / low)
    if row.scale == "log":
        value = np.clip(np.floor(low * np.exp(unit * ratio)), row.min, row.max) + 0.5
        return np.asarray(np.log(value / low) / ratio)
    value = np.floor(high + low - low * np.exp((1.0 - unit) * ratio))
    value = np.clip(value, row.min, row.max) + 0.5
    return np.asarray(1.0 - np.log((high + low - value) / low) / ratio)
