"""Rows that can't work: every problem at its path, in plain words."""

import pytest

from experiments.search.problems import SpaceError
from experiments.search.space.space import Space
from tests.search.spaces import boolean, choice, fixed, floats, ints, space_of


def problems(source):
    with pytest.raises(SpaceError) as error:
        Space.from_dict(source)
    return {problem.path: problem.message for problem in error.value.problems}


def row_problems(row):
    found = problems({"hyperparameters": [row], "constraints": []})
    return {path.removeprefix("hyperparameters.0."): text for path, text in found.items()}


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (ints("a", 5, 1), "min"),
        (floats("a", 1, 0.5), "min"),
        (floats("a", 0, 1, scale="log"), "min"),
        (floats("a", -1, 1, scale="reverse_log"), "min"),
        (ints("a", 0, 8, scale="log"), "min"),
        (ints("a", 1, 8, step=0), "step"),
        (ints("a", 1, 8, step=-1), "step"),
        (ints("a", 1, 8, step=8), "step"),
        (floats("a", 0, 1, step=0), "step"),
        (floats("a", 0, 1, step=1.5), "step"),
        (ints("a", 1, 8, step=1, scale="log"), "step"),
        (ints("a", 1, 8, step=16, scale="log"), "step"),
        (floats("a", 1, 8, step=0.5, scale="log"), "step"),
        (floats("a", 0, 1, step=1e-15), "step"),
        (ints("a", 1, 8, step=1.5), "step"),
        (ints("a", 1, 8, step="2"), "step"),
        (floats("a", NAN, 1), "min"),
        (floats("a", 0, INF), "max"),
        (floats("a", -INF, 1), "min"),
        (floats("a", 0, 1, step=NAN), "step"),
        (floats("a", 0, "1"), "max"),
        (floats("a", 0, None), "max"),
        (floats("a", 0, [1]), "max"),
        (floats("a", 0, True), "max"),
        (ints("a", False, 8), "min"),
        (ints("a", 0, 1.5), "max"),
        (ints("a", 0, 2**53 + 1), "max"),
        (ints("a", 0, 10**400), "max"),
        (ints("a", -(10**13), 8), "min"),
        (floats("a", 1e-320, 1), "min"),
        (floats("a", 0, 1e-320), "max"),
        (floats("a", 0, 1e308), "max"),
        (floats("a", 0, 10**400), "max"),
        (floats("a", 0, 1, scale="cubic"), "scale"),
        (floats("a", 0, 1, scale=3), "scale"),
        (choice("a"), "choices"),
        (choice("a", "x", "x"), "choices"),
        (choice("a", 1, 1.0), "choices"),
        (choice("a", 1, "x"), "choices"),
        (choice("a", True, False), "choices"),
        (choice("a", 1, True), "choices"),
        (choice("a", "x", None), "choices.1"),
        (choice("a", "x", ["y"]), "choices.1"),
        (choice("a", 1, NAN), "choices.1"),
        (choice("a", "x", ""), "choices.1"),
        (choice("a", "x", "y\0"), "choices.1"),
        (choice("a", "x", "\ud800"), "choices.1"),
        (choice("a", "x" * 201), "choices.0"),
        (choice("a", *range(1001)), "choices"),
        ({"name": "a", "type": "choice", "choices": "xy"}, "choices"),
        ({"name": "a", "type": "choice"}, "choices"),
        ({"name": "a", "type": "fixed"}, "value"),
        (fixed("a", None), "value"),
        (fixed("a", [1]), "value"),
        (fixed("a", NAN), "value"),
        ({"name": "a", "type": "lognormal"}, "type"),
        ({"name": "a"}, "type"),
        ({"type": "boolean"}, "name"),
        (boolean(""), "name"),
        (boolean("a.b"), "name"),
        (boolean('a"b'), "name"),
        (boolean("a'b"), "name"),
        (boolean("__proto__"), "name"),
        (boolean("a b"), "name"),
        (boolean("1a"), "name"),
        (boolean("größe"), "name"),
        (boolean("a\n"), "name"),
        (boolean("a" * 65), "name"),
        (boolean("lambda"), "name"),
        (boolean("min"), "name"),
        (boolean(3), "name"),
        (ints("a", 1, 8, default=9), "default"),
        (ints("a", 1, 8, default=1.5), "default"),
        (ints("a", 1, 8, default=True), "default"),
        (ints("a", 1, 9, step=2, default=2), "default"),
        (floats("a", 0, 1, default=2), "default"),
        (floats("a", 0, 1, default="x"), "default"),
        (floats("a", 0, 1, step=0.25, default=0.3), "default"),
        (choice("a", "x", default="y"), "default"),
        (boolean("a", default=1), "default"),
        (boolean("a", unit=3), "unit"),
        (boolean("a", help="x" * 1001), "help"),
        (boolean("a", foo=3), "foo"),
        (boolean("a", only_if="x"), "only_if"),
    ],
)
def test_a_row_that_cannot_work_is_named_at_its_field(row, field):
    found = row_problems(row)
    assert field in found, found
    assert all(text.endswith((".", "…")) for text in found.values())


