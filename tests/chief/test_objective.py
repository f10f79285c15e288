"""Scripts never say what they are tuned for: it is taken where it is plain, else people are asked."""

import pytest

from experiments.models import Experiment, Trial
from experiments.services.experiments.objective_choice import (
    choose_objective,
    names_to_choose_from,
)
from experiments.services.experiments.states import NotAllowed
from tests.chief.scripts import connected
from tests.outside import SPACE

METRICS = {"loss": 0.3, "val_loss": 0.4, "val_accuracy": 0.9}


def test_an_open_objective_pauses_the_search_with_the_names_that_came(project, owner):
    experiment, script = connected(project, owner, space=SPACE, objective="")
    script.run(**METRICS)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.PAUSED
    assert set(names_to_choose_from(experiment)) == set(METRICS)
    assert script.create() is None
    assert experiment.trials.get().state == Trial.State.COMPLETED  # nothing was lost


def test_the_choice_scores_what_has_ended_and_the_search_goes_on(project, owner):
    experiment, script = connected(project, owner, space=SPACE, objective="")
    trial = script.create()
    script.update(trial, 0, val_loss=0.2, val_accuracy=0.5)
    script.update(trial, 1, val_loss=0.3, val_accuracy=0.8)
    script.end(trial)
    assert experiment.trials.get().score == 0.2  # the likeliest, until somebody chose
    experiment = choose_objective(experiment, "val_accuracy", "maximize", by=owner)
    assert (experiment.objective, experiment.direction) == ("val_accuracy", "maximize")
    assert experiment.trials.get().score == 0.8
    assert experiment.trials.get().executions.get().score == 0.8
    assert experiment.best_trial.number == 0
    assert names_to_choose_from(experiment) == ()
    script.run(0.6)
    experiment.refresh_from_db()
    assert (experiment.state, experiment.best_trial.number) == (Experiment.State.RUNNING, 0)
    assert script.best(1)[0].best_step == 1


def test_an_objective_that_the_script_does_not_report_is_asked_for_anew(project, owner):
    experiment, script = connected(project, owner, space=SPACE, objective="val_acc")
    script.run(**METRICS)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.PAUSED
    assert "val_accuracy" in names_to_choose_from(experiment)


def test_a_later_script_that_lacks_the_objective_fails_its_trial_alone(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    script.run(0.5)
    script.run(rmse=0.5)
    failed = experiment.trials.get(number=1)
    assert failed.state == Trial.State.FAILED
    assert "val_accuracy isn't among the reported metrics: rmse" in failed.failure_message
    assert script.create().status == "RUNNING"


@pytest.mark.parametrize(
    ("metrics", "name", "direction"),
    [
        ({"multi_objective": -0.5, "val_loss": 0.4, "val_accuracy": 0.9}, "multi_objective", "minimize"),
        ({"default_objective": 3.0}, "default_objective", "minimize"),
        ({"val_f1_score": 0.5}, "val_f1_score", "maximize"),
    ],
)  # fmt: skip
def test_a_plain_objective_is_taken_without_asking(project, owner, metrics, name, direction):
    experiment, script = connected(project, owner, space=SPACE, objective="")
    script.run(**metrics)
    experiment.refresh_from_db()
    assert (experiment.objective, experiment.direction) == (name, direction)
    assert experiment.state == Experiment.State.RUNNING
    assert experiment.trials.get().score == metrics[name]


def test_several_objectives_are_read_out_of_the_metrics(project, owner):
    more = [{"name": "val_loss", "direction": "minimize"}]
    experiment, script = connected(project, owner, space=SPACE, more_objectives=more)
    script.run(**METRICS, multi_objective=-0.5)
    found = experiment.trials.get()
    assert (found.score, found.metrics["val_loss"]) == (0.9, 0.4)


def test_only_what_was_reported_can_be_chosen(project, owner):
    experiment, script = connected(project, owner, space=SPACE, objective="")
    script.run(**METRICS)
    with pytest.raises(NotAllowed, match="No script reported the metric rmse"):
        choose_objective(experiment, "rmse", "minimize", by=owner)
