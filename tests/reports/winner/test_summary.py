"""The paragraph that may be quoted."""

import pytest

from experiments.number_words import figures
from experiments.reports.winner.summary import caveats, quote
from experiments.reports.winner.winner_page import verdict
from tests.examples import expect, make_experiment
from tests.reports.written.test_snapshot import crowned

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment(project, owner):
    return crowned(make_experiment(project, trials=6, repeats=3, by=owner), executions=3)


def words_with(experiment, *scores) -> str:
    fits = experiment.best_trial.executions.order_by("index")
    for fit, score in zip(fits, scores, strict=True):
        fit.score = score
        fit.save()
    return quote(experiment, verdict(experiment))


def test_scores_that_differ_have_an_interval(experiment):
    said = words_with(experiment, 0.9, 0.92, 0.94)
    assert "0.9200 ± " in said
    assert "over 3 executions (spread over seeds)," in said


def test_the_expected_score_leads_and_the_search_score_stands_beside_it(experiment):
    expect(
        experiment.best_trial, value=0.84, low=0.81, high=0.87, choice=0.02, epochs=0.03, trials=6
    )
    found = verdict(experiment)
    said = quote(experiment, found)
    number, score = found.winner.number, figures(found.winner.score)
    assert (
        f"trial {number} of “mnist-dense” is expected to reach val_accuracy 0.8400 (95 % interval"
        in said
    )
    assert f"Its search score is {score} over 3 executions, selected from 6 trials." in said
    assert not any(
        "optimistic" in each for each in caveats(experiment, found) if "test" not in each
    )


def test_why_nothing_is_expected_is_a_limit_of_the_result(experiment):
    expect(
        experiment.best_trial, value=None, basis="nothing", why="Its predictions were not kept."
    )
    found = verdict(experiment)
    assert "Its predictions were not kept." in caveats(experiment, found)
    assert "is expected to reach" not in quote(experiment, found)


def test_scores_that_are_equal_have_none_and_the_quote_says_so(experiment):
    said = words_with(experiment, 0.98, 0.98, 0.98)
    assert "reached val_accuracy 0.9800 in each of 3 executions, " in said
    assert "±" not in said
