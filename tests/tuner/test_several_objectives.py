"""A search with several objectives, played: what is stored, what samplers are asked, what follows."""

from dataclasses import replace

import pytest

from experiments.evaluation.model_costs import COSTS
from experiments.models import Experiment, Trial
from experiments.reports.sampling.history import load_history
from experiments.reports.sampling.replay import replay
from experiments.search.history import Objective
from experiments.services.experiments.lifecycle import start_experiment
from tests.examples import replan
from tests.replay_pool import MODEL, smooth_curve
from tests.searches import make_experiment, make_seat, run_search
from tests.tuner.test_replay import Crowd, nosy, some_fail  # noqa: F401 - a fixture

ALL = ("val_loss", "final_f1", *COSTS)


def several(project, names=ALL[:3], **options):
    """As a plan makes it: nothing is pruned."""
    experiment = make_experiment(project, **options)
    more = [{"name": name, "direction": "minimize"} for name in names]
    Experiment.objects.filter(pk=experiment.pk).update(pruner="none")
    replan(experiment, more_objectives=more)
    experiment.refresh_from_db()
    return experiment


def searched(experiment, owner, script=smooth_curve):
    start_experiment(experiment, by=owner)
    pool = Crowd(experiment, script)
    run_search(experiment, make_seat(pool), turns=60)
    return pool


def test_each_objective_is_kept_with_the_execution_and_its_mean_with_the_trial(project, owner):
    experiment = several(project, ALL, repeats=2, max_trials=1)
    searched(experiment, owner)
    trial = experiment.trials.get()
    first, second = (each.metrics for each in trial.executions.all())
    for metrics in (first, second):
        assert metrics["parameters"] == trial.parameters == 1000
        assert metrics["model_bytes"] == len(MODEL)
        assert (metrics["latency_1_ms"], metrics["latency_32_ms"]) == (0.1, 0.1 * 32)
        assert metrics["seconds"] > 0
        assert metrics["final_f1"] is None  # no predictions were kept
    assert trial.metrics["seconds"] == pytest.approx((first["seconds"] + second["seconds"]) / 2)
    assert trial.metrics["final_f1"] is None


def test_calls_are_timed_only_where_that_is_an_objective(project, owner):
    pool = searched(several(project, ("parameters", "latency_32_ms"), max_trials=1), owner)
    assert [order.fit.latency_batches for order in pool.orders] == [[32]]
    alone = make_experiment(project, max_trials=1)
    pool = searched(alone, owner)
    assert [order.fit.latency_batches for order in pool.orders] == [[]]
    assert "latency_32_ms" not in alone.trials.get().metrics


def test_the_history_holds_every_objective_of_completed_trials(project, owner):
    experiment = several(project, ("val_loss", "seconds"), max_trials=4, max_failures=9)
    searched(experiment, owner, some_fail)
    history = load_history(experiment, {})
    assert history.more_objectives == (
        Objective("val_loss", "minimize"),
        Objective("seconds", "minimize"),
    )
    for trial in history.trials:
        metrics = Trial.objects.get(experiment=experiment, number=trial.number).metrics
        expected = (metrics["val_loss"], metrics["seconds"]) if trial.is_scored else ()
        assert trial.more == expected
    assert not history.trials[1].is_scored


def test_every_suggestion_follows_from_the_record(project, owner, nosy):  # noqa: F811
    experiment = several(
        project, ("val_loss", "seconds"), max_trials=12, max_failures=50, parallel=4, repeats=2
    )
    searched(experiment, owner, some_fail)
    assert experiment.trials.filter(state="failed").exists()
    assert max(trial.saw["states"].count("r") for trial in experiment.trials.all()) >= 1
    found = replay(experiment)
    assert found.first is None
    assert (found.repeated, found.equal) == (12, 12)


def test_an_objective_without_a_number_ends_nothing(project, owner):
    def no_loss(order, execution):
        curve = smooth_curve(order, execution)
        if order.number != 1:
            return curve
        return replace(curve, epochs=tuple(each | {"val_loss": None} for each in curve.epochs))

    experiment = several(project, ("val_loss",), max_trials=3)
    searched(experiment, owner, no_loss)
    trial = experiment.trials.get(number=1)
    assert (trial.state, trial.metrics["val_loss"]) == ("completed", None)
    assert trial.score is not None
    assert experiment.trials.count() == 3