def test_messages_say_how_to_mend():
    assert row_problems(floats("lr", 0, 1, scale="log")) == {
        "min": "A log scale can't include 0. Use a minimum of 0.0001 or more."
    }
    assert "Swap" in row_problems(ints("a", 5, 1))["min"]
    assert "at most 7" in row_problems(ints("a", 1, 8, step=9))["step"]


def test_everything_that_is_wrong_is_found_at_once():
    found = problems(
        {
            "hyperparameters": [
                ints("a", 5, 1),
                floats("x y", NAN, "1", step=0),
                choice("c"),
                boolean("d"),
                boolean("d"),
                3,
            ],
            "constraints": [],
            "extra": 1,
        }
    )
    assert set(found) == {
        "hyperparameters.0.min",
        "hyperparameters.1.name",
        "hyperparameters.1.min",
        "hyperparameters.1.max",
        "hyperparameters.1.step",
        "hyperparameters.2.choices",
        "hyperparameters.4.name",
        "hyperparameters.5",
        "extra",
    }


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"hyperparameters": [], "constraints": []},
        {"hyperparameters": None},
        {"hyperparameters": {}},
        {"hyperparameters": "abc"},
        {"hyperparameters": [boolean(f"h{i}") for i in range(201)]},
    ],
)
def test_a_space_without_rows_or_with_too_many_is_refused(source):
    assert set(problems(source)) == {"hyperparameters"}


@pytest.mark.parametrize("source", [None, [], "space", 3, True])
def test_a_space_must_be_an_object(source):
    assert "" in problems(source)


def test_an_empty_space_says_what_to_do():
    message = problems({"hyperparameters": []})["hyperparameters"]
    assert message == "The space is empty. Add at least one hyperparameter."


def test_fields_of_another_type_do_not_disturb():
    space = space_of(choice("a", "x", "y") | {"min": "nonsense", "max": None, "value": 3})
    assert space.to_dict()["hyperparameters"][0]["choices"] == ["x", "y"]
    assert "min" not in space.to_dict()["hyperparameters"][0]


def test_whole_floats_count_as_ints_and_ints_as_floats():
    space = space_of(ints("a", 1.0, 8.0, default=3.0), floats("b", 0, 1, default=1))
    assert (space["a"].min, space["a"].default) == (1, 3)
    assert isinstance(space["a"].min, int)
    assert isinstance(space["b"].min, float)
    mixed = space_of(choice("c", 1, 2.5, default=1))
    assert [type(value) for value in mixed["c"].choices] == [float, float]


def test_the_ends_of_what_is_allowed_work():
    space_of(ints("a", -(10**12), 10**12))
    space_of(floats("a", 1e-100, 1e100, scale="log"))
    space_of(floats("a", 3, 3, scale="log"))
    space_of(ints("a", 3, 3))
    space_of(choice("a", *range(1000)))
    space_of(boolean("a" * 64))
    space_of(boolean("mlp/units-2"))
