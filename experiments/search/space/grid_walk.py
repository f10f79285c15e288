"""Walks a grid of any size in a scattered order, without laying it out."""

import math
from collections.abc import Iterator

import numpy as np

from experiments.search.history import Values
from experiments.search.space.grid import Grid

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
