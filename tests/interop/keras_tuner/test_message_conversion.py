"""What is sent is what KerasTuner's own messages read, and the other way round."""

import importlib.util
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.interop.keras_tuner.export import entry_of
from experiments.interop.keras_tuner.hyperparameters import read_space as read_rows
from experiments.interop.keras_tuner.message_conversion import (
    Observation,
    Tracked,
    WireError,
    WireTrial,
    parents_first,
    read_trial,
    read_value,
    write_space,
    write_trial,
    write_value,
)
from experiments.interop.keras_tuner.proto import MESSAGES, message, read
from experiments.interop.keras_tuner.space_entries import (
    active_entries,
    active_values,
    identity,
    merged,
)
from tests.search.spaces import boolean, choice, fixed, floats, ints, only_if, space_of, spaces


def own_messages():
    """KerasTuner's generated module, without importing the package around it: that loads Keras."""
    found = importlib.util.find_spec("keras_tuner").submodule_search_locations[0]
    path = f"{found}/src/protos/v4/keras_tuner_pb2.py"
    spec = importlib.util.spec_from_file_location("keras_tuner_own_messages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


THEIRS = own_messages()
NUMBERS = st.floats(width=32, allow_nan=False)
METRICS = st.dictionaries(
    st.sampled_from(["loss", "val_accuracy", "multi_objective"]),
    st.builds(
        Tracked,
        st.lists(
            st.builds(
                Observation,
                st.integers(0, 10**6),
                st.lists(NUMBERS, min_size=1, max_size=3).map(tuple),
            ),
            max_size=3,
        ).map(tuple),
        st.booleans(),
    ),
)


def entries_of(space):
    return tuple(entry_of(row, space) for row in space.hyperparameters)


@st.composite
def trials(draw):
    space = draw(spaces())
    entries = entries_of(space)
    score = draw(st.none() | NUMBERS)
    return WireTrial(
        trial_id=draw(st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)),
        status=draw(st.sampled_from(["RUNNING", "INVALID", "STOPPED", "COMPLETED", "FAILED"])),
        entries=parents_first(entries),
        values=space.defaults(),
        metrics=draw(METRICS),
        score=score,
        best_step=None if score is None else draw(st.integers(0, 500)),
    )


def by_name(entries):
    return sorted(entries, key=identity)


@given(trials())
def test_a_trial_comes_back_as_it_was_sent(trial):
    found = read_trial(read("Trial", write_trial(trial).SerializeToString()))
    assert by_name(found.entries) == by_name(trial.entries)
    assert found.values == trial.values
    assert {n: type(v) for n, v in found.values.items()} == {
        n: type(v) for n, v in trial.values.items()
    }
    assert (found.trial_id, found.status, found.metrics) == (
        trial.trial_id,
        trial.status,
        trial.metrics,
    )
    assert (found.score, found.best_step) == (trial.score, trial.best_step)


@given(trials())
def test_kerastuners_own_messages_hold_the_same_trial(trial):
    ours = write_trial(trial).SerializeToString()
    theirs = THEIRS.Trial.FromString(ours)
    assert theirs.trial_id == trial.trial_id
    assert THEIRS.TrialStatus.Name(theirs.status) == trial.status
    values = {
        name: getattr(each, each.WhichOneof("kind"))
        for name, each in theirs.hyperparameters.values.values.items()
    }
    assert values == trial.values
    again = read_trial(read("Trial", theirs.SerializeToString()))
    assert again == read_trial(read("Trial", ours))


def fields(kind):
    """Number, type and plurality of each: all that a message is on the wire."""
    return [(f.number, f.type, f.is_repeated) for f in kind.DESCRIPTOR.fields]


def test_every_message_has_the_fields_of_kerastuners_own():
    places = {"Space": "HyperParameters", "Values": "HyperParameters", "Parent": "Condition"}
    places |= {"Score": "Trial"}
    looked_at = 0
    for name in MESSAGES:
        outer = getattr(THEIRS, places.get(name, ""), THEIRS)
        own = getattr(outer, name, None)
        if own is None:
            continue
        assert fields(message(name)) == fields(own), name
        looked_at += 1
    assert looked_at == 16


@given(spaces())
def test_a_space_that_went_over_the_wire_is_the_same_space(space):
    entries = entries_of(space)
    wire = read_trial(read("Trial", write_trial(WireTrial(entries=entries)).SerializeToString()))
    before, after = read_rows(parents_first(entries)), read_rows(wire.entries)
    rows = {row.name: row.to_dict() for row in before.space.hyperparameters}
    assert {row.name: row.to_dict() for row in after.space.hyperparameters} == rows


