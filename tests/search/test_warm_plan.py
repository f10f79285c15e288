"""What a plan names to start from, read and checked."""

import json
import uuid

import pytest

from experiments.search.reading import Reader
from experiments.search.warm_plan import MOST_CONFIGURATIONS, WarmPlan, read_warm_plan
from tests.search.spaces import choice, floats, ints, only_if, space_of

SPACE = space_of(
    choice("optimizer", "adam", "sgd"),
    floats("momentum", 0.0, 0.9, **only_if("optimizer", "sgd")),
    ints("units", 16, 64, step=16),
    constraints=("units <= 48 or optimizer == 'sgd'",),
)


def read(source, space=SPACE):
    reader = Reader(source)
    plan = read_warm_plan(reader, space)
    return plan, [f"{problem.path}: {problem.message}" for problem in reader.problems]


def rows(*entries):
    return {"configurations": list(entries)}


def test_nothing_is_nothing():
    assert read({}) == (WarmPlan(), [])


def test_it_reads_what_it_writes():
    source = {
        "experiments": [str(uuid.uuid4())],
        "configurations": [
            {"values": {"optimizer": "adam", "units": 32}, "score": None},
            {"values": {"optimizer": "sgd", "units": 16, "momentum": 0.5}, "score": 0.93},
        ],
    }
    plan, problems = read(source)
    assert problems == []
    assert json.loads(json.dumps(plan.to_dict())) == source
    assert [each.score for each in plan.scored] == [0.93]
    assert plan.by_hand(SPACE) == ({"optimizer": "adam", "units": 32},)


def test_a_configuration_by_hand_takes_defaults_for_what_it_leaves_out():
    plan, problems = read(rows({"values": {"units": 16}}))
    assert problems == []
    (found,) = plan.by_hand(SPACE)
    SPACE.check(found)
    assert found["units"] == 16


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("units=3", "isn't a configuration"),
        ({"units": 3}, "isn't a configuration"),
        ({"values": {"units": 16}, "note": 1}, "Unknown key"),
        ({"values": {"unit": 16}}, "There is no hyperparameter"),
        ({"values": {"units": 128}}, "units: "),
        ({"values": {"units": "many"}}, "units: "),
        ({"values": {"units": 64, "optimizer": "adam"}}, "Violates the constraint"),
        ({"values": {"units": 16}, "score": "good"}, "score: Expected a number"),
        ({"values": {"units": 16}, "score": float("nan")}, "score: Expected a finite"),
        ({"values": {"units": 16}, "score": True}, "score: Expected a number"),
        ({"values": {}}, "none of the hyperparameters"),
    ],
)
def test_a_wrong_row_is_named_by_its_number(entry, words):
    _, problems = read(rows({"values": {"units": 16}}, entry))
    assert len(problems) == 1
    assert problems[0].startswith("configurations: Row 2: ")
    assert words in problems[0]


def test_known_results_may_have_more_columns_and_rows_that_do_not_fit():
    plan, problems = read(
        rows(
            {"values": {"units": 32, "seconds": 9.5}, "score": 0.8},
            {"values": {"units": 128}, "score": 0.9},
        )
    )
    assert problems == []
    assert len(plan.scored) == 2
    assert plan.by_hand(SPACE) == ()


def test_known_results_of_which_none_fits_are_a_mistake():
    _, problems = read(rows({"values": {"layers": 3}, "score": 1}, {"values": {}, "score": 2}))
    (problem,) = problems
    assert problem.startswith("configurations: No row with a score fits this space. It has none")


def test_codes_lengths_and_unknown_fields_are_checked():
    _, problems = read({"experiments": ["mnist"], "more": 1, "configurations": "units"})
    assert [problem.split(":")[0] for problem in problems] == [
        "experiments", "configurations", "more",
    ]  # fmt: skip
    many = [{"values": {"units": 16}, "score": 1}] * (MOST_CONFIGURATIONS + 1)
    assert "are allowed" in read(rows(*many))[1][0]
    assert "are allowed" in read({"experiments": [str(uuid.uuid4()) for _ in range(9)]})[1][0]


def test_while_the_space_is_wrong_only_the_form_of_the_rows_is_checked():
    assert read(rows({"values": {"unit": 1}}), space=None)[1] == []
