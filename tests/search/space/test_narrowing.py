"""A space narrowed to a region: what is left lies in the old space, and all that was chosen is in it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.space.hyperparameters import Choice, Fixed
from experiments.search.space.narrowing import NOWHERE, OVERRULED, Region, hull, shrink
from tests.search.spaces import boolean, choice, fixed, floats, ints, only_if, space_of, spaces

INF = float("inf")


def between(low, high):
    return Region(ranges=((low, high),))


@settings(deadline=None, max_examples=150)
@given(spaces(), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_the_hull_of_configurations_holds_them_and_lies_in_the_space(space, count, seed):
    rng = np.random.default_rng(seed)
    chosen = [space.draw(rng) for _ in range(count)]
    shrunk = shrink(space, hull(space, chosen)).space
    for values in chosen:
        shrunk.check({name: value for name, value in values.items() if name in shrunk})
        assert set(values) <= {row.name for row in shrunk.hyperparameters}
    for _ in range(5):
        space.check(space.canonical(shrunk.draw(rng)))


@settings(deadline=None, max_examples=100)
@given(spaces(), st.data())
def test_any_brush_leaves_a_space_inside_of_the_old_one(space, data):
    searched = [row for row in space.searched if row.kind in ("int", "float")]
    regions = {}
    for row in searched:
        ends = [row.decode(data.draw(st.floats(0, 1))) for _ in range(2)]
        regions[row.name] = between(min(ends), max(ends))
    shrunk = shrink(space, regions)
    rng = np.random.default_rng(0)
    for _ in range(5):
        values = shrunk.space.draw(rng)
        space.check(values)
        for name, region in regions.items():
            if name in values and name not in shrunk.notes:
                low, high = region.bounds
                slack = 1e-8 * (abs(low) + abs(high))
                assert low - slack <= values[name] <= high + slack


def test_a_choice_that_another_one_needs_wins_and_says_so():
    space = space_of(ints("layers", 0, 1), ints("units", 1, 8, **only_if("layers", 0)))
    found = shrink(space, {"layers": between(1, 1), "units": between(2, 4)})
    assert isinstance(found.space["layers"], Fixed) and found.space["layers"].value == 0
    assert found.notes == {"layers": OVERRULED.format("units")}


def test_ends_of_a_hull_are_short_numbers_just_outside_of_the_trials():
    space = space_of(
        floats("rate", 1e-5, 1e-1, scale="log"),
        floats("near", 0.0, 1.0),
        floats("at_end", 0.25, 0.5),
        floats("below", -1.0, 1.0),
    )
    rows = [
        {"rate": 1.01203e-05, "near": 0.912345, "at_end": 0.2500001, "below": -0.123456},
        {"rate": 0.00948218, "near": 0.912956, "at_end": 0.499999, "below": -0.0123456},
    ]
    found = shrink(space, hull(space, rows)).space
    ends = {row.name: (row.min, row.max) for row in found.hyperparameters}
    assert ends == {
        "rate": (1.01e-05, 0.00949),
        "near": (0.912345, 0.912956),  # as many digits as a narrow range asks for
        "at_end": (0.25, 0.5),
        "below": (-0.124, -0.0123),
    }


def test_ranges_keep_their_scale_and_step():
    space = space_of(
        floats("rate", 1e-5, 0.1, scale="log", default=0.05),
        ints("units", 32, 512, step=32, default=128),
        ints("layers", 1, 6),
        ints("width", 16, 1024, scale="log", step=2),
    )
    found = shrink(
        space,
        {
            "rate": between(3e-4, 4e-3),
            "units": between(70, 200),
            "layers": between(-INF, 3.5),
            "width": between(60, 300),
        },
    ).space
    assert (found["rate"].min, found["rate"].max, found["rate"].scale) == (3e-4, 4e-3, "log")
    assert found["rate"].default is None
    assert (found["units"].min, found["units"].max, found["units"].step) == (96, 192, 32)
    assert found["units"].default == 128
    assert (found["layers"].min, found["layers"].max) == (1, 3)
    assert list(found["width"].values(9)) == [64, 128, 256]


def test_steps_of_a_reversed_scale_become_choices():
    space = space_of(ints("keep", 1, 64, scale="reverse_log", step=2))
    old = list(space["keep"].values(99))
    found = shrink(space, {"keep": between(old[2], old[4])}).space["keep"]
    assert isinstance(found, Choice) and list(found.choices) == old[2:5]


def test_one_value_that_is_left_becomes_fixed():
    space = space_of(
        choice("optimizer", "adam", "sgd"), boolean("bias"), ints("units", 8, 64, step=8)
    )
    found = shrink(
        space,
        {
            "optimizer": Region(choices=("sgd",)),
            "bias": Region(choices=(True,)),
            "units": between(10, 20),
        },
    ).space
    assert [row.value for row in found.hyperparameters if isinstance(row, Fixed)] == [
        "sgd",
        True,
        16,
    ]


def test_what_lies_nowhere_in_the_range_stays_and_says_so():
    space = space_of(ints("units", 8, 64, step=8), choice("optimizer", "adam", "sgd"))
    found = shrink(
        space,
        {"units": between(9, 15), "optimizer": Region(choices=("gone",)), "old": between(0, 1)},
    )
    assert found.space == space
    assert found.notes == {"units": NOWHERE, "optimizer": NOWHERE}


def test_a_value_of_a_conditional_row_makes_its_condition_true():
    space = space_of(
        choice("optimizer", "adam", "sgd", "rmsprop"),
        floats("momentum", 0, 0.99, **only_if("optimizer", "sgd")),
    )
    found = shrink(space, {"momentum": between(0.5, 0.9)})
    assert found.space["optimizer"].value == "sgd"
    assert found.space["momentum"].min == 0.5


def test_where_it_is_not_active_the_row_is_left_out_with_what_names_it():
    space = space_of(
        choice("optimizer", "adam", "sgd", "rmsprop"),
        floats("momentum", 0, 0.99, **only_if("optimizer", "sgd")),
        constraints=("momentum < 0.9",),
    )
    found = shrink(space, {"momentum": Region(choices=(None,))})
    assert found.space["optimizer"].choices == ("adam", "rmsprop")
    assert found.dropped == ("momentum",) and "momentum" not in found.space
    assert found.space.constraints == ()


def test_conditions_name_only_what_is_left():
    space = space_of(
        choice("optimizer", "adam", "sgd", "nadam"),
        floats("beta", 0.8, 0.999, **only_if("optimizer", "adam", "nadam")),
        fixed("epochs", 5),
    )
    found = shrink(space, {"optimizer": Region(choices=("adam", "sgd")), "epochs": between(1, 2)})
    assert found.space["beta"].only_if.values == ("adam",)
    assert found.space["epochs"].value == 5


@pytest.mark.parametrize("region", [Region(), Region(choices=("64",)), between(INF, -INF)])
def test_an_empty_region_changes_nothing(region):
    space = space_of(ints("units", 8, 64))
    assert shrink(space, {"units": region}).space == space
