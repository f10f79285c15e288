"""The data of the chart that sets validation against training."""

import pytest

from experiments.reports.analysis.generalization import generalization_report
from tests.examples import make_experiment

pytestmark = pytest.mark.django_db


def searched(project, metrics):
    experiment = make_experiment(project, trials=3)
    for trial, found in zip(experiment.trials.order_by("number"), metrics, strict=True):
        trial.state, trial.metrics = "completed", found
        trial.save(update_fields=["state", "metrics"])
    return experiment


def test_the_objective_stands_beside_its_training_metric(project):
    both = {"accuracy": 0.9, "val_accuracy": 0.8}
    report = generalization_report(searched(project, [both, {"val_accuracy": 0.7}, both]))
    assert (report["training"], report["validation"]) == ("accuracy", "val_accuracy")
    assert report["direction"] == "maximize"
    assert (report["number"], report["x"], report["y"]) == ([0, 2], [0.9, 0.9], [0.8, 0.8])


def test_an_objective_without_a_training_metric_leaves_the_loss(project):
    experiment = searched(project, [{"loss": 0.1, "val_loss": 0.3, "score": 1.0}] * 3)
    experiment.objective = "score"
    report = generalization_report(experiment)
    assert (report["validation"], report["direction"]) == ("val_loss", "minimize")
    assert report["y"] == [0.3] * 3


def test_nothing_recorded_is_nothing_told(project, django_assert_num_queries):
    experiment = searched(project, [{}, {"val_accuracy": 0.5}, {"accuracy": 0.5}])
    with django_assert_num_queries(1):
        report = generalization_report(experiment)
    assert (report["validation"], report["number"]) == ("", [])


def test_trials_that_were_set_aside_or_did_not_end_are_left_out(project):
    experiment = searched(project, [{"accuracy": 0.9, "val_accuracy": 0.8}] * 3)
    experiment.trials.filter(number=0).update(set_aside="wrong labels")
    experiment.trials.filter(number=1).update(state="pruned")
    assert generalization_report(experiment)["number"] == [2]
