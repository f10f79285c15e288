"""A space that is read from the values of runs."""

import pytest

from experiments.search.problems import SpaceError
from experiments.search.space.growth import widened
from experiments.search.space.space import Space

EMPTY = Space(())


def joined(*runs, space=EMPTY):
    for values in runs:
        space = widened(space, values)
        assert Space.from_dict(space.to_dict()) == space
    return space


def test_one_value_is_fixed_and_another_makes_a_range():
    assert joined({"units": 32})["units"].kind == "fixed"
    row = joined({"units": 32}, {"units": 64}, {"units": 8})["units"]
    assert (row.kind, row.min, row.max, row.default) == ("int", 8, 64, 32)


def test_numbers_that_span_a_factor_of_a_hundred_are_on_a_log_scale():
    row = joined({"lr": 0.1}, {"lr": 0.0001})["lr"]
    assert (row.kind, row.scale) == ("float", "log")
    assert joined({"lr": 0.1}, {"lr": 0})["lr"].scale == "linear"


def test_words_and_mixtures_become_choices_and_truth_values_a_switch():
    assert joined({"o": "adam"}, {"o": "sgd"}, {"o": "adam"})["o"].choices == ("adam", "sgd")
    assert joined({"b": True}, {"b": False})["b"].kind == "boolean"
    mixed = joined({"m": 1}, {"m": "auto"})
    assert mixed["m"].choices == ("1", "auto")
    assert widened(mixed, {"m": 1}) is mixed


def test_nothing_changes_for_values_that_the_space_holds():
    space = joined({"a": 1, "b": 0.5}, {"a": 9, "b": 0.1})
    assert widened(space, {"a": 4, "b": 0.2}) is space


def test_rows_that_people_gave_stay_as_they_are():
    given = {"name": "units", "type": "int", "min": 8, "max": 64}
    space = Space.from_dict({"hyperparameters": [given]})
    grown = widened(space, {"units": 512, "lr": 0.1})
    assert grown["units"] == space["units"] and grown["lr"].value == 0.1


@pytest.mark.parametrize(
    "values",
    [{"learning rate": 1}, {"": 1}, {"a": []}, {"a": None}, {"a": float("nan")}, {"a": ""}],
)
def test_what_can_be_no_hyperparameter_is_refused_by_its_name(values):
    with pytest.raises(SpaceError) as caught:
        widened(EMPTY, values)
    assert caught.value.problems[0].path == next(iter(values))


def test_there_are_at_most_two_hundred():
    with pytest.raises(SpaceError, match="at most 200"):
        widened(EMPTY, {f"p{index}": 1 for index in range(201)})


def test_an_empty_space_is_read_again():
    assert Space.from_dict(EMPTY.to_dict()) == EMPTY
    with pytest.raises(SpaceError, match="The space is empty"):
        Space.from_dict({"hyperparameters": []})
