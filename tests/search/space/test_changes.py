"""What stays valid when a space is changed, and that samplers go on from trials of every version."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from experiments.search.history import EarlierStudy, Enqueued, History, ObservedTrial, WarmStart
from experiments.search.problems import SpaceError
from experiments.search.space.changes import (
    RowChange,
    counted,
    counted_as,
    fitting_start,
    misfit,
    row_changes,
    standing,
)
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategies.registry import SAMPLERS, make_sampler
from tests.search.spaces import (
    boolean,
    choice,
    fixed,
    floats,
    ints,
    only_if,
    rows_of_spaces,
    space_of,
)

OLD = space_of(
    ints("units", 32, 512, step=32),
    choice("optimizer", "adam", "sgd", "rmsprop"),
    floats("momentum", 0.0, 0.9, **only_if("optimizer", "sgd")),
    fixed("dropout", 0.2),
)


def drawn(space, count, seed=0):
    rng = np.random.default_rng(seed)
    return [space.draw(rng) for _ in range(count)]


@st.composite
def edits(draw):
    """A space and what becomes of it: ranges, choices, conditions and rules change, rows join."""
    rows = draw(rows_of_spaces(most=3))
    edited = []
    for row in rows:
        other = draw(st.sampled_from(["same", "fixed", "halved", "moved", "fewer"]))
        edited.append(_edited(row, other))
    edited += draw(st.sampled_from([[], [boolean("added")], [floats("added", 0.0, 1.0)]]))
    try:
        return space_of(*rows), space_of(*edited)
    except SpaceError:  # a condition now points at nothing
        assume(False)


def _edited(row, how):
    kind = row["type"]
    if how == "fixed" and kind != "fixed":
        middle = space_of({**row, "only_if": None}).defaults()[row["name"]]
        return {**row, "type": "fixed", "value": middle, "default": None}
    if how == "halved" and kind in ("int", "float") and not row.get("step"):
        middle = row["min"] + (row["max"] - row["min"]) / 2
        return {**row, "max": int(middle) if kind == "int" else middle, "default": None}
    if how == "moved" and kind == "int" and not row.get("step"):
        return {**row, "min": row["min"] + (row["max"] > row["min"]), "max": row["max"] + 7}
    if how == "fewer" and kind == "choice" and len(row["choices"]) > 1:
        return {**row, "choices": row["choices"][1:]}
    return row


SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@SLOW
@given(edits(), st.integers(0, 2**32))
def test_a_trial_is_valid_exactly_where_the_new_space_holds_its_values(pair, seed):
    old, new = pair
    older = counted_as(old, new, {})
    many = [counted(values, older) for values in drawn(old, 12, seed)]
    found = standing(new, enumerate(many))
    assert found.fitting | found.outside == set(range(12))
    assert not found.fitting & found.outside
    for place, values in enumerate(many):
        known = {name: value for name, value in values.items() if name in new.active(values)}
        try:
            new.check(known)
        except SpaceError:
            assert place in found.outside and misfit(new, values)
        else:
            assert place in found.fitting and not misfit(new, values)
    assert sum(found.reasons.values()) == len(found.outside)


@SLOW
@given(edits(), st.integers(0, 2**32))
def test_the_same_space_loses_nothing_and_has_no_changes(pair, seed):
    space, _ = pair
    assert row_changes(space, space) == ()
    assert counted_as(space, space, {}) == {}
    assert not standing(space, enumerate(drawn(space, 8, seed))).outside


NEW = {
    "narrower": space_of(
        ints("units", 64, 256, step=32),
        choice("optimizer", "adam", "sgd"),
        floats("momentum", 0.5, 0.9, **only_if("optimizer", "sgd")),
        fixed("dropout", 0.2),
    ),
    "wider, on another scale, with a rule": space_of(
        ints("units", 16, 1024, scale="log"),
        choice("optimizer", "lion", "rmsprop", "sgd", "adam"),
        floats("momentum", 0.0, 0.99, **only_if("optimizer", "sgd", "lion")),
        floats("dropout", 0.0, 0.5),
        boolean("added"),
        constraints=("units <= 512 or dropout > 0.1",),
    ),
    "nearly all fixed": space_of(
        fixed("units", 64),
        choice("optimizer", "adam", "sgd"),
        fixed("momentum", 0.9),
        fixed("dropout", 0.2),
        ints("added", 1, 40),
    ),
}


@pytest.mark.parametrize("edit", NEW)
@pytest.mark.parametrize("slug", SAMPLERS)
def test_no_sampler_leaves_the_new_space_or_fails_on_trials_of_the_old(slug, edit):
    new = NEW[edit]
    older = counted_as(OLD, new, {})
    states = ["completed", "failed", "pruned", "running", "stopped", "paused", "completed"]
    trials = [
        ObservedTrial(
            number,
            counted(each, older),
            states[number % 7],
            score=number / 10 if states[number % 7] == "completed" else None,
            curve=(0.5, number / 10),
        )
        for number, each in enumerate(drawn(OLD, 12))
    ]
    studies = (EarlierStudy("old", tuple(drawn(OLD, 6, 1)), tuple(map(float, range(6)))),)
    portfolio = tuple(Enqueued(each, "") for each in drawn(OLD, 2, 2))
    warm = fitting_start(WarmStart(studies=studies, portfolio=portfolio), new, older)
    for number in range(12, 16):
        history = History(tuple(trials), "maximize", planned=40, warm=warm)
        rng = np.random.default_rng([5, number])
        found = suggest(make_sampler(slug, {}), new, history, number, rng)
        assert found is not None
        new.check(found.values)
        trials.append(ObservedTrial(number, found.values, "completed", number / 10))
    assert len({new.key(t.values) for t in trials[12:]}) == 4


def test_older_trials_count_with_the_default_of_what_was_added():
    new = space_of(
        *(row.to_dict() for row in OLD.hyperparameters), floats("l2", 0.0, 0.1, default=0.01)
    )
    older = counted_as(OLD, new, {"batch_size": 64})
    assert older == {"batch_size": 64, "l2": 0.01}
    values = counted(drawn(OLD, 1)[0], older)
    assert values["l2"] == 0.01 and values["dropout"] == 0.2
    assert counted({**values, "l2": 0.05}, older)["l2"] == 0.05
    assert not standing(new, [(0, values)]).outside


def test_what_the_model_has_cant_be_taken_away():
    new = space_of(ints("units", 32, 512, step=32))
    with pytest.raises(SpaceError, match="optimizer belongs to the model"):
        counted_as(OLD, new, {})


def test_the_changes_are_told_row_by_row():
    new = space_of(
        ints("units", 16, 1024, scale="log", default=64),
        choice("optimizer", "adam", "sgd", ordered=True),
        floats("momentum", 0.0, 0.9, **only_if("optimizer", "sgd", "adam")),
        floats("dropout", 0.0, 0.5, step=0.1),
        boolean("norm"),
        constraints=("units < 900 or not norm",),
    )
    assert row_changes(OLD, new) == (
        RowChange("units", "int 32 to 512, step 32", "int 16 to 1,024, log, default 64"),
        RowChange("optimizer", "one of adam, sgd, rmsprop", "one of adam, sgd, ordered"),
        RowChange(
            "momentum",
            "float 0 to 0.9, only if optimizer = sgd",
            "float 0 to 0.9, only if optimizer = sgd, adam",
        ),
        RowChange("dropout", "fixed at 0.2", "float 0 to 0.5, step 0.1"),
        RowChange("norm", "", "true or false"),
        RowChange("rule", "", "units < 900 or not norm"),
    )


def test_why_trials_are_outside_is_counted():
    new = space_of(
        ints("units", 32, 512, step=64),
        choice("optimizer", "adam", "sgd"),
        floats("momentum", 0.0, 0.9),
        fixed("dropout", 0.2),
        constraints=("units <= 256",),
    )
    many = [
        {"units": 64, "optimizer": "adam", "momentum": 0.5, "dropout": 0.2},  # between two steps
        {"units": 96, "optimizer": "rmsprop", "dropout": 0.2},
        {"units": 96, "optimizer": "adam", "dropout": 0.2},
        {"units": 352, "optimizer": "sgd", "momentum": 0.5, "dropout": 0.2},
        {"units": 96, "optimizer": "sgd", "momentum": 0.5, "dropout": 0.2},
    ]
    found = standing(new, enumerate(many))
    assert found.fitting == {4}
    assert found.reasons == {
        "units is outside": 1,
        "optimizer is outside": 1,
        "momentum had no value": 1,
        "violates the constraint units <= 256": 1,
    }
