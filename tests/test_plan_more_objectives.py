"""Several objectives in a plan."""

import pytest

from experiments.plan import DataFacts, ExperimentPlan
from experiments.search.history import Objective
from tests.test_plan import IMAGE, PLAN, TABLE, problems


def several(*more, **changes):
    return PLAN | {"more_objectives": list(more)} | changes


def read(plan):
    return ExperimentPlan.from_dict(plan, DataFacts(IMAGE))


def test_each_has_the_direction_that_fits_and_survives_json():
    named = ("parameters", "val_loss", "final_f1")
    plan = read(several(*({"name": name} for name in named)))
    assert plan.more_objectives == (
        Objective("parameters", "minimize"),
        Objective("val_loss", "minimize"),
        Objective("final_f1", "maximize"),
    )
    assert read(plan.to_dict()) == plan


@pytest.mark.parametrize(
    "name", ["seconds", "model_bytes", "latency_1_ms", "latency_32_ms", "loss"]
)
def test_costs_and_measured_metrics_are_taken(name):
    assert read(several({"name": name})).more_objectives[0].direction == "minimize"


def test_pruning_and_racing_are_off_as_they_look_at_the_main_one_alone():
    settings = {"pruner": "median", "pruner_options": {"start_trials": 3}}
    protocol = PLAN["protocol"] | {"repeats": 5, "racing": True}
    alone = read(several(**settings, protocol=protocol))
    plan = read(several({"name": "parameters"}, **settings, protocol=protocol))
    assert (alone.pruner, alone.protocol.races) == ("median", True)
    assert (plan.pruner, plan.pruner_options, plan.protocol.races) == ("none", {}, False)


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ([{"name": "val_accuracy"}], "0.name", "is already the main objective"),
        ([{"name": "seconds"}, {"name": "seconds"}], "1.name", "appears twice"),
        (
            [{"name": "val_nothing"}],
            "0.name",
            "can't be an objective of this search. Known: val_loss",
        ),
        ([{"name": "val_mae"}], "0.name", "can't be an objective of this search"),
        ([{"name": "custom"}], "0.name", "can't be an objective of this search"),
        ([{"name": "val_f1"}], "0.name", "Not measured. Add f1 to the metrics."),
        ([{"name": 7}], "0.name", "Expected text"),
        ([{}], "0.name", "This field is missing."),
        (["parameters"], "0", "object"),
        ([{"name": "seconds", "weight": 2}], "0.weight", "Unknown"),
        ([{"name": "seconds", "direction": "up"}], "0.direction", "minimize, maximize"),
        (
            [{"name": "seconds", "direction": "maximize"}],
            "0.direction",
            "seconds is better when lower. Choose minimize.",
        ),
        (
            [{"name": name} for name in ("loss", "seconds", "parameters", "val_loss")],
            "",
            "3 are allowed",
        ),
    ],
)
def test_what_cant_be_used_is_named(more, path, words):
    place = ".".join(part for part in ("more_objectives", path) if part)
    assert words in problems(several(*more))[place]


def test_a_metric_of_another_task_is_none_of_this_one():
    plan = PLAN | {"more_objectives": [{"name": "final_accuracy"}]}
    assert "final_rmse" in problems(plan, TABLE)["more_objectives.0.name"]
