"""A search that starts from what is known: what is tried, in what order, and that it can be replayed."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.models import Experiment
from experiments.reports.sampling.replay import replay
from experiments.reports.sampling.warm_start import warm_start_panel
from experiments.search.space.space import Space
from experiments.search.warm_plan import GivenConfiguration, WarmPlan
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.tuner.turn import propose
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_plan, make_seat, run_search

HAND = GivenConfiguration({"units": 416, "dropout": 0.5})


def seat_where(*, best, sign=1):
    """A worker whose models are the better the nearer their units are to `best`, or the worse."""

    def script(order, execution):
        score = 0.5 - sign * 0.4 * abs(order.values["units"] - best) / 1024
        metrics = {name: score for name in ("val_accuracy", "accuracy")}
        return Recording(({"loss": 1 - score, "val_loss": 1 - score, **metrics},))

    return make_seat(ReplayPool(script))


@pytest.fixture
def earlier(project, owner):
    """A search with ten scored trials."""
    experiment = make_experiment(project, max_trials=10)
    start_experiment(experiment, by=owner)
    return run_search(experiment, seat_where(best=128), turns=30)


def warm(project, earlier, *, sampler="random", given=(), **budget):
    plan = make_plan(earlier.dataset_version, **budget)
    codes = (str(earlier.code),)
    plan = replace(plan, sampler=sampler, warm_start=WarmPlan(codes, tuple(given)))
    experiment = create_experiment(project, plan, by=None)
    start_experiment(experiment, by=None)
    return experiment


@pytest.mark.both_databases
def test_by_hand_first_then_the_portfolio_in_turn_with_the_sampler(project, earlier):
    experiment = warm(project, earlier, given=[HAND], max_trials=6)
    run_search(experiment, make_seat())
    trials = list(experiment.trials.order_by("number"))
    space = Space.from_dict(experiment.space_versions.get().space)
    assert (trials[0].kind, trials[0].values["units"]) == ("manual", 416)
    assert trials[0].why == "Added manually."
    assert trials[1].why.startswith("Among the best of Digits: trial ")
    assert trials[3].why.startswith("Among the best of Digits: trial ")
    assert not trials[2].why.startswith("Among")
    known = {space.key(trial.values) for trial in earlier.trials.all()}
    assert space.key(trials[1].values) in known


@pytest.mark.parametrize("sampler", ["random", "bayesian", "random_forest", "auto"])
def test_it_can_be_replayed_whatever_became_of_its_sources(project, earlier, sampler):
    experiment = warm(project, earlier, sampler=sampler, given=[HAND], max_trials=9, parallel=2)
    run_search(experiment, make_seat(), turns=30)
    earlier.trials.all().delete()
    earlier.space_versions.all().delete()
    earlier.delete()
    found = replay(Experiment.objects.get(pk=experiment.pk))
    assert found.first is None
    assert (found.repeated, found.equal) == (9, 9)


def test_the_transfer_weights_are_kept_with_each_suggestion_and_shown(project, earlier):
    experiment = warm(project, earlier, sampler="bayesian", max_trials=8)
    run_search(experiment, seat_where(best=128), turns=30)
    panel = warm_start_panel(experiment)
    (source,) = panel.sources
    assert 0 < source.weight <= 1
    assert panel.trial >= 6
    assert (source.found, source.fitting, source.left_out) == (10, 10, "")
    assert sum(each.number is not None for each in panel.portfolio) >= 3


def test_a_study_that_says_the_opposite_is_no_longer_believed(project, earlier):
    experiment = warm(project, earlier, sampler="bayesian", max_trials=12)
    run_search(experiment, seat_where(best=128, sign=-1), turns=40)
    assert warm_start_panel(experiment).sources[0].weight < 0.5
    assert experiment.state == "completed"


def test_a_study_of_which_nothing_fits_changes_nothing(project, earlier):
    for trial in earlier.trials.all():
        trial.values = {"units": "none of these"}
        trial.save()
    experiment = warm(project, earlier, sampler="bayesian", max_trials=3)
    run_search(experiment, make_seat())
    panel = warm_start_panel(experiment)
    assert (panel.sources[0].fitting, panel.portfolio) == (0, ())
    assert "units" in panel.sources[0].left_out
    assert replay(experiment).is_equal


def test_a_question_costs_no_more_queries_than_a_cold_one(
    project, earlier, django_assert_num_queries
):
    experiment = warm(project, earlier, given=[HAND], max_trials=6)
    propose(experiment)  # the first turn chooses the portfolio
    cold = create_experiment(project, make_plan(earlier.dataset_version), by=None)
    with CaptureQueriesContext(connection) as plain:
        propose(cold)
    with django_assert_num_queries(len(plain)):
        propose(experiment)
