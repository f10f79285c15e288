"""Walks over grids of any size."""

import numpy as np
import pytest

from experiments.search.space.grid_order import LONGEST, walk
from tests.search.spaces import boolean, choice, ints, only_if, space_of


@pytest.mark.parametrize("seed", range(20))
def test_a_walk_visits_every_point_once_in_an_order_of_its_own(seed):
    space = space_of(
        choice("a", "x", "y", "z"), ints("n", 1, 7, **only_if("a", "y")), boolean("b")
    )
    points = [space.key(v) for v in walk(space.lattice(), np.random.default_rng(seed))]
    assert len(points) == len(set(points)) == space.size() == 18


def test_a_walk_over_an_astronomic_grid_begins_at_once_and_ends():
    space = space_of(*(ints(f"n{i}", 1, 10**6) for i in range(10)))
    steps = walk(space.lattice(), np.random.default_rng(0))
    assert len({space.key(next(steps)) for _ in range(100)}) == 100
    assert space.size() > LONGEST


def test_a_walk_over_one_point_is_that_point():
    assert list(walk(space_of(choice("a", "x")).lattice(), np.random.default_rng(0))) == [
        {"a": "x"}
    ]
