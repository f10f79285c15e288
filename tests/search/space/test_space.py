"""Search spaces: coordinates, conditions, keys, sizes."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.problems import SpaceError
from experiments.search.space.space import Space
from tests.search.spaces import boolean, choice, fixed, floats, ints, only_if, space_of, spaces

NESTED = space_of(
    choice("optimizer", "adam", "sgd"),
    boolean("nesterov", **only_if("optimizer", "sgd")),
    floats("momentum", 0.1, 0.9, step=0.2, **only_if("nesterov", True)),
    fixed("epochs", 5),
)


@given(spaces(), st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_encoding_and_decoding_gives_the_very_same_values(space, seed):
    values = space.draw(np.random.default_rng(seed))
    assert space.decode(space.encode(values)) == values
    space.check(values)


@given(spaces())
@settings(max_examples=300, deadline=None)
def test_a_space_survives_json(space):
    again = Space.from_dict(json.loads(json.dumps(space.to_dict())))
    assert again == space
    assert again.to_dict() == space.to_dict()


@given(spaces(), st.sampled_from([0.0, 1.0, 0.5, 1 - 2**-53]))
@settings(max_examples=200, deadline=None)
def test_both_ends_of_every_coordinate_decode_inside_of_the_range(space, unit):
    values = space.decode(np.full(len(space), unit))
    space.check(values)
    assert space.decode(space.encode(values)) == values


@given(spaces(), st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_values_hold_exactly_the_active_names_in_the_order_of_rows(space, seed):
    values = space.draw(np.random.default_rng(seed))
    assert set(values) == space.active(values)
    order = [row.name for row in space.hyperparameters if row.name in values]
    assert list(values) == order


@given(spaces())
@settings(max_examples=100, deadline=None)
def test_default_values_are_a_configuration(space):
    space.check(space.defaults())


def test_conditions_nest():
    assert NESTED.active({"optimizer": "adam", "nesterov": True}) == {"optimizer", "epochs"}
    assert NESTED.active({"optimizer": "sgd", "nesterov": True}) == {
        *("optimizer", "nesterov", "momentum", "epochs")
    }
    assert NESTED.size() == 1 + 1 + 5


def test_a_child_may_stand_before_its_parent():
    space = space_of(ints("units", 1, 3, **only_if("dense", True)), boolean("dense"))
    assert space.decode([0.0, 0.9]) == {"units": 1, "dense": True}
    assert space.decode([0.0, 0.1]) == {"dense": False}
    assert space.size() == 4


def test_a_row_that_waits_for_a_fixed_parent_to_change_is_never_active():
    space = space_of(
        fixed("optimizer", "adam"),
        floats("momentum", 0, 1, **only_if("optimizer", "sgd")),
        ints("units", 1, 4),
    )
    assert space.size() == 4
    assert all("momentum" not in values for values in space.grid())


def test_fixed_values_are_named_but_are_no_dimension():
    assert len(NESTED) == 3
    assert NESTED.decode([0, 0, 0])["epochs"] == 5


def test_ints_go_up_to_a_thousand_million_and_reach_both_ends():
    for scale in ("linear", "log", "reverse_log"):
        space = space_of(ints("n", 1, 10**9, scale=scale))
        assert space.decode([0.0]) == {"n": 1}
        assert space.decode([1.0]) == {"n": 10**9}
        assert space.size() == 10**9
        for n in (1, 2, 3, 999_999_999, 10**9, 123_456_789):
            assert space.decode(space.encode({"n": n})) == {"n": n}


def test_steps_add_on_a_linear_scale_and_multiply_on_a_log_scale():
    linear = space_of(floats("rate", 0.1, 0.7, step=0.2))
    assert [values["rate"] for values in linear.grid()] == [0.1, 0.3, 0.5, 0.7]
    log = space_of(ints("units", 16, 256, step=2, scale="log"))
    assert [values["units"] for values in log.grid()] == [16, 32, 64, 128, 256]
    decades = space_of(floats("lr", 1e-5, 1e-1, step=10, scale="log"))
    assert [values["lr"] for values in decades.grid()] == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    mirrored = space_of(ints("n", 1, 9, step=2, scale="reverse_log"))
    assert [values["n"] for values in mirrored.grid()] == [2, 6, 8, 9]


def test_a_log_scale_draws_as_often_from_each_decade():
    space = space_of(floats("lr", 1e-4, 1e-1, scale="log"))
    rng = np.random.default_rng(0)
    exponents = [int(np.floor(np.log10(space.draw(rng)["lr"]))) for _ in range(3000)]
    counts = [exponents.count(exponent) for exponent in (-4, -3, -2)]
    assert all(900 < count < 1100 for count in counts)


def test_every_value_of_a_stepped_range_is_drawn_equally_often():
    space = space_of(ints("n", 1, 5), choice("c", "a", "b", "c"))
    rng = np.random.default_rng(0)
    drawn = [space.draw(rng) for _ in range(5000)]
    assert all(900 < sum(v["n"] == n for v in drawn) < 1100 for n in range(1, 6))
    assert all(1500 < sum(v["c"] == c for v in drawn) < 1850 for c in "abc")


def test_the_key_ignores_order_inactive_names_and_rounding():
    space = space_of(
        choice("optimizer", "adam", "sgd"),
        floats("momentum", 0, 0.9, step=0.3, **only_if("optimizer", "sgd")),
    )
    assert space.key({"optimizer": "adam"}) == space.key({"momentum": 0.3, "optimizer": "adam"})
    first = space.key({"optimizer": "sgd", "momentum": 0.3})
    assert first == space.key({"momentum": 0.30000000000000004, "optimizer": "sgd"})
    assert first != space.key({"optimizer": "sgd", "momentum": 0.6})


def test_the_key_tells_true_from_one_and_takes_values_of_an_older_space():
    space = space_of(boolean("flag"), ints("n", 0, 3))
    assert space.key({"flag": True, "n": 1}) != space.key({"flag": True, "n": 0})
    assert space.key({"flag": True, "n": 99}) != space.key({"flag": True, "n": 1})


def test_size_counts_configurations_and_is_none_for_a_range_without_steps():
    assert space_of(ints("a", 1, 3), boolean("b")).size() == 6
    assert space_of(floats("a", 0, 1)).size() is None
    assert space_of(floats("a", 0.5, 0.5)).size() == 1
    assert space_of(fixed("a", 1)).size() == 1
    assert space_of(*(ints(f"n{i}", 1, 10**6) for i in range(40))).size() == 10**240


def test_constraints_are_taken_off_the_size_and_met_by_every_draw():
    space = space_of(
        ints("units", 1, 10), ints("layers", 1, 10), constraints=("units * layers <= 10",)
    )
    expected = sum(a * b <= 10 for a in range(1, 11) for b in range(1, 11))
    assert space.size() == space.grid_size() == len(list(space.grid())) == expected
    rng = np.random.default_rng(3)
    assert all(v["units"] * v["layers"] <= 10 for v in (space.draw(rng) for _ in range(200)))


def test_a_single_configuration_among_many_is_found():
    space = space_of(
        *(ints(f"n{i}", 1, 5) for i in range(6)), constraints=("n0*n1*n2*n3*n4*n5 >= 15625",)
    )
    assert set(space.draw(np.random.default_rng(0)).values()) == {5}


def test_constraints_that_nothing_meets_are_refused():
    with pytest.raises(SpaceError) as error:
        space_of(ints("a", 1, 5), constraints=("a > 5",))
    assert [problem.path for problem in error.value.problems] == ["constraints"]
    with pytest.raises(SpaceError):
        space_of(floats("a", 0, 1), constraints=("a > 1",))


def test_check_names_everything_that_is_wrong():
    with pytest.raises(SpaceError) as error:
        NESTED.check({"optimizer": "sgd", "momentum": 0.2, "epochs": 6, "foo": 1})
    paths = {problem.path for problem in error.value.problems}
    assert paths == {"foo", "nesterov", "momentum", "epochs"}


@pytest.mark.parametrize(
    "values",
    [
        {"n": 1.5},
        {"n": True},
        {"n": "1"},
        {"n": float("nan")},
        {"n": 11},
        {"n": None},
        {"n": [1]},
        {},
    ],
)
def test_check_refuses_what_is_no_value(values):
    with pytest.raises(SpaceError):
        space_of(ints("n", 0, 10)).check(values)


def test_check_says_which_constraint_is_not_met():
    space = space_of(ints("a", 1, 5), ints("b", 1, 5), constraints=("a < b",))
    with pytest.raises(SpaceError) as error:
        space.check({"a": 3, "b": 2})
    assert error.value.problems[0].path == "constraints.0"


def test_a_start_lies_in_the_middle_of_ordered_choices_and_at_the_first_of_others():
    rows = (choice("rate", 1e-4, 1e-3, 1e-2), choice("kind", "a", "b", "c"))
    assert space_of(*rows).defaults() == {"rate": 1e-3, "kind": "a"}
    assert space_of(choice("rate", 1e-4, 1e-3, 1e-2, default=1e-4)).defaults() == {"rate": 1e-4}
