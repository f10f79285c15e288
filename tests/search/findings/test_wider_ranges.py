"""How ranges go on beyond their ends."""

import pytest

from experiments.search.findings.plan_changes import changed
from experiments.search.findings.repeated_search import overlap
from experiments.search.findings.wider_ranges import wider
from tests.search.spaces import choice, fixed, floats, ints, space_of


@pytest.mark.parametrize(
    ("row", "side", "fields"),
    [
        (floats("x", 1e-4, 1e-1, scale="log"), "low", {"min": 3e-5}),
        (floats("x", 1e-4, 1e-1, scale="log"), "high", {"max": 0.3}),
        (floats("x", 0.0, 0.5), "high", {"max": 0.75}),
        (floats("x", 0.0, 0.5), "low", None),  # nothing lies below 0 there
        (floats("x", 0.0, 1.0), "high", None),  # a share
        (floats("x", -4.0, 4.0), "low", {"min": -8.0}),
        (ints("x", 1, 5), "low", None),
        (ints("x", 2, 12), "low", {"min": 1}),
        (ints("x", 16, 256, step=16), "high", {"max": 384}),
        (ints("x", 16, 256, step=16), "low", None),  # the step before is 0
        (ints("x", 32, 256, step=16), "low", {"min": 16}),
        (ints("x", 16, 256, step=2, scale="log"), "high", {"max": 1024}),
        (ints("x", 16, 256, step=2, scale="log"), "low", {"min": 4}),
        (ints("x", 10, 160, step=4, scale="log"), "low", None),  # no whole number
        (choice("x", 32, 64, 128), "high", {"choices": [32, 64, 128, 256]}),
        (choice("x", 128, 64, 32), "high", {"choices": [128, 64, 32, 16]}),
        (choice("x", 0.1, 0.2, 0.3), "low", None),
        (choice("x", "a", "b"), "high", None),
    ],
)
def test_a_range_goes_on_where_it_can(row, side, fields):
    [hyperparameter] = space_of(row).hyperparameters
    found = wider(hyperparameter, side)
    assert (found and found.fields) == fields
    if found:
        [wide] = space_of(row | found.fields).hyperparameters
        assert not wide.problem(found.value) and not wide.problem(found.end)


def test_a_model_may_refuse_the_new_end():
    [row] = space_of(floats("x", 0.0, 0.5)).hyperparameters
    assert wider(row, "high", lambda value: "too much" if value > 0.7 else "").value == 0.62
    assert wider(row, "high", lambda value: "no") is None


def test_plans_are_changed_as_proposed():
    plan = {"fit": {"method": "auto"}}
    early = changed(plan, "early_stopping", {"early_stopping_patience": 5})
    assert early["fit"] == {"method": "auto", "early_stopping_patience": 5}
    assert changed(plan, "reuse", {"experiments": ["a"]})["warm_start"] == {"experiments": ["a"]}
    assert changed(plan, "stop", {}) == plan


def test_the_share_of_a_space_that_another_covers():
    space = space_of(floats("x", 0, 1), choice("y", "a", "b"))
    assert overlap(space, space) == 1
    assert overlap(space, space_of(floats("x", 0.5, 1), choice("y", "a", "b"))) == pytest.approx(
        0.5
    )
    assert overlap(space, space_of(floats("x", 0, 1), choice("y", "a", "c"))) == 0.5
    assert overlap(space, space_of(floats("x", 0, 1), fixed("y", "a"))) == 0.5
    assert overlap(space, space_of(floats("x", 0, 1))) == 0
