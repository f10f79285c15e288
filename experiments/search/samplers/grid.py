"""Room: search (numpy). Grid search: every combination once, in an order that spreads early."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.search.history import History
from experiments.search.problems import Problem
from experiments.search.space import RESOLUTION, Space
from experiments.search.strategy import Suggestion, option

LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class GridSampler:
    """Visits every grid point that meets the constraints exactly once."""

    slug: ClassVar[str] = "grid"
    label: ClassVar[str] = "Grid search"
    help: ClassVar[str] = (
        "Tries every combination once and then stops. Needs a small space: the number of trials is "
        "the product of the numbers of values."
    )

    resolution: int = option(
        RESOLUTION,
        label="Values of a range without steps",
        help="How many values, both ends included, a range gets when it has no step.",
        lowest=2,
        highest=100,
    )
    order: str = option(
        "shuffled",
        label="Order",
        help="Shuffled covers the space early, so stopping before the end costs little. "
        "Listed goes through the last row first.",
        choices=("shuffled", "listed"),
    )

    def problems(self, space: Space) -> list[Problem]:
        """A grid that is too large to be finished."""
        size = space.lattice(resolution=self.resolution).size
        if size <= LARGEST:
            return []
        counts = [(len(row.values(self.resolution)), row.name) for row in space.searched]
        widest = ", ".join(f"{name} ({count:,})" for count, name in sorted(counts)[:-4:-1])
        message = (
            f"The grid has {_points(size)} points; {LARGEST:,} is the limit. Most values: {widest}. "
            "Use larger steps, fix some hyperparameters, or choose random search."
        )
        return [Problem("hyperparameters", message)]

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """The point at place `number` of the order, or the next one that nobody has; None at the end.

        The order follows from the experiment's seed alone, so that trials in parallel start at
        different places of the same list.
        """
        del rng  # it differs from trial to trial
        grid = space.lattice(resolution=self.resolution)
        if grid.size > LARGEST:
            return None
        seen = {space.key(trial.values) for trial in history.trials}
        order = self._order(grid.size, history.seed)
        for place in (*range(number % grid.size, grid.size), *range(number % grid.size)):
            values = grid.point(int(order[place]))
            if space.meets(values) and space.key(values) not in seen:
                why = f"Point {place + 1:,} of {grid.size:,} of the grid."
                return Suggestion(space.canonical(values), why)
        return None

    def _order(self, size: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        if self.order == "listed":
            return np.arange(size)
        return np.random.default_rng([seed % 2**64, size]).permutation(size)


def _points(size: int) -> str:
    return f"{size:,}" if size < 10**15 else f"about 10^{len(str(size)) - 1}"
