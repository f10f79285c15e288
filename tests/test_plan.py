"""Plans: one validator that finds everything, and the plan of a first search."""

import copy
import json
import math

import pytest

from experiments.catalog.registry import CATALOG
from experiments.data_schema import Column, DataSchema
from experiments.plan import DataFacts, ExperimentPlan, PlanError, default_plan

IMAGE = DataSchema(
    kind="image",
    task="classification",
    shape=(8, 8, 1),
    scale=16.0,
    classes=tuple("0123456789"),
    rows=1797,
)
TABLE = DataSchema(
    kind="table",
    task="regression",
    shape=(2, 0),
    target="y",
    columns=(Column("a", "number"), Column("b", "number")),
    rows=400,
    test_rows=100,
)
SCHEMAS = {"image": IMAGE, "table": TABLE}
PLAN = default_plan(IMAGE, CATALOG["image-mlp"], 7, "First search").to_dict()
PLAN["protocol"]["kind"] = "holdout"


def changed(path, value):
    """The plan with one field changed; numbers in the path index lists."""
    plan = copy.deepcopy(PLAN)
    *holders, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target = plan
    for holder in holders:
        target = target[holder]
    target[last] = value
    return plan


def problems(plan, schema=IMAGE):
    with pytest.raises(PlanError) as error:
        ExperimentPlan.from_dict(plan, DataFacts(schema))
    return {problem.path: problem.message for problem in error.value.problems}


def row_index(name):
    return [row["name"] for row in PLAN["space"]["hyperparameters"]].index(name)


@pytest.mark.parametrize(
    ("slug", "data"),
    [
        (slug, data)
        for slug in CATALOG
        for data in SCHEMAS
        if not CATALOG[slug].refuses(SCHEMAS[data])
    ],
)
def test_the_default_plan_of_every_template_is_valid_and_survives_json(slug, data):
    schema = SCHEMAS[data]
    plan = default_plan(schema, CATALOG[slug], 3, "First")
    again = ExperimentPlan.from_dict(json.loads(json.dumps(plan.to_dict())), DataFacts(schema))
    assert again == plan
    assert len(plan.space) >= (1 if slug == "linear" else 2)


def test_the_default_plan_is_a_careful_one():
    image = default_plan(IMAGE, CATALOG["cnn"], 1, "A")
    assert (image.objective, image.direction) == ("val_accuracy", "maximize")
    assert image.protocol.locked_test_share == 0.2
    assert (image.protocol.words, image.protocol.respecting) == ("5-fold", "classes")
    table = default_plan(TABLE, CATALOG["table-mlp"], 1, "A")
    assert (table.objective, table.direction) == ("val_rmse", "minimize")
    assert table.protocol.locked_test_share is None
    assert (table.protocol.words, table.protocol.respecting) == ("5-fold", "none")
    rare = default_plan(IMAGE, CATALOG["cnn"], 1, "A", class_counts=(1793, 4))
    assert rare.protocol.words == "3-fold"


def test_what_may_be_left_out_gets_its_default():
    least = {name: PLAN[name] for name in ("name", "dataset_version", "model", "space")}
    plan = ExperimentPlan.from_dict(
        least | {"objective": "val_accuracy", "budget": {"max_trials": 5}}, DataFacts(IMAGE)
    )
    assert plan.sampler == "auto"
    assert plan.direction == "maximize"
    assert plan.metrics == ("accuracy",)
    assert plan.fit.early_stopping_patience == 5
    assert plan.budget.parallel == 1


def test_a_protocol_of_null_is_the_default_one():
    plan = ExperimentPlan.from_dict(changed("protocol", None), DataFacts(IMAGE))
    assert plan.protocol.validation_share == 0.2


