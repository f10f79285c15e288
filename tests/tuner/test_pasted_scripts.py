"""The two samples of the article, pasted unchanged: what they say fills the form, and their trials run."""

import re
from dataclasses import replace

import pytest

from experiments.plan import Budget
from experiments.services.datasets.built_in import load_built_in
from experiments.tuner.script_output import output_of
from tests.pasted import PLAIN, TUNED
from tests.searches import make_dataset
from tests.tuner.conftest import fixed, plan_in_form

pytestmark = pytest.mark.training


def test_the_first_sample_fills_the_form_and_its_trials_run(project, pasted, searched):
    dataset = make_dataset(project)
    version = pasted(TUNED)
    plan = plan_in_form(project, version, dataset)
    assert plan.name == "helloworld"
    assert (plan.objective, plan.direction) == ("val_accuracy", "maximize")
    assert (plan.budget.max_trials, plan.protocol.repeats) == (10, 3)
    assert not plan.protocol.races
    assert (plan.protocol.kind, plan.protocol.validation_share) == ("holdout", 0.2)
    assert (plan.sampler, plan.pruner) == ("random", "none")
    assert plan.fit.early_stopping_patience is None
    assert (fixed(plan, "epochs"), fixed(plan, "batch_size")) == (30, 32)

    short = plan.space.to_dict()
    for row in short["hyperparameters"]:
        if row["name"] == "epochs":
            row["value"] = 2
    plan = replace(plan, space=type(plan.space).from_dict(short), budget=Budget(max_trials=2))
    experiment = searched(plan)
    for trial in experiment.trials.all():
        assert trial.state == "completed", trial.failure_message
        assert trial.executions.count() == 3
        assert all(len(e.history["val_accuracy"]) == 2 for e in trial.executions.all())
    assert experiment.training_data.is_form  # load_data() returned the form's rows
    baseline = experiment.follow_ups.get()
    assert baseline.hypermodel_version.hypermodel.slug == "linear"
    best = experiment.trials.order_by("-score", "number")[0].values
    told = output_of(experiment)
    assert told.problem == "", told.traceback
    assert "Search space summary\nDefault search space size: 3\nunits (Int)" in told.printed
    assert f"first dense layer is {best['units']}" in told.printed
    assert f"the learning rate is {best['learning_rate']}" in told.printed


def test_the_second_sample_is_a_single_trial_on_its_own_data(project, pasted, searched):
    mnist = load_built_in("mnist")
    version = pasted(PLAIN)
    plan = plan_in_form(project, version)
    assert plan.dataset_version == mnist.pk
    assert (plan.budget.max_trials, plan.protocol.executions) == (1, 1)
    assert (plan.objective, fixed(plan, "epochs"), fixed(plan, "batch_size")) == (
        "val_accuracy",
        10,
        128,
    )
    experiment = searched(plan)
    trial = experiment.trials.get()
    assert trial.state == "completed", trial.failure_message
    assert trial.parameters == 25_450
    execution = trial.executions.get()
    history = execution.history
    assert len(history["loss"]) == len(history["val_accuracy"]) == 10
    assert history["val_accuracy"][-1] > 0.94
    assert "mnist isn't imported" in execution.log
    assert "10,000 validation rows" in execution.log
    assert "accuracy is added" in execution.log

    seen = "60,000 training and 10,000 validation rows of 784 float32, target: 10 classes"
    assert experiment.training_data.details == seen

    told = output_of(experiment)
    assert told.problem == "", told.traceback
    printed = dict(re.findall(r"Test (\w+): ([\d.]+)", told.printed))
    assert float(printed["loss"]) == pytest.approx(min(history["val_loss"]), abs=0.05)
    assert float(printed["accuracy"]) == pytest.approx(max(history["val_accuracy"]), abs=1e-6)
