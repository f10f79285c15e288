"""What curves came to: last and best epoch, by each metric's direction."""

import pytest

from experiments.models import Trial
from experiments.services.trials.curve_summaries import epoch_figures
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.both_databases


def test_means_over_executions_of_the_last_and_the_best_epoch():
    histories = [
        {"val_loss": [3.0, 1.0, 2.0], "val_accuracy": [0.1, 0.9, 0.5]},
        {"val_loss": [4.0, 3.0], "val_accuracy": [0.3, 0.7]},
    ]
    assert epoch_figures(histories) == {
        "val_loss": {"last": 2.5, "best": 2.0},
        "val_accuracy": {"last": 0.6, "best": 0.8},
    }


def test_what_diverged_has_no_number():
    assert epoch_figures([{"loss": [1.0, None]}]) == {"loss": {"last": None, "best": 1.0}}
    assert epoch_figures([{"loss": [float("inf")]}]) == {"loss": {"last": None, "best": None}}
    assert epoch_figures([{"loss": [1.0]}, {}]) == {"loss": {"last": None, "best": None}}


def test_a_trial_has_them_once_its_attempt_ended(project, owner, queues):
    from experiments.services.experiments.lifecycle import start_experiment

    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat())
    trial = Trial.objects.get(experiment=experiment)
    curve = trial.executions.get().history[experiment.objective]
    assert trial.epoch_figures[experiment.objective] == {"last": curve[-1], "best": max(curve)}
