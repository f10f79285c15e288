"""CMA-ES whose state is restored by replaying the trials.

Importing cmaes takes SciPy's statistics with it: samplers import this file when first asked.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from cmaes import CatCMAwM

from experiments.search.history import Values
from experiments.search.models.observations import Observations
from experiments.search.space.axes import Axis, Coordinate

Vector = npt.NDArray[np.float64]

SIGMA: Final = 0.25  # first step, in shares of a range: two deviations reach both ends
MIDDLE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Layout:
    """Which axes are numbers and which are categories to the optimizer, in its order.

    A step is a bin of a range to it: the package's own margin for steps divides by zero where
    lists of steps differ in length.
    """

    ranges: tuple[Axis, ...]
    categories: tuple[Axis, ...]

    @classmethod
    def of(cls, axes: dict[str, Axis]) -> "Layout":
        """Two values are a category, as the optimizer's authors recommend."""
        categories = tuple(a for a in axes.values() if a.kind == "category" or a.count == 2)
        return cls(tuple(a for a in axes.values() if a not in categories), categories)

    @property
    def dimensions(self) -> int:
        """How many axes there are."""
        return len(self.ranges) + len(self.categories)

    def start(self, seed: int, population: int) -> CatCMAwM:
        """The optimizer before its first generation: in the middle, all categories alike."""
        count = len(self.ranges)
        return CatCMAwM(
            x_space=[[0.0, 1.0]] * count or None,
            c_space=[axis.count for axis in self.categories] or None,
            population_size=population,
            mean=np.full(count, MIDDLE) if count else None,
            sigma=SIGMA if count else None,
            seed=seed,
        )

    def solution(self, values: Values, rng: np.random.Generator) -> CatCMAwM.Solution:
        """A configuration as the optimizer would have asked it; inactive ones in their middle.

        Where inside its bin a step was drawn is not on record, so it is drawn again: without that
        a generation of equal steps would take all spread from the distribution.
        """
        x = np.array([_unit(axis, values, rng) for axis in self.ranges])
        widest = max((axis.count for axis in self.categories), default=0)
        c = np.zeros((len(self.categories), widest), dtype=np.bool_)
        for place, axis in enumerate(self.categories):
            c[place, int(axis.read(values[axis.name])) if axis.name in values else 0] = True
        numbers = x if self.ranges else None
        return CatCMAwM.Solution(numbers, None, c if self.categories else None, numbers)

    def coordinates(self, solution: CatCMAwM.Solution) -> dict[str, Coordinate]:
        """Where the solution lies on each axis."""
        units = () if solution.x is None else solution.x
        rows = () if solution.c is None else solution.c
        numbers = {
            axis.name: _coordinate(axis, float(unit))
            for axis, unit in zip(self.ranges, units, strict=True)
        }
        chosen = {
            axis.name: int(np.argmax(row)) for axis, row in zip(self.categories, rows, strict=True)
        }
        return {**numbers, **chosen}


def replay(layout: Layout, past: Observations, seed: int) -> tuple[CatCMAwM, int]:
    """Return the optimizer after the ended trials, replayed by generation, and their number.

    A converged search restarts with twice the population (Auger & Hansen 2005, "A restart CMA
    evolution strategy with increasing population size").
    """
    population = 4 + math.floor(3 * math.log(max(layout.dimensions, 1)))
    optimizer = layout.start(seed, population)
    replayed, generations = 0, 0
    rng = np.random.default_rng(0)
    # Ties go to the earlier: the optimizer divides by the spread of a generation.
    ranks = np.argsort(np.argsort(past.loss, kind="stable")).astype(np.float64)
    while replayed + optimizer.population_size <= len(past):
        places = range(replayed, replayed + optimizer.population_size)
        optimizer.tell([(layout.solution(past.values[p], rng), ranks[p]) for p in places])
        replayed, generations = replayed + optimizer.population_size, generations + 1
        if layout.ranges and optimizer.should_stop():
            population *= 2
            optimizer = layout.start(seed, population)
    return optimizer, generations


def _unit(axis: Axis, values: Values, rng: np.random.Generator) -> float:
    inside = float(rng.random())
    if axis.name not in values:
        return MIDDLE
    coordinate = axis.read(values[axis.name])
    return float(coordinate) if axis.kind == "range" else (coordinate + inside) / axis.count


def _coordinate(axis: Axis, unit: float) -> Coordinate:
    if axis.kind == "range":
        return unit
    return min(max(int(unit * axis.count), 0), axis.count - 1)
