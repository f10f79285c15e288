"""What is done to many trials at once: all in one transaction, told in one line."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Activity
from experiments.services.experiments.states import NotAllowed
from experiments.services.trials.bulk import requeue_trials, stop_trials
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


@pytest.fixture
def experiment(project, owner, queues):
    experiment = make_experiment(project, trials=12, running=2, state="running", max_trials=40)
    experiment.trials.filter(number__in=[0, 1]).update(state="paused")
    experiment.trials.filter(number=2).update(state="failed", failure_kind="nan")
    experiment.trials.filter(number=3).update(state="stopped")
    return experiment


def states(experiment):
    return dict(experiment.trials.values_list("number", "state"))


def test_stopping_tells_what_it_did_and_leaves_the_rest(experiment, owner):
    done = stop_trials(experiment, [0, 1, 5, 10, 11, 99], by=owner)
    assert (done.changed, done.left) == (4, 2)
    after = states(experiment)
    assert [after[number] for number in (0, 1, 5, 10)] == [
        "stopped", "stopped", "completed", "running",
    ]  # fmt: skip
    assert list(experiment.trials.filter(stop_wanted=True).values_list("number", flat=True)) == [
        10,
        11,
    ]
    line = Activity.objects.get(experiment=experiment, verb="trial.stopping")
    assert line.text == "Stopped 2 trials (0, 1) and requested a stop of 2 trials (10, 11)"
    assert line.user == owner
    assert line.detail == {"numbers": [0, 1, 10, 11]}


def test_putting_back_clears_the_failure(experiment, owner):
    done = requeue_trials(experiment, [2, 3, 4], by=owner)
    assert (done.changed, done.left, done.text) == (2, 1, "Requeued 2 trials (2, 3)")
    trial = experiment.trials.get(number=2)
    assert (trial.state, trial.failure_kind) == ("waiting", "")


@pytest.mark.parametrize("act", [stop_trials, requeue_trials])
def test_where_none_can_be_changed_nothing_is(experiment, owner, act):
    serial = experiment.event_serial
    with pytest.raises(NotAllowed):
        act(experiment, [5, 6, 99], by=owner)
    experiment.refresh_from_db()
    assert experiment.event_serial == serial


@pytest.mark.parametrize("act", [stop_trials, requeue_trials])
def test_as_many_queries_for_many_as_for_two(experiment, owner, act):
    counts = []
    for numbers in ([0, 2], range(12)):
        experiment.trials.filter(number__in=[0, 1]).update(state="paused")
        experiment.trials.filter(number__in=[2, 3]).update(state="failed")
        with CaptureQueriesContext(connection) as seen:
            act(experiment, list(numbers), by=owner)
        counts.append(len(seen))
    assert counts[0] == counts[1] or abs(counts[0] - counts[1]) <= 1
