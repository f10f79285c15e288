"""Grid search: every combination once, in an order that covers the space early."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import ClassVar, Final

import numpy as np

from experiments.search.history import History, Value
from experiments.search.problems import Problem
from experiments.search.reading import describe
from experiments.search.space.grid import Grid
from experiments.search.space.grid_order import coarse_to_fine
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import RESOLUTION, Space
from experiments.search.strategy import Suggestion, option

LARGEST: Final = 100_000
COARSE: Final = "coarse to fine"
MOST_VALUES: Final = 1000  # of a range with a resolution of its own
ENTRY: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,63})\s*=\s*(\d{1,6})")
FIX: Final = "Write name=number, separated by commas, such as units=3, rate=5."


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


def read_resolutions(text: str) -> dict[str, int]:
    """Read "units=3, rate=5"; what can't be read is left out (`resolution_problems` names it)."""
    matches = (ENTRY.fullmatch(part) for part in _parts(text))
    return {match[1]: int(match[2]) for match in matches if match}


def resolution_problems(space: Space, text: str, path: str) -> list[Problem]:
    """Return every problem of the text for this space's grid, with its fix."""
    parents = {row.only_if.name for row in space.hyperparameters if row.only_if is not None}
    found, named = [], set()
    for part in _parts(text):
        match = ENTRY.fullmatch(part)
        message = f"Can't read {describe(part)}. {FIX}"
        if match:
            message = _problem(space, match[1], int(match[2]), parents)
            if match[1] in named:
                message = f"{match[1]} appears twice. Keep one of them."
            named.add(match[1])
        if message:
            found.append(Problem(path, message))
    return found


def thinned(row: Hyperparameter, resolution: int) -> Sequence[Value]:
    """At most `resolution` values of a range, in order, with both ends; steps stay steps."""
    values = row.values(resolution)
    if len(values) <= resolution:
        return values
    last = len(values) - 1
    if resolution < 2:
        return (values[last // 2],)
    return tuple(values[round(i * last / (resolution - 1))] for i in range(resolution))


def values_of(row: Hyperparameter, resolution: int, own: Mapping[str, int]) -> Sequence[Value]:
    """The values of a row on the grid. own: resolutions of single rows by name."""
    return thinned(row, own[row.name]) if row.name in own else row.values(resolution)


def _problem(space: Space, name: str, resolution: int, parents: set[str]) -> str:
    if name not in space:
        return f"{name} isn't a hyperparameter of this space. Correct the name or remove it."
    if space[name].kind not in ("int", "float"):
        return f"{name} isn't a range: all of its values are used. Remove it here."
    if name in parents:
        return (
            f"Other hyperparameters depend on {name}, so all of its values are "
            "used. Remove it here."
        )
    if not 1 <= resolution <= MOST_VALUES:
        return f"{name} can have 1 to {MOST_VALUES:,} values."
    return ""


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
