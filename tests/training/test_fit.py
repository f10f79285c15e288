"""How an execution is trained: what a plan may say, and what older experiments said."""

import copy

import pytest

from experiments.plan import DataFacts, ExperimentPlan, PlanError
from experiments.search.declarations import stored_part
from experiments.training.fit import (
    Fit,
    ReduceLROnPlateau,
    early_stopping_order,
    fit_of_refit,
    reduce_lr_order,
)
from experiments.training.schedule import Schedule
from tests.test_plan import IMAGE, PLAN, row_index


def plan_of(fit, epochs=None):
    plan = copy.deepcopy(PLAN) | {"fit": fit}
    if epochs:
        row = {"name": "epochs", "type": "int", "min": epochs[0], "max": epochs[1]}
        plan["space"]["hyperparameters"][row_index("epochs")] = row
    return plan


def problems(fit, **changes):
    with pytest.raises(PlanError) as error:
        ExperimentPlan.from_dict(plan_of(fit, **changes), DataFacts(IMAGE))
    return {problem.path: problem.message for problem in error.value.problems}


def test_a_whole_fit_survives_json_and_reaches_the_child():
    plateau = {"monitor": "val_loss", "factor": 0.3, "patience": 4, "cooldown": 2, "min_lr": 1e-5}
    wanted = {
        "early_stopping_patience": 7,
        "early_stopping_monitor": "val_loss",
        "early_stopping_baseline": 0.4,
        "early_stopping_start_from_epoch": 2,
        "reduce_lr": plateau,
        "on_nan": "stop",
    }
    fit = ExperimentPlan.from_dict(plan_of(wanted), DataFacts(IMAGE)).fit
    assert stored_part(Fit, fit.to_dict()) == fit
    stopping = early_stopping_order(fit, "val_accuracy", "maximize")
    assert (stopping.monitor, stopping.mode, stopping.baseline) == ("val_loss", "min", 0.4)
    order = reduce_lr_order(fit, "val_accuracy", "maximize")
    assert (order.factor, order.patience, order.cooldown, order.min_lr) == (0.3, 4, 2, 1e-5)


def test_an_empty_monitor_is_the_objective_with_its_direction():
    fit = Fit(reduce_lr=ReduceLROnPlateau())
    assert early_stopping_order(fit, "val_accuracy", "maximize").mode == "max"
    assert reduce_lr_order(fit, "val_loss", "minimize").mode == "min"


def test_a_refit_follows_the_schedule_of_its_trial_and_nothing_that_validation_rows_decided():
    fit = Fit(reduce_lr=ReduceLROnPlateau(), schedule=Schedule("cosine"))
    refit = fit_of_refit(fit, "val_accuracy", 30)
    assert (refit.early_stopping_patience, refit.reduce_lr) == (None, None)
    assert refit.schedule == Schedule("cosine", epochs=30)
    by_loss = Fit(reduce_lr=ReduceLROnPlateau(monitor="loss"))
    assert fit_of_refit(by_loss, "val_loss", 30).reduce_lr


@pytest.mark.parametrize(
    "stored", [{}, {"early_stopping_patience": 5, "class_weight": False}, {"someday": 1}]
)
def test_what_another_version_stored_reads_with_todays_defaults(stored):
    assert stored_part(Fit, stored) == Fit()


@pytest.mark.parametrize(
    ("fit", "path", "words"),
    [
        ({"early_stopping_monitor": "val_auc"}, "early_stopping_monitor", "isn't measured"),
        ({"early_stopping_mode": "up"}, "early_stopping_mode", "auto, min, max"),
        ({"early_stopping_mode": "min"}, "early_stopping_mode", "Choose auto"),
        ({"early_stopping_baseline": "low"}, "early_stopping_baseline", "number"),
        (
            {"early_stopping_start_from_epoch": 10_000},
            "early_stopping_start_from_epoch",
            "Start earlier",
        ),
        ({"reduce_lr": {"monitor": "loss2"}}, "reduce_lr.monitor", "isn't measured"),
        ({"reduce_lr": {"factor": 1.0}}, "reduce_lr.factor", "between 1e-06 and 0.999"),
        ({"reduce_lr": {"min_lr": 0.5}}, "reduce_lr.min_lr", "none would be reduced"),
        ({"reduce_lr": {"speed": 2}}, "reduce_lr.speed", "Unknown"),
        ({"reduce_lr": [1]}, "reduce_lr", "object"),
        ({"schedule": {}}, "schedule.kind", "missing"),
        ({"schedule": {"kind": "saw"}}, "schedule.kind", "Unknown"),
        ({"schedule": {"kind": "cosine", "alpha": 2}}, "schedule.alpha", "between 0 and 1"),
        ({"schedule": {"kind": "cosine"}, "reduce_lr": {}}, "reduce_lr", "Choose one"),
        ({"on_nan": "go on"}, "on_nan", "fail, stop"),
    ],
)
def test_what_a_fit_may_not_say(fit, path, words):
    found = problems(fit)
    assert words in found[f"fit.{path}"]


def test_a_warm_up_must_leave_epochs_to_every_trial():
    schedule = {"kind": "warmup_cosine", "warmup_epochs": 5}
    found = problems({"schedule": schedule}, epochs=(5, 40))
    assert "only 5 epochs" in found["fit.schedule.warmup_epochs"]
    plan = plan_of({"schedule": schedule}, epochs=(6, 40))
    assert ExperimentPlan.from_dict(plan, DataFacts(IMAGE)).fit.schedule == Schedule(
        "warmup_cosine"
    )


def test_one_cycle_needs_three_epochs():
    found = problems({"schedule": {"kind": "one_cycle"}}, epochs=(2, 40))
    assert "one cycle takes 3" in found["fit.schedule.kind"]
