"""Configurations of another search as configurations of this one."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.search.space.trial_reuse import (
    reasons_in_words,
    reuse_trial,
    reuse_trials,
    shared_names,
)
from tests.search.spaces import boolean, choice, fixed, floats, ints, only_if, space_of, spaces

SPACE = space_of(
    choice("optimizer", "adam", "sgd"),
    floats("rate", 1e-4, 1e-1, scale="log"),
    floats("momentum", 0.1, 0.9, step=0.4, **only_if("optimizer", "sgd")),
    ints("units", 16, 64, step=16, default=32),
    choice("batch", 16, 32, 64, 128, ordered=True),
    fixed("epochs", 5),
    constraints=("units <= 48 or rate < 0.05",),
)
WHOLE = {"optimizer": "sgd", "rate": 0.01, "momentum": 0.5, "units": 48, "batch": 64, "epochs": 5}


def taken(**changed):
    return reuse_trial(SPACE, {**WHOLE, **changed})


def test_a_configuration_of_the_same_space_stays_what_it_is():
    assert taken().values == SPACE.canonical(WHOLE)


def test_unknown_names_and_inactive_values_are_left_out():
    found = taken(optimizer="adam", gone=3).values
    assert "gone" not in found
    assert "momentum" not in found


def test_what_is_missing_takes_its_default_and_what_is_fixed_stays_fixed():
    found = reuse_trial(SPACE, {"rate": 0.02, "epochs": 99}).values
    assert found["units"] == 32
    assert found["epochs"] == 5
    SPACE.check(found)


def test_a_long_number_is_told_in_four_digits_and_near_ones_are_one_reason():
    space = space_of(choice("rate", 0.01, 0.001), floats("drop", 0.0, 0.5))
    many = [{"rate": 0.03273955121, "drop": 0.1}, {"rate": 0.03273955982, "drop": 0.1}]
    words = reasons_in_words(reuse_trials(space, many).reasons)
    assert words == "rate: 0.03274 isn't one of its choices (2)"
    # Rounded it would lie in the space: then it is told whole.
    assert "rate: 0.0100000001 isn't one" in reuse_trial(space, {"rate": 0.0100000001}).reason


@pytest.mark.parametrize(
    ("name", "value", "nearest"),
    [("units", 40.1, 48), ("units", 20, 16), ("momentum", 0.55, 0.5), ("batch", 50, 64)],
)
def test_a_number_between_two_steps_moves_to_the_nearer(name, value, nearest):
    assert taken(**{name: value}).values[name] == nearest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", 80),
        ("units", "48"),
        ("units", True),
        ("units", math.nan),
        ("rate", math.inf),
        ("rate", 0.5),
        ("rate", [0.01]),
        ("optimizer", "lion"),
        ("optimizer", 1),
        ("batch", 256),
        ("batch", "32"),
    ],
)
def test_a_value_of_another_type_or_outside_leaves_all_of_it_out(name, value):
    found = taken(**{name: value})
    assert found.values is None
    assert found.reason.startswith(f"{name}: ")


def test_a_configuration_that_breaks_a_rule_is_left_out():
    assert "units <= 48" in taken(units=64, rate=0.09).reason


def test_nothing_in_common_is_no_configuration():
    found = reuse_trial(SPACE, {"epochs": 5, "elsewhere": 1})
    assert found.values is None
    assert "none of the hyperparameters" in found.reason


def test_many_are_counted_by_what_became_of_them():
    found = reuse_trials(SPACE, [WHOLE, {**WHOLE, "units": 80}, {**WHOLE, "units": 16}, {}])
    assert found.places == [0, 2]
    assert [each["units"] for each in found.values] == [48, 16]
    assert sum(found.reasons.values()) == 2


def test_reasons_come_in_words_with_the_commonest_first():
    words = reasons_in_words({"a.": 1, "b": 1200, "c": 2, "d": 1, "e": 1})
    assert words == "b (1,200); c (2); a (1); 2 other reasons"


def test_shared_names_are_those_that_are_searched_here():
    rows = [{"name": "rate"}, {"name": "epochs"}, {"name": "other"}]
    assert shared_names(SPACE, rows) == ["rate"]


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_comes_over_is_one_of_the_space_s_configurations(data):
    space, other = data.draw(spaces()), data.draw(spaces())
    unit = data.draw(st.lists(st.floats(0, 1), min_size=len(other), max_size=len(other)))
    found = reuse_trial(space, other.decode(unit))
    if found.values is not None:
        space.check(found.values)
    else:
        assert found.reason


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_configuration_comes_over_to_its_own_space(data):
    space = data.draw(spaces())
    assume(len(space))
    unit = data.draw(st.lists(st.floats(0, 1), min_size=len(space), max_size=len(space)))
    values = space.decode(unit)
    assume(space.meets(values))
    assert reuse_trial(space, values).values == values


def test_a_boolean_is_no_number():
    space = space_of(boolean("bias"), ints("units", 0, 5))
    assert reuse_trial(space, {"bias": 1, "units": 2}).values is None
    assert reuse_trial(space, {"bias": True, "units": 2}).values == {"bias": True, "units": 2}