@pytest.mark.parametrize("value", [True, False, 0, -7, 2**40, 0.1, math.inf, "adam", ""])
def test_a_value_keeps_its_kind(value):
    found = read_value(read("Value", write_value(value).SerializeToString()))
    assert (found, type(found)) == (value, type(value))


def test_nan_travels():
    assert math.isnan(read_value(write_value(math.nan)))


@pytest.mark.parametrize("value", [None, [1], 2**63])
def test_what_cannot_travel_is_refused(value):
    with pytest.raises(WireError):
        write_value(value)


def test_a_value_without_a_kind_is_refused():
    with pytest.raises(WireError):
        read_value(message("Value"))


def test_values_travel_in_the_type_that_their_entry_declares():
    space = space_of(
        floats("rate", 0.0, 2.0), ints("units", 1, 9), choice("width", 0.5, 1.0), boolean("bias")
    )
    values = {"rate": 1, "units": 8.0, "width": 1, "bias": 1}
    wire = write_space(entries_of(space), values)
    kinds = {name: each.WhichOneof("kind") for name, each in wire.values.values.items()}
    assert kinds == {
        "rate": "float_value",
        "units": "int_value",
        "width": "float_value",
        "bias": "boolean_value",
    }


def test_nothing_is_sent_that_makes_a_client_raise():
    # The forms of older versions, which leave fields empty.
    entries = [
        {"class_name": "Int", "config": {"name": "a", "min_value": 1, "max_value": 5}},
        {"class_name": "Float", "config": {"name": "b", "min_value": 0, "max_value": 1.5}},
        {"class_name": "Choice", "config": {"name": "c", "values": ["x", "y"]}},
    ]
    space = write_space(entries, {}).space
    assert (space.int_space[0].default, space.int_space[0].sampling) == (1, 1)
    assert (space.float_space[0].default, space.float_space[0].sampling) == (0.0, 1)
    assert space.choice_space[0].default.string_value == "x"


CONDITIONAL = space_of(
    choice("optimizer", "sgd", "adam"),
    floats("momentum", 0.0, 0.9, **only_if("optimizer", "sgd")),
    boolean("nesterov", **only_if("optimizer", "sgd")),
    fixed("kept", 3),
)


def test_a_trial_is_sent_its_active_entries_alone():
    values = {"optimizer": "adam", "momentum": 0.5, "kept": 3}
    entries = entries_of(CONDITIONAL)
    kept = active_values(entries, values)
    assert kept == {"optimizer": "adam", "kept": 3}
    names = [each["config"]["name"] for each in active_entries(entries, kept)]
    assert names == ["optimizer", "kept"]


def test_an_entry_that_a_trial_has_no_value_for_is_not_sent_with_it():
    entries = entries_of(CONDITIONAL)
    found = active_entries(entries, {"optimizer": "sgd", "momentum": 0.5})
    assert [each["config"]["name"] for each in found] == ["optimizer", "momentum"]


def test_values_of_hyperband_are_kept_with_the_active_ones():
    values = {"optimizer": "sgd", "tuner/epochs": 3, "momentum": 0.1}
    assert active_values(entries_of(CONDITIONAL), values) == values


def test_the_first_definition_stays_and_new_ones_come_after_it():
    known = entries_of(space_of(choice("optimizer", "sgd", "adam"), ints("units", 1, 8)))
    again = entries_of(
        space_of(
            choice("optimizer", "sgd", "adam"),
            ints("units", 1, 99),
            ints("units2", 1, 4, **only_if("optimizer", "adam")),
        )
    )
    found = merged(known, again)
    assert [e["config"]["name"] for e in found] == ["optimizer", "units", "units2"]
    assert found[1]["config"]["max_value"] == 8


def test_one_name_under_two_conditions_is_two_entries():
    one, other = (
        entries_of(
            space_of(choice("kind", "a", "b"), ints("units", 1, most, **only_if("kind", v)))
        )
        for v, most in (("a", 8), ("b", 64))
    )
    found = merged(one, other)
    assert [e["config"]["name"] for e in found] == ["kind", "units", "units"]
    active = active_entries(found, {"kind": "b", "units": 40})
    assert [e["config"].get("max_value") for e in active] == [None, 64]
