"""The points of a grid from coarse to fine."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import Values
from experiments.search.space.grid import Grid, Node
from experiments.search.space.space import Space

FIRST: Final = 256  # points of the sequence that are drawn at first; then ever twice as many
ENOUGH: Final = 4  # times the grid's size: what the sequence has not met by then comes last

Indices = npt.NDArray[np.int64]
Units = npt.NDArray[np.float64]


def coarse_to_fine(grid: Grid, space: Space, seed: int) -> Iterator[int]:
    """Every index of the grid once: the middle, then where a Sobol sequence falls, then the rest.

    A prefix of 2^k points of the sequence has a point in each of the 2^k equal boxes of certain
    partitions, so that any prefix is a coarse grid of its own, and later points refine it.
    grid: of `space`, with so few points that an array can hold them. Source: Sobol 1967; scrambling
    of Owen 1998 as scipy.stats.qmc has it.
    """
    # Imported at the first use: it takes a second, and a page needs it never.
    from scipy.stats import qmc

    if grid.size == 1:
        yield 0
        return
    rng = np.random.default_rng([seed % 2**64, grid.size])
    met = np.zeros(grid.size, dtype=np.bool_)
    middle = space.encode(space.defaults())[None, :]
    sequence = qmc.Sobol(len(space), scramble=True, rng=rng)
    columns = {row.name: column for column, row in enumerate(space.searched)}
    units, drawn = middle, 0
    while True:
        for index in locate(grid.nodes, columns, units).tolist():
            if not met[index]:
                met[index] = True
                yield index
        if drawn >= ENOUGH * grid.size:
            break
        units = sequence.random(drawn or FIRST)
        drawn += len(units)
    yield from rng.permutation(np.flatnonzero(~met)).tolist()


def locate(nodes: Sequence[Node], columns: Mapping[str, int], units: Units) -> Indices:
    """Index of the grid point in whose box each row of units lies, shape (n,).

    nodes: roots of the grid or of a subtree. columns: the coordinate of each searched name.
    units: shape (n, d) in [0, 1]; each value of a node has an equal share of its coordinate.
    """
    index = np.zeros(len(units), dtype=np.int64)
    for node in nodes:
        index = index * node.size + _digit(node, columns, units)
    return index


def _digit(node: Node, columns: Mapping[str, int], units: Units) -> Indices:
    count = len(node.values)
    if node.name in columns:
        place = np.floor(units[:, columns[node.name]] * count).astype(np.int64)
        place = np.clip(place, 0, count - 1)
    else:
        place = np.zeros(len(units), dtype=np.int64)
    digit = place.copy()
    for parent in node.places:
        digit += (place > parent) * (node.sizes[parent] - 1)
        here = place == parent
        digit[here] += locate(node.below[parent], columns, units[here])
    return digit


LONGEST = 200_000  # points that a walk looks at before it gives up


def walk(grid: Grid, rng: np.random.Generator) -> Iterator[Values]:
    """Every point once, from a random start in strides that share no factor with the size."""
    start, stride = _whole(grid.size, rng), 1 + _whole(grid.size, rng)
    while math.gcd(stride, grid.size) != 1:
        stride += 1
    for step in range(min(grid.size, LONGEST)):
        yield grid.point((start + step * stride) % grid.size)


def _whole(below: int, rng: np.random.Generator) -> int:
    """A random whole number below one that may have any number of digits."""
    return int.from_bytes(rng.bytes(below.bit_length() // 8 + 8), "little") % below