def test_an_early_stopping_of_null_is_off():
    plan = ExperimentPlan.from_dict(changed("fit.early_stopping_patience", None), DataFacts(IMAGE))
    assert plan.fit.early_stopping_patience is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *(("budget.max_trials", value) for value in (0, -1, 1e18, 10**18, 1.5, "ten", None, True)),
        *(("budget.max_trials", value) for value in (math.nan, math.inf, [], {}, 100_001)),
        *(("budget.max_seconds", value) for value in (0, -1, 1e18, 1.5, "ten")),
        *(("budget.target_score", value) for value in ("high", math.nan, True, 95, 1.01, -0.1)),
        *(("budget.max_failures", value) for value in (0, 1001)),
        *(("budget.parallel", value) for value in (0, 65, -1, 1.5, "2", 1e18)),
        ("budget.foo", 1),
        ("budget", "much"),
        ("budget", [1]),
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 10_000),
        ("name", "a\0b"),
        ("name", "\ud800"),
        ("name", "two\nlines"),
        ("name", 3),
        ("name", None),
        ("notes", "x" * 20_001),
        ("notes", "a\0"),
        ("tags", "a,b"),
        ("tags", ["x"] * 21),
        ("dataset_version", 0),
        ("dataset_version", "1"),
        ("dataset_version", None),
        ("model", "transformer"),
        ("model", None),
        ("model", ["cnn"]),
        ("space", None),
        ("space", {"hyperparameters": []}),
        ("sampler", "bayes"),
        ("sampler", 3),
        ("sampler_options", {"resolution": 5}),
        ("sampler_options", [1]),
        ("protocol", "holdout"),
        ("protocol.validation_share", 0),
        ("protocol.validation_share", 0.0001),
        ("protocol.locked_test_share", None),
        ("protocol.repeats", 0),
        ("objective", "val_auc"),
        ("objective", "val_mae"),
        ("objective", "val_top_3_accuracy"),
        ("objective", None),
        ("objective", ["val_loss"]),
        ("direction", "up"),
        ("direction", "minimize"),
        ("score_rule", "median"),
        ("score_rule", "mean:1"),
        ("score_rule", "mean:100"),
        ("score_rule", None),
        ("metrics", ["accuracy", "mae"]),
        ("metrics", "accuracy"),
        ("metrics", [["accuracy"]]),
        ("fit.early_stopping_patience", -1),
        ("fit.early_stopping_patience", "five"),
        ("fit.early_stopping_min_delta", -0.1),
        ("fit.early_stopping_min_delta", math.nan),
        ("fit.class_weight", "yes"),
        ("fit.deterministic", 1),
        ("fit.method", "slow"),
        ("fit.foo", 1),
        ("seed", -1),
        ("seed", 2**32),
        ("seed", 1.5),
        ("seed", "lucky"),
        ("pruner", "guillotine"),
        ("pruner_options", {"levels": 3}),
        ("__proto__", {}),
    ],
)
def test_what_a_plan_may_not_be(path, value):
    found = problems(changed(path, value))
    assert any(each == path or each.startswith(f"{path}.") for each in found), found
    assert all(message.endswith((".", "…")) for message in found.values())


def test_everything_that_is_wrong_is_found_at_once():
    plan = changed("budget.max_trials", 0)
    plan |= {"name": "", "seed": -1, "objective": "nonsense", "extra": 1}
    plan["space"]["hyperparameters"][0] |= {"min": 9, "max": 1}
    plan["protocol"]["repeats"] = 0
    assert set(problems(plan)) == {
        *("budget.max_trials", "name", "seed", "objective", "extra"),
        *("space.hyperparameters.0.min", "protocol.repeats"),
    }


@pytest.mark.parametrize("source", [None, [], "plan", 3])
def test_a_plan_must_be_an_object(source):
    assert set(problems(source)) == {""}


