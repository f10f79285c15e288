"""Baselines of a search as reports read them: one row for each kind, whichever trial it comes from."""

import pytest

from experiments.models import Trial
from experiments.reports.winner.baselines import baselines
from experiments.services.experiments.baselines import start_search
from tests.searches import make_experiment, make_seat, run_search


@pytest.fixture
def search(project, owner, queues):
    """A search whose first trial is the default configuration, and its baselines, all finished."""
    experiment = make_experiment(project, max_trials=3, repeats=3)
    experiment.space_versions.update(sampler="bayesian")
    start_search(experiment, by=owner)
    run_search(experiment, make_seat())
    for run in experiment.follow_ups.all():
        run_search(run, make_seat())
    return experiment


def default_of(search, winner):
    scores = [each.score for each in winner.executions.all()]
    found = baselines(search, winner, scores, looks=3)
    [default] = [each for each in found if each.name == "Default configuration"]
    return default


def test_the_default_configuration_is_the_run_of_its_own(search):
    """Not the search's first trial of the same values, which may be pruned."""
    first, other, _ = search.trials.order_by("number")
    run = search.follow_ups.order_by("pk")[1]
    assert first.values_key == run.trials.get().values_key
    default = default_of(search, other)
    assert default.run == run and default.trial == run.trials.get()
    assert len(default.scores) == 3 and default.gain is not None
    Trial.objects.filter(pk=first.pk).update(state="pruned", score=None)
    assert default_of(search, other).trial == run.trials.get()


def test_the_searchs_own_trial_stands_in_where_the_run_has_no_score(search):
    first, other, _ = search.trials.order_by("number")
    run = search.follow_ups.order_by("pk")[1]
    run.trials.update(state="failed", score=None)
    assert default_of(search, other).trial == first


def test_a_winner_of_the_default_values_is_compared_with_no_repeat_of_itself(search):
    first = search.trials.order_by("number")[0]
    default = default_of(search, first)
    assert default.is_winner and default.trial == first
    assert (default.gain, default.beaten) == (None, None)


def test_another_trial_of_the_default_values_that_won_is_no_rival_of_itself(search):
    first, other, _ = search.trials.order_by("number")
    Trial.objects.filter(pk=other.pk).update(values=first.values, values_key=first.values_key)
    other.refresh_from_db()
    default = default_of(search, other)
    assert default.is_winner and default.trial == other


def test_executions_test_both_directions(search):
    winner = search.trials.order_by("number")[1]
    for score, beaten, wins in [(0.99, False, True), (0.01, True, False)]:
        for run in search.follow_ups.all():
            for each in run.trials.get().executions.order_by("index"):
                each.score = score + each.index / 10_000
                each.history = {}
                each.save()
        found = [each for each in baselines(search, winner, (0.5, 0.5, 0.5), looks=1) if each.run]
        assert {(each.beaten, each.wins) for each in found} == {(beaten, wins)}
