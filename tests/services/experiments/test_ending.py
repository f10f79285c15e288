"""The end of a search: not while something of it still waits."""

import pytest

from experiments.models import Experiment, Trial
from experiments.services.experiments.ending import conclude
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.trials.lifecycle import add_trial
from experiments.tuner.turn import propose
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize("nothing_left", ["", "The budget of 1 trial is used up."])
def test_a_trial_that_another_turn_has_just_added_is_still_tried(
    project, owner, queues, nothing_left
):
    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    add_trial(experiment.pk, propose(experiment))  # and is not claimed yet
    conclude(experiment.pk, nothing_left=nothing_left)
    experiment.refresh_from_db()
    assert experiment.state in Experiment.TURNING
    run_search(experiment, make_seat())
    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.trials.get().state == Trial.State.COMPLETED