def test_a_grid_of_a_million_million_points_is_refused_for_grid_search_only():
    plan = copy.deepcopy(PLAN)
    for name in ("units", "epochs", "batch_size"):
        row = {"name": name, "type": "int", "min": 1, "max": 4000}
        plan["space"]["hyperparameters"][row_index(name)] = row
    plan["space"]["hyperparameters"][row_index("l2")] = {
        **{"name": "l2", "type": "float", "min": 0, "max": 1, "step": 0.01},
    }
    ExperimentPlan.from_dict(plan, DataFacts(IMAGE))
    plan["sampler"] = "grid"
    found = problems(plan)
    assert set(found) == {"space.hyperparameters"}
    assert "points" in found["space.hyperparameters"]


@pytest.mark.parametrize("name", ["epochs", "batch_size"])
def test_every_trial_needs_epochs_and_a_batch_size(name):
    plan = copy.deepcopy(PLAN)
    del plan["space"]["hyperparameters"][row_index(name)]
    assert name in problems(plan)["space.hyperparameters"]
    plan = copy.deepcopy(PLAN)
    plan["space"]["hyperparameters"][row_index(name)]["only_if"] = {
        **{"name": "optimizer", "values": ["adam"]},
    }
    assert set(problems(plan)) == {f"space.hyperparameters.{row_index(name)}.only_if"}


def test_values_that_no_model_can_be_built_with_are_named_at_their_field():
    index = row_index("units")
    row = {"name": "units", "type": "int", "min": 0, "max": 10**9}
    found = problems(changed(f"space.hyperparameters.{index}", row))
    assert set(found) == {f"space.hyperparameters.{index}.min"}
    row = {"name": "units", "type": "choice", "choices": [32, "many"]}
    assert f"space.hyperparameters.{index}.choices" in problems(
        changed(f"space.hyperparameters.{index}", row)
    )
    row = {"name": "units", "type": "float", "min": 1, "max": 2.5}
    assert f"space.hyperparameters.{index}.max" in problems(
        changed(f"space.hyperparameters.{index}", row)
    )


def test_a_row_that_the_model_does_not_read_is_refused():
    plan = copy.deepcopy(PLAN)
    plan["space"]["hyperparameters"].append({"name": "wings", "type": "boolean"})
    (message,) = problems(plan).values()
    assert '"wings"' in message


def test_a_model_that_does_not_take_the_data_is_refused_at_the_model():
    assert "model" in problems(PLAN, TABLE)


def test_losses_of_different_kinds_rank_nothing():
    table = default_plan(TABLE, CATALOG["table-mlp"], 1, "A").to_dict()
    rows = table["space"]["hyperparameters"]
    index = [row["name"] for row in rows].index("loss")
    rows[index] = {"name": "loss", "type": "choice", "choices": ["mse", "mae"]}
    ExperimentPlan.from_dict(table, DataFacts(TABLE))
    table |= {"objective": "val_loss", "direction": "minimize"}
    assert set(problems(table, TABLE)) == {"objective"}


def test_class_weights_need_classes():
    table = default_plan(TABLE, CATALOG["table-mlp"], 1, "A").to_dict()
    table["fit"]["class_weight"] = True
    assert set(problems(table, TABLE)) == {"fit.class_weight"}


def test_layers_of_another_model_are_dropped():
    plan = ExperimentPlan.from_dict(PLAN | {"layers": [{"kind": "dense"}]}, DataFacts(IMAGE))
    assert plan.layers == ()


def test_a_layer_list_without_layers_is_refused():
    assert "layers" in problems(PLAN | {"model": "layers", "layers": []})


def test_names_are_trimmed_and_tags_come_once():
    plan = ExperimentPlan.from_dict(
        PLAN | {"name": "  Night run ", "tags": ["a", " a ", "b"]}, DataFacts(IMAGE)
    )
    assert plan.name == "Night run"
    assert plan.tags == ("a", "b")


def test_text_in_any_script_is_welcome():
    plan = ExperimentPlan.from_dict(
        PLAN | {"name": "Größe 超参数 👩‍🔬", "notes": "line\nline\ttab"}, DataFacts(IMAGE)
    )
    assert plan.name == "Größe 超参数 👩‍🔬"
