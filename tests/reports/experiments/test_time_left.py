"""How long a search still takes, as a range."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import Trial
from experiments.reports.experiments.head import experiment_head
from experiments.reports.experiments.time_left import (
    recent_lengths,
    recent_lengths_of,
    seconds_left,
)
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


@pytest.fixture
def search(project):
    """Twenty trials planned, twelve begun, each of them 4 s of training in 10 s of time."""
    experiment = make_experiment(project, trials=12, state="running", max_trials=20)
    now = timezone.now()
    experiment.trials.update(seconds=4.0, started=now, ended=now + timedelta(seconds=10))
    return experiment


def test_trials_take_from_their_start_to_their_end(search):
    search.pruner = "none"
    search.save()
    assert recent_lengths(search) == [10.0] * 12
    assert recent_lengths_of([search]) == {search.pk: [10.0] * 12}
    assert seconds_left(search, [10.0] * 12, 12, 0, 0.0) == (72.0, 88.0)


def test_where_a_trial_may_rest_its_training_alone_counts(search):
    search.pruner = "asha"
    search.save()
    assert recent_lengths(search) == [4.0] * 12


def test_the_range_reaches_from_no_pause_that_ends_to_all_of_them(search):
    search.pruner = "asha"
    search.save()
    search.trials.filter(number__lt=11).update(state="paused", ended=None, score=None)
    head = experiment_head(search)
    assert (head.settled, head.counts["paused"]) == (1, 11)
    low, high = head.seconds_left
    assert low == pytest.approx(8 * 4 * 0.9) and high == pytest.approx(19 * 4 * 1.1)


def test_a_search_whose_trials_all_rest_is_nearly_over(search):
    search.pruner = "asha"
    search.max_trials = 12
    search.save()
    Trial.objects.filter(experiment=search).update(state="paused", ended=None, score=None)
    low, high = experiment_head(search).seconds_left
    assert low == 0 and high == pytest.approx(12 * 4 * 1.1)


@pytest.mark.parametrize("state", ["pausing", "stopping"])
def test_a_search_that_is_about_to_end_has_nothing_left(search, state):
    search.state = state
    assert seconds_left(search, [10.0] * 12, 12, 0, 0.0) is None


def test_nothing_but_the_time_budget_is_known_before_two_trials(search):
    search.plan = {"budget": {"max_seconds": 100}}
    assert seconds_left(search, [4.0], 1, 0, 30.0) == (0.0, 70.0)
    search.plan = {}
    assert seconds_left(search, [4.0], 1, 0, 30.0) is None
