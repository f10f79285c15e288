"""Baselines that are at least as good as the winner."""

import pytest

from experiments.models import Purpose
from experiments.models.baselines_ahead import baselines_ahead
from tests.examples import expect, make_experiment
from tests.reports.written.test_snapshot import crowned

pytestmark = pytest.mark.django_db


@pytest.fixture
def search(project, owner):
    return crowned(make_experiment(project, trials=6, by=owner))


@pytest.fixture
def linear(project, owner, search):
    """The trial of a linear model, trained as a baseline."""
    run = make_experiment(project, name="linear", trials=1, by=owner)
    run.purpose, run.follows = Purpose.BASELINE, search
    run.save()
    return run.trials.get()


def stored(**values):
    return {
        "name": "Linear model",
        "phrase": "a linear model",
        "trial": None,
        "score": 0.91,
        "expected": 0.902,
        "gain": -0.021,
        "p": 0.7,
        "outcome": "worse",
        "why": "",
        **values,
    }


def words(search):
    return [each.words for each in baselines_ahead(search)]


def test_a_stored_baseline_is_compared_by_expected_scores(search, linear):
    expect(search.recommended_trial, value=0.881)
    search.winner["baselines"] = [stored(trial=linear.pk)]
    (ahead,) = baselines_ahead(search)
    assert ahead.words == "A linear model is at least as good: expected 0.9020 against 0.8810."
    assert ahead.trial == linear


def test_without_expected_scores_search_scores_are_compared(search, linear):
    search.winner["baselines"] = [stored(trial=linear.pk, expected=None)]
    assert words(search)[0].startswith(
        "A linear model is at least as good: search score 0.9100 against"
    )


def test_that_nothing_beats_a_constant_prediction_comes_first(search, linear):
    constant = stored(phrase="the majority class", gain=0.01, outcome="undecided")
    search.winner["baselines"] = [stored(trial=linear.pk), constant]
    first, second = words(search)
    assert first.startswith("No configuration is shown to beat the majority class")
    assert second.startswith("A linear model is at least as good")


def test_a_baseline_that_is_beaten_or_is_the_winner_says_nothing(search, linear):
    own = stored(trial=search.recommended_trial_id, gain=0.0)
    beaten = stored(phrase="the majority class", gain=0.4, outcome="better")
    search.winner["baselines"] = [own, beaten, stored(trial=linear.pk, gain=0.02)]
    assert words(search) == []


@pytest.mark.parametrize(("score", "count"), [(0.9999, 1), (0.2, 0)])
def test_an_old_search_is_compared_by_its_runs(search, linear, score, count):
    linear.score = score
    linear.save()
    assert len(baselines_ahead(search)) == count


def test_of_a_loss_the_smaller_is_ahead(search, linear):
    search.direction = "minimize"
    linear.score = 0.2
    linear.save()
    assert len(baselines_ahead(search)) == 1


def test_no_winner_no_warning(project, owner):
    assert baselines_ahead(make_experiment(project, trials=2, by=owner)) == []
