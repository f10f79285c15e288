"""The grid of a space: complete, without repeats, lazy."""

from itertools import islice

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of, spaces
from tests.steps import steps_of


@given(spaces(small=True, most=5), st.integers(2, 4))
@settings(max_examples=200, deadline=None)
def test_every_grid_point_is_a_configuration_and_comes_once(space, resolution):
    size = space.grid_size(resolution=resolution)
    assume(size <= 3000)
    points = list(space.grid(resolution=resolution))
    assert len(points) == size
    assert len({space.key(point) for point in points}) == size
    for point in points:
        space.check(point)
        assert space.decode(space.encode(point)) == point


def test_the_grid_is_the_product_and_holds_no_inactive_name():
    space = space_of(
        choice("optimizer", "adam", "sgd"),
        choice("momentum", 0.5, 0.9, **only_if("optimizer", "sgd")),
        ints("units", 1, 2),
    )
    assert list(space.grid()) == [
        {"optimizer": "adam", "units": 1},
        {"optimizer": "adam", "units": 2},
        {"optimizer": "sgd", "momentum": 0.5, "units": 1},
        {"optimizer": "sgd", "momentum": 0.5, "units": 2},
        {"optimizer": "sgd", "momentum": 0.9, "units": 1},
        {"optimizer": "sgd", "momentum": 0.9, "units": 2},
    ]


def test_a_grid_of_a_million_million_points_begins_at_once():
    space = space_of(*(ints(f"n{i}", 1, 1000) for i in range(4)))
    assert space.grid_size() == 10**12
    assert space.lattice().point(10**12 - 1) == {f"n{i}": 1000 for i in range(4)}
    assert steps_of(lambda: list(islice(space.grid(), 3))) < 1000


def test_a_range_without_steps_gets_evenly_spread_values_with_both_ends():
    space = space_of(floats("lr", 1e-4, 1e-1, scale="log"))
    assert [v["lr"] for v in space.grid(resolution=4)] == [1e-4, 1e-3, 1e-2, 1e-1]
    assert [v["x"] for v in space_of(floats("x", 0, 1)).grid(resolution=5)] == [
        *(0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert len(list(space.grid(resolution=1))) == 1


def test_a_wide_int_on_a_log_scale_is_thinned_out_but_a_narrow_one_is_not():
    wide = space_of(ints("n", 1, 1000, scale="log"))
    assert [v["n"] for v in wide.grid(resolution=4)] == [1, 10, 100, 1000]
    narrow = space_of(ints("n", 1, 4, scale="log"))
    assert [v["n"] for v in narrow.grid(resolution=10)] == [1, 2, 3, 4]


def test_an_int_that_others_depend_on_is_listed_whole():
    space = space_of(ints("n", 1, 100, scale="log"), boolean("b", **only_if("n", 37)))
    assert space.grid_size(resolution=3) == 101
    assert {"n": 37, "b": True} in list(space.grid(resolution=3))
