"""What a finding's action changes in a plan, and whether a search does it already."""

import pytest

from experiments.search.findings.plan_changes import changed, is_done
from tests.search.spaces import choice, fixed, floats, space_of

PLAN = {
    "space": {
        "hyperparameters": [
            {"name": "units", "type": "int", "min": 8, "max": 64},
            {"name": "epochs", "type": "fixed", "value": 20},
        ],
        "constraints": [],
    },
    "protocol": {"kind": "holdout", "repeats": 2},
    "budget": {"max_trials": 40, "parallel": 2},
}
SPACE = space_of(
    floats("rate", 1e-5, 1e-1, scale="log"),
    choice("batch", 32, 64, 128),
    fixed("dropout", 0.2),
    constraints=["batch < 512"],
)


@pytest.mark.parametrize(
    ("act", "change", "done"),
    [
        ("widen", {"name": "rate", "fields": {"min": 1e-5}}, True),
        ("widen", {"name": "rate", "fields": {"min": 3e-5}}, True),
        ("widen", {"name": "rate", "fields": {"min": 1e-6}}, False),
        ("widen", {"name": "rate", "fields": {"max": 1.0}}, False),
        ("widen", {"name": "batch", "fields": {"choices": [32, 64]}}, True),
        ("widen", {"name": "batch", "fields": {"choices": [16, 32, 64, 128]}}, False),
        ("widen", {"name": "dropout", "fields": {"max": 0.9}}, True),
        ("widen", {"name": "gone", "fields": {"max": 0.9}}, True),
        ("fix", {"name": "dropout", "value": 0.3}, True),
        ("fix", {"name": "rate", "value": 0.3}, False),
        ("forbid", {"constraint": "batch < 512"}, True),
        ("forbid", {"constraint": "batch < 128"}, False),
        ("parallel", {"parallel": 2}, True),
        ("parallel", {"parallel": 3}, False),
        ("stop", {"confirm": [1]}, False),
        ("confirm", {"trials": [1]}, False),
        ("", {}, False),
    ],
)
def test_a_proposal_is_done_when_the_search_has_it(act, change, done):
    assert is_done(act, change, SPACE, parallel=2) == done


@pytest.mark.parametrize(
    ("act", "change", "part", "value"),
    [
        ("repeats", {"times": 3}, "protocol", {"kind": "holdout", "repeats": 6}),
        ("trials", {"max_trials": 16}, "budget", {"max_trials": 16, "parallel": 2}),
        ("early_stopping", {"early_stopping_patience": 5}, "fit", {"early_stopping_patience": 5}),
    ],
)
def test_a_copy_has_the_change_and_nothing_else(act, change, part, value):
    plan = changed(PLAN, act, change)
    assert plan.pop(part) == value
    assert plan == {name: kept for name, kept in PLAN.items() if name != part}


def test_a_copy_trains_for_more_epochs():
    units, epochs = changed(PLAN, "epochs", {"epochs": 40})["space"]["hyperparameters"]
    assert (units, epochs["value"]) == (PLAN["space"]["hyperparameters"][0], 40)
    assert PLAN["space"]["hyperparameters"][1]["value"] == 20
