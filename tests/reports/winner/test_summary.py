"""The paragraph that may be quoted."""

from dataclasses import replace

import pytest

from experiments.models import Trial
from experiments.number_words import figures
from experiments.reports.winner.baselines import Baseline
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


def baseline(gain, *, phrase="a linear model", **more):
    return Baseline("Linear model", phrase, "", "completed", (0.9,), gain=gain, **more)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (baseline(0.02, beaten=True, wins=False), "It is better than a linear model by 0.0200."),
        (
            baseline(0.0001, beaten=False, wins=False),
            "It is better than a linear model by 0.0001 (not significant).",
        ),
        (
            baseline(-0.0001, beaten=False, wins=False),
            "It is worse than a linear model by 0.0001 (not significant).",
        ),
        (baseline(-0.02, beaten=False, wins=True), "It is worse than a linear model by 0.0200."),
        (baseline(-0.02), "It is worse than a linear model by 0.0200 (no test)."),
        (baseline(0.02), "It is better than a linear model by 0.0200 (no test)."),
        (baseline(0.0, beaten=False), "It is as good as a linear model."),
    ],
)
def test_both_directions_say_whether_they_are_significant(experiment, one, said):
    found = replace(verdict(experiment), baselines=(one,))
    assert said in quote(experiment, found)


def test_a_baseline_that_failed_is_named_with_its_reason(project, owner, experiment):
    """Seen: it diverged, and "No significance test … Keep predictions" was the advice."""
    run = make_experiment(project, name="defaults", trials=1, by=owner)
    run.trials.update(state="failed", failure_kind="nan", score=None)
    lost = Baseline("Default configuration", "the default configuration", "", "failed")
    lost = replace(lost, run=run, trial=run.trials.get())
    found = replace(verdict(experiment), baselines=(lost,))
    said = " ".join(caveats(experiment, found))
    assert "No significance test" not in said
    assert (
        "No comparison with the default configuration: trial 0 of “defaults” diverged: "
        "its loss or score was NaN or infinite." in said
    )
    Trial.objects.filter(pk=lost.trial.pk).update(state="running", failure_kind="")
    waiting = replace(lost, trial=run.trials.get(), state="running")
    said = " ".join(caveats(experiment, replace(found, baselines=(waiting,))))
    assert "trial 0 of “defaults” has no score: it is running." in said


@pytest.mark.parametrize(
    ("compared", "tied", "said"),
    [
        (2, 1, "It is significantly better than the other trial ("),
        (2, 2, "The other trial is statistically tied with the best ("),
        (5, 1, "It is significantly better than each of the 4 other trials ("),
        (5, 2, "1 of 4 other trials is statistically tied with the best ("),
        (5, 4, "3 of 4 other trials are statistically tied with the best ("),
    ],
)
def test_one_other_trial_is_singular(experiment, compared, tied, said):
    found = replace(verdict(experiment), compared=compared, tied_count=tied)
    assert said in quote(experiment, found)
