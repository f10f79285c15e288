"""New configurations to choose among, and where a search begins."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.models.candidates import draw_new, last_new, neighbours, start_point
from experiments.search.models.observations import identity
from tests.search.sampler_contract import CONTINUOUS, MIXED
from tests.search.spaces import boolean, choice, ints, only_if, space_of

SMALL = space_of(choice("a", "x", "y"), ints("b", 1, 6, **only_if("a", "x")), boolean("c"))


@given(st.integers(0, 10_000), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_neighbours_are_configurations_that_differ_in_few_places(seed, moves):
    rng = np.random.default_rng(seed)
    for space in (MIXED, CONTINUOUS):
        values = space.draw(rng)
        for neighbour in neighbours(space, values, rng, 20, moves=moves):
            space.check(neighbour)
            both = values.keys() & neighbour.keys()
            assert sum(values[name] != neighbour[name] for name in both) <= moves


def test_neighbours_of_a_small_space_reach_all_of_it():
    rng = np.random.default_rng(0)
    reached = {identity(SMALL.canonical({"a": "y", "c": False}))}
    for _ in range(6):
        for mark in list(reached):
            reached |= {identity(n) for n in neighbours(SMALL, dict(mark), rng, 30)}
    assert len(reached) == SMALL.size() == 14


def test_what_is_drawn_is_new_and_different():
    rng = np.random.default_rng(0)
    seen = {identity(values) for values in SMALL.grid() if values["a"] == "x"}
    drawn = draw_new(SMALL, seen, rng, 50)
    assert sorted(str(values) for values in drawn) == [
        "{'a': 'y', 'c': False}",
        "{'a': 'y', 'c': True}",
    ]
    assert draw_new(space_of(choice("a", "x")), set(), rng, 3) == [{"a": "x"}]


def test_the_last_ones_are_found_and_then_nothing():
    rng = np.random.default_rng(0)
    seen = set()
    while (values := last_new(SMALL, seen, rng)) is not None:
        assert identity(values) not in seen
        seen.add(identity(values))
    assert len(seen) == SMALL.size()


def test_a_search_starts_in_the_middle_and_then_spreads():
    first = start_point(CONTINUOUS, 0, 7, set())
    assert first == CONTINUOUS.defaults()
    units = np.array(
        [CONTINUOUS.encode(start_point(CONTINUOUS, i, 7, set())) for i in range(1, 9)]
    )
    for column in units.T:  # eight points of a Sobol sequence: at least one in each quarter
        assert set((column * 4).astype(int)) == {0, 1, 2, 3}


def test_a_starting_point_that_is_taken_gives_way_to_the_next():
    first = start_point(MIXED, 3, 1, set())
    assert start_point(MIXED, 3, 1, {identity(first)}) not in (first, None)
    everything = {identity(values) for values in SMALL.grid()}
    assert start_point(SMALL, 0, 1, everything) is None
