"""Room: search (numpy, cmaes). CMA-ES whose state is found again by replaying the trials so far.

Importing cmaes takes SciPy's statistics with it: samplers import this file when first asked.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from cmaes import CatCMAwM

from experiments.search.axes import Axis, Coordinate
from experiments.search.history import Values
from experiments.search.observations import Observations

Vector = npt.NDArray[np.float64]

SIGMA: Final = 0.25  # first step, in shares of a range: two deviations reach both ends
LISTED: Final = 64  # an index with more values is as good as a range
MIDDLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Layout:
    """Which axes are ranges, steps and categories to the optimizer, in its order."""

    ranges: tuple[Axis, ...]
    steps: tuple[Axis, ...]
    categories: tuple[Axis, ...]

    @classmethod
    def of(cls, axes: dict[str, Axis]) -> "Layout":
        """Two values are a category, as the optimizer's authors recommend."""
        categories = [a for a in axes.values() if a.kind == "category" or a.count == 2]
        others = [a for a in axes.values() if a not in categories]
        steps = [a for a in others if a.kind == "index" and a.count <= LISTED]
        return cls(tuple(a for a in others if a not in steps), tuple(steps), tuple(categories))

    @property
    def dimensions(self) -> int:
        """How many axes there are."""
        return len(self.ranges) + len(self.steps) + len(self.categories)

    def start(self, seed: int, population: int) -> CatCMAwM:
        """The optimizer before its first generation: in the middle, all categories alike."""
        gaussian = len(self.ranges) + len(self.steps)
        return CatCMAwM(
            x_space=[[0.0, 1.0] for _ in self.ranges] or None,
            z_space=[_middles(axis.count) for axis in self.steps] or None,
            c_space=[axis.count for axis in self.categories] or None,
            population_size=population,
            mean=np.full(gaussian, MIDDLE) if gaussian else None,
            sigma=SIGMA if gaussian else None,
            seed=seed,
        )

    def solution(self, values: Values) -> CatCMAwM.Solution:
        """A configuration as the optimizer would have asked it; inactive ones in their middle."""
        x = np.array([_unit(axis, values) for axis in self.ranges])
        z = np.array([_unit(axis, values) for axis in self.steps])
        widest = max((axis.count for axis in self.categories), default=0)
        c = np.zeros((len(self.categories), widest), dtype=np.bool_)
        for place, axis in enumerate(self.categories):
            c[place, int(axis.read(values[axis.name])) if axis.name in values else 0] = True
        return CatCMAwM.Solution(
            x if self.ranges else None,
            z if self.steps else None,
            c if self.categories else None,
            np.concatenate([x, z]) if self.ranges or self.steps else None,
        )

    def coordinates(self, solution: CatCMAwM.Solution) -> dict[str, Coordinate]:
        """Where the solution lies on each axis."""
        found: dict[str, Coordinate] = {}
        for axes, units in ((self.ranges, solution.x), (self.steps, solution.z)):
            for axis, unit in zip(axes, () if units is None else units, strict=True):
                found[axis.name] = _coordinate(axis, float(unit))
        for axis, row in zip(
            self.categories, () if solution.c is None else solution.c, strict=True
        ):
            found[axis.name] = int(np.argmax(row))
        return found


def replay(layout: Layout, past: Observations, seed: int) -> tuple[CatCMAwM, int]:
    """The optimizer after the ended trials, told generation by generation, and their number.

    A search that has come to rest starts again with twice the population (Auger & Hansen 2005,
    "A restart CMA evolution strategy with increasing population size").
    """
    population = 4 + math.floor(3 * math.log(max(layout.dimensions, 1)))
    optimizer = layout.start(seed, population)
    told, generations = 0, 0
    # Ties go to the earlier: the optimizer divides by the spread of a generation.
    ranks = np.argsort(np.argsort(past.loss, kind="stable")).astype(np.float64)
    while told + optimizer.population_size <= len(past):
        places = range(told, told + optimizer.population_size)
        optimizer.tell([(layout.solution(past.values[p]), ranks[p]) for p in places])
        told, generations = told + optimizer.population_size, generations + 1
        if (layout.ranges or layout.steps) and optimizer.should_stop():
            population *= 2
            optimizer = layout.start(seed, population)
    return optimizer, generations


def _middles(count: int) -> list[float]:
    return [(index + 0.5) / count for index in range(count)]


def _unit(axis: Axis, values: Values) -> float:
    if axis.name not in values:
        return MIDDLE
    coordinate = axis.read(values[axis.name])
    return float(coordinate) if axis.kind == "range" else (coordinate + 0.5) / axis.count


def _coordinate(axis: Axis, unit: float) -> Coordinate:
    if axis.kind == "range":
        return unit
    return min(max(int(unit * axis.count), 0), axis.count - 1)
