"""Grid search: every combination once, in an order that covers the space early."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import ClassVar, Final

import numpy as np

from experiments.search.history import History, Value
from experiments.search.problems import Problem
from experiments.search.space.grid import Grid
from experiments.search.space.grid_order import coarse_to_fine
from experiments.search.space.grid_resolution import (
    read_resolutions,
    resolution_problems,
    values_of,
)
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import RESOLUTION, Space
from experiments.search.strategy import Suggestion, option

LARGEST: Final = 100_000
COARSE: Final = "coarse to fine"


@dataclass(frozen=True, slots=True)
class GridSampler:
    """Visits every grid point that meets the constraints exactly once."""

    slug: ClassVar[str] = "grid"
    label: ClassVar[str] = "Grid search"
    help: ClassVar[str] = (
        "Runs every combination once, then ends. For small spaces: the number of "
        "trials is the product of the numbers of values."
    )

    resolution: int = option(
        RESOLUTION,
        label="Values per continuous range",
        help="Number of values of a range without a step, both ends included.",
        lowest=2,
        highest=100,
    )
    per_row: str = option(
        "",
        label="Values of some ranges",
        help="Number of values of single ranges, such as units=3, rate=5. Both ends are included.",
    )
    order: str = option(
        COARSE,
        label="Order",
        help="Coarse to fine covers the space early and then refines, so that "
        "stopping early costs little. Shuffled is random. Listed changes the "
        "last row fastest.",
        choices=(COARSE, "shuffled", "listed"),
    )

    def problems(self, space: Space) -> list[Problem]:
        """Resolutions that can't be followed, or a grid that is too large to be finished."""
        path = "sampler_options.per_row"
        unread = resolution_problems(space, self.per_row, path)
        if unread:
            return unread
        size = self._lattice(space).size
        if size <= LARGEST:
            return []
        counts = [(len(self._listed(row)), row.name) for row in space.searched]
        widest = ", ".join(f"{name} ({count:,})" for count, name in sorted(counts)[:-4:-1])
        message = (
            f"The grid has {_points(size)} points; at most {LARGEST:,} are allowed. "
            f"Most values: {widest}. Use larger steps, fix some hyperparameters, or "
            "use random search."
        )
        return [Problem("hyperparameters", message)]

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """Return point `number` of the order, or the next untried one; None at the end.

        The order depends on the experiment's seed only, so that parallel trials start at different
        places of one list.
        """
        del rng  # it differs from trial to trial
        grid = self._lattice(space)
        if grid.size > LARGEST:
            return None
        seen = {space.key(trial.values) for trial in history.trials}
        begin = number % grid.size
        after = islice(enumerate(self._order(grid, space, history.seed)), begin, None)
        before = islice(enumerate(self._order(grid, space, history.seed)), begin)
        for place, index in chain(after, before):
            values = grid.point(index)
            if space.meets(values) and space.key(values) not in seen:
                why = f"Grid point {place + 1:,} of {grid.size:,}."
                return Suggestion(space.canonical(values), why, "explore")
        return None

    def _listed(self, row: Hyperparameter) -> Sequence[Value]:
        return values_of(row, self.resolution, read_resolutions(self.per_row))

    def _lattice(self, space: Space) -> Grid:
        return space.lattice(resolution=self.resolution, listed=self._listed)

    def _order(self, grid: Grid, space: Space, seed: int) -> Iterator[int]:
        if self.order == "listed":
            return iter(range(grid.size))
        if self.order == COARSE:
            return coarse_to_fine(grid, space, seed)
        order = np.random.default_rng([seed % 2**64, grid.size]).permutation(grid.size)
        return iter(order.tolist())


def _points(size: int) -> str:
    return f"{size:,}" if size < 10**15 else f"about 10^{len(str(size)) - 1}"
