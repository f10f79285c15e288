"""Conditions that can't work, each named at its field."""

import pytest

from experiments.search.problems import SpaceError
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of


def problems(*rows):
    with pytest.raises(SpaceError) as error:
        space_of(*rows)
    return {problem.path: problem.message for problem in error.value.problems}


def test_a_condition_on_nobody():
    found = problems(ints("a", 1, 2, **only_if("b", 1)))
    assert found == {"hyperparameters.0.only_if.name": 'There is no hyperparameter named "b".'}


def test_a_condition_on_itself():
    found = problems(ints("a", 1, 2, **only_if("a", 1)))
    assert "itself" in found["hyperparameters.0.only_if.name"]


def test_conditions_in_a_circle_are_named_at_each_member():
    found = problems(
        boolean("a", **only_if("c", True)),
        boolean("b", **only_if("a", True)),
        boolean("c", **only_if("b", True)),
        boolean("d", **only_if("a", True)),
    )
    assert set(found) == {f"hyperparameters.{i}.only_if.name" for i in range(3)}
    assert found["hyperparameters.0.only_if.name"].endswith("a → c → b → a. Remove one of them.")


def test_a_condition_on_a_value_that_the_parent_never_has():
    found = problems(
        choice("optimizer", "adam", "sgd"),
        ints("n", 1, 5, step=2),
        ints("a", 1, 2, **only_if("optimizer", "adam", "lion")),
        ints("b", 1, 2, **only_if("n", 2)),
        ints("c", 1, 2, **only_if("optimizer", True)),
    )
    assert set(found) == {
        "hyperparameters.2.only_if.values.1",
        "hyperparameters.3.only_if.values.0",
        "hyperparameters.4.only_if.values.0",
    }


def test_a_condition_on_a_float():
    found = problems(floats("x", 0, 1), ints("a", 1, 2, **only_if("x", 0.5)))
    assert "float" in found["hyperparameters.1.only_if.name"]


@pytest.mark.parametrize("values", [[], "adam", [None], [[1]], [{}], [float("nan")]])
def test_a_condition_without_usable_values(values):
    row = ints("a", 1, 2, only_if={"name": "o", "values": values})
    found = problems(choice("o", "adam", "sgd"), row)
    assert all(path.startswith("hyperparameters.1.only_if.values") for path in found)


def test_a_broken_parent_is_not_reported_again_at_its_child():
    found = problems(choice("o"), ints("a", 1, 2, **only_if("o", "x")))
    assert set(found) == {"hyperparameters.0.choices"}


def test_conditions_nest_a_hundred_deep():
    rows = [boolean("h0")]
    rows += [boolean(f"h{i}", **only_if(f"h{i - 1}", True)) for i in range(1, 100)]
    space = space_of(*reversed(rows))
    assert space.size() == 101
    assert len(list(space.grid())) == 101
