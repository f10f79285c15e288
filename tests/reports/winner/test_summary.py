"""The paragraph that may be quoted."""

import pytest

from experiments.reports.winner.summary import quote
from experiments.reports.winner.winner_page import verdict
from tests.examples import make_experiment
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
    assert "over 3 executions (95 % interval)," in said


def test_scores_that_are_equal_have_none_and_the_quote_says_so(experiment):
    said = words_with(experiment, 0.98, 0.98, 0.98)
    assert "reached val_accuracy 0.9800 in each of 3 executions, " in said
    assert "±" not in said
