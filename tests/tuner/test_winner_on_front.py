"""The recommended trial of a search with several objectives is never dominated."""

from dataclasses import replace

import pytest

from experiments.models import Experiment
from experiments.reports.analysis.pareto_front import front
from experiments.search.strategies.winner import Winner
from experiments.services.experiments.lifecycle import start_experiment
from experiments.tuner import winner as naming
from experiments.tuner.winner_on_front import is_dominated
from tests.examples import replan
from tests.replay_pool import Recording, ReplayPool
from tests.searches import make_experiment, make_seat, run_search


def search(project, owner, recordings, *, rule="score"):
    """Trials of these values of val_accuracy and val_loss; the second is an objective too."""

    def script(order, execution):
        score, loss = recordings[order.number]
        return Recording(({"val_accuracy": score, "val_loss": loss, "loss": 1.0},))

    experiment = make_experiment(project, max_trials=len(recordings), repeats=3)
    Experiment.objects.filter(pk=experiment.pk).update(pruner="none")
    more = [{"name": "val_loss", "direction": "minimize"}]
    protocol = replace(experiment.protocol, racing=False)
    replan(experiment, more_objectives=more, winner_rule=rule, protocol=protocol)
    experiment.refresh_from_db()
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat(ReplayPool(script)), turns=len(recordings) + 5)


def test_of_equal_scores_the_one_that_is_better_in_the_other_objective_wins(project, owner):
    """The earlier of equals is the best trial, and had been recommended at four times the loss."""
    experiment = search(project, owner, [(0.9, 0.4), (0.9, 0.1), (0.5, 0.9)])
    assert experiment.best_trial.number == 0
    assert experiment.recommended_trial.number == 1
    assert experiment.winner["reason"] == (
        "On the Pareto front: better than trial 0 in val_loss and no worse in any objective. "
        "By val_accuracy alone, trial 0 would be chosen."
    )


@pytest.mark.parametrize("rule", ["score", "smallest", "fastest", "simplest"])
def test_whatever_the_models_and_the_rule_prefer_it_is_on_the_front(
    project, owner, monkeypatch, rule
):
    scores = [(0.8 + (i * 7 % 11) / 100, 0.1 + (i * 5 % 13) / 10) for i in range(12)]

    def last(space, history):  # in the end a dominated trial
        return Winner(history.best.number, history.scored[-1].number, "Because.")

    monkeypatch.setattr(naming, "recommend", last)
    found = search(project, owner, scores, rule=rule)
    assert 11 not in front(found).members
    assert found.recommended_trial.number in front(found).members


def test_it_is_named_again_as_soon_as_a_trial_dominates_it(project, owner):
    found = search(project, owner, [(0.9, 0.4), (0.9, 0.1), (0.5, 0.9), (0.4, 0.05)])
    assert not is_dominated(found)
    found.recommended_trial = found.trials.get(number=3)
    assert not is_dominated(found), "the best of another objective"
    for number in (0, 2):
        found.recommended_trial = found.trials.get(number=number)
        assert is_dominated(found)
    replan(found, more_objectives=[])
    assert not is_dominated(found)


def test_a_trial_without_a_value_is_not_recommended(project, owner):
    experiment = search(project, owner, [(0.9, None), (0.8, 0.3), (0.7, 0.1)])
    assert experiment.recommended_trial.number == 1
    assert "trial 0 has no value for every objective" in experiment.winner["reason"]
