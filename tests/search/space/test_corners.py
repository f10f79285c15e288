import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from experiments.search.space.corners import corners, within
from experiments.search.space.exclusion_constraints import OutOfTime, excluding
from experiments.search.space.space import Space

ROWS = [
    {"name": "units", "type": "int", "min": 16, "max": 4096, "scale": "log"},
    {"name": "depth", "type": "int", "min": 1, "max": 9},
    {"name": "rate", "type": "float", "min": 0.0, "max": 0.5},
    {"name": "batch_size", "type": "choice", "choices": [256, 32, 64]},
    {"name": "kind", "type": "choice", "choices": ["plain", "wide"]},
    {
        "name": "extra",
        "type": "int",
        "min": 1,
        "max": 5,
        "only_if": {"name": "kind", "values": ["wide"]},
    },
    {"name": "bias", "type": "boolean"},
]
SPACE = Space.from_dict({"hyperparameters": ROWS, "constraints": []})


def test_the_corners_are_both_ends_slow_batches_and_each_branch():
    found = {corner.label: corner.values for corner in corners(SPACE)}
    assert found["largest values"]["units"] == 4096
    assert found["largest values"]["batch_size"] == 256
    assert found["smallest values"] == {
        **{"units": 16, "depth": 1, "rate": 0.0, "batch_size": 32, "kind": "plain", "bias": False}
    }
    assert found["largest values, smallest batch size"]["batch_size"] == 32
    assert found["largest values, kind = wide"]["extra"] == 5


def test_a_corner_that_a_constraint_excludes_moves_inwards():
    space = Space.from_dict({"hyperparameters": ROWS, "constraints": ["units * depth <= 20000"]})
    for corner in corners(space):
        space.check(corner.values)
    assert corners(space)[0].values["units"] > 256


def test_a_space_within_another_is_known():
    narrow = [
        ROWS[0] | {"max": 64},
        {"name": "kind", "type": "fixed", "value": "wide"},
        {"name": "depth", "type": "fixed", "value": 3},
    ]
    assert within(Space.from_dict({"hyperparameters": narrow, "constraints": []}), SPACE)
    for wider in ({"max": 5000}, {"min": 8}, {"name": "heads"}):
        other = Space.from_dict({"hyperparameters": [ROWS[0] | wider], "constraints": []})
        assert not within(other, SPACE)


@given(st.integers(17, 4096), st.integers(2, 9), st.booleans(), st.integers(0, 12) | st.just(30))
def test_the_rule_excludes_what_fails_and_keeps_what_works(units, depth, both, patience):
    failing = corners(SPACE)[0].values
    working = SPACE.draw(np.random.default_rng(0)) | {"units": 16, "depth": 1}
    asked = []

    def works(values):
        asked.append(values)
        if len(asked) > patience:
            raise OutOfTime
        SPACE.check(values)
        wide, deep = values["units"] >= units, values["depth"] >= depth
        return not (wide and deep if both else wide)

    rule = excluding(SPACE, failing, SPACE.canonical(working), works)
    ruled = Space.from_dict({"hyperparameters": ROWS, "constraints": [rule]})
    assert not ruled.meets(failing) and ruled.meets(working)
    if patience == 30:
        assert ("depth" in rule) == both and "rate" not in rule


def test_texts_and_switches_are_named_in_a_rule():
    failing = SPACE.defaults() | {"kind": "wide", "extra": 3, "bias": True}
    working = SPACE.defaults()

    def works(values):
        return not (values["kind"] == "wide" and values["bias"])

    assert excluding(SPACE, failing, working, works) == 'kind != "wide" or not bias'
