"""Spaces of KerasTuner that a space here can't hold as they are."""

import pytest

from experiments.interop.keras_tuner.hyperparameters import UnknownKind, read_space


def entry(kind, name, conditions=(), **config):
    parents = [
        {"class_name": "Parent", "config": {"name": parent, "values": values}}
        for parent, values in conditions
    ]
    return {"class_name": kind, "config": {"name": name, "conditions": parents, **config}}


def number(name, low, high, conditions=(), kind="Int", **config):
    return entry(kind, name, conditions, min_value=low, max_value=high, **config)


KIND = entry("Choice", "kind", values=["a", "b"], default="a", ordered=False)
SIZE = entry("Choice", "size", values=["s", "m"], default="s", ordered=False)


def test_a_name_under_two_conditions_is_one_hyperparameter_that_allows_both():
    read = read_space(
        [KIND, number("n", 1, 4, [("kind", ["a"])]), number("n", 3, 9, [("kind", ["b"])])]
    )
    row = read.space["n"]
    assert (row.min, row.max) == (1, 9)
    assert row.only_if.values == ("a", "b")
    assert "several definitions" in read.notes[0]


def test_conditions_that_no_chain_of_parents_holds_are_told():
    read = read_space([KIND, SIZE, number("n", 1, 4, [("kind", ["a"]), ("size", ["s"])])])
    assert read.space["n"].only_if.name == "size"
    assert "a condition that isn't supported here" in read.notes[0]


def test_a_parent_that_is_no_parent_here_leaves_its_child_always_active():
    read = read_space([number("x", 0.0, 1.0, kind="Float"), number("n", 1, 4, [("x", [0.5])])])
    assert read.space["n"].only_if is None
    assert read.notes


def test_names_with_other_characters_are_renamed_and_told():
    read = read_space(
        [number("learning rate", 1, 4), number("lernrate ✓", 1, 4), number("if", 1, 4)]
    )
    assert list(read.names.values()) == ["learning_rate", "lernrate__", "p_if"]
    assert len(read.notes) == 3


def test_two_names_that_would_become_one_stay_two():
    read = read_space([number("a b", 1, 4), number("a_b", 1, 4)])
    assert sorted(read.names.values()) == ["a_b", "a_b_2"]


def test_a_step_that_leaves_the_range_at_once_leaves_one_value():
    assert read_space([number("n", 4, 5, step=4)]).space["n"].max == 4


def test_truth_values_as_choices_are_numbers_as_keras_tuner_writes_them():
    read = read_space(
        [entry("Choice", "f", values=[1, 0], ordered=True), number("n", 1, 4, [("f", [True])])]
    )
    assert read.space["n"].only_if.values == (1,)


def test_five_hundred_choices_are_taken():
    assert read_space([entry("Choice", "c", values=list(range(500)))]).space["c"].count() == 500


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"class_name": "Int", "config": {"name": "n"}},
        number("n", 1, 4, kind="Float", sampling="cubic"),
        number("n", float("nan"), 4, kind="Float"),
        entry("Choice", "c", values=[]),
        number("n", "1", 4),
        "Int",
    ],
)
def test_what_no_version_writes_is_refused(broken):
    with pytest.raises(UnknownKind):
        read_space([broken])
