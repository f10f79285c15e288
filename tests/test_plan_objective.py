"""Custom objectives in a plan."""

import pytest

from experiments.plan import DataFacts, ExperimentPlan
from experiments.training.fit import Fit, early_stopping_order
from tests.test_plan import IMAGE, PLAN, problems


def custom(expression, **changes):
    settings = {"objective": "custom", "expression": expression, "direction": "maximize"}
    return PLAN | settings | changes


def test_a_custom_objective_has_a_direction_of_its_own():
    text = "val_loss - val_accuracy"
    plan = ExperimentPlan.from_dict(custom(text, direction="minimize"), DataFacts(IMAGE))
    assert (plan.objective, plan.expression, plan.direction) == ("custom", text, "minimize")
    again = ExperimentPlan.from_dict(plan.to_dict(), DataFacts(IMAGE))
    assert again == plan


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "Empty"),
        ("val_f1", "Not measured. Add f1 to the metrics."),
        ("val_nothing", 'There is no metric named "val_nothing"'),
        ("val_mae", 'There is no metric named "val_mae"'),
        ("__import__('os')", "Supported functions:"),
        ("val_loss + x" + "1" * 400, "300"),
    ],
)
def test_an_expression_that_cant_be_used_is_named(expression, words):
    assert words in problems(custom(expression))["expression"]


def test_an_expression_of_another_objective_is_left_out():
    plan = PLAN | {"expression": "rubbish("}
    assert ExperimentPlan.from_dict(plan, DataFacts(IMAGE)).expression == ""


def test_early_stopping_follows_the_direction_of_a_custom_objective():
    fit = Fit(early_stopping_patience=3)
    for direction, mode in (("maximize", "max"), ("minimize", "min")):
        assert early_stopping_order(fit, "custom", direction).mode == mode
    assert early_stopping_order(fit, "val_loss", "minimize").mode == "min"
