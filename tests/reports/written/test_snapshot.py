"""What a report freezes: the answers of the live addresses as they were, bounded, whatever the experiment holds."""

import gzip
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.evaluation.expected import MetricScores
from experiments.evaluation.row_estimates import Estimate
from experiments.models import Execution, ReportSnapshot, Trial
from experiments.reports.analysis.importance import importance_report
from experiments.reports.trials.all_trials import history_report
from experiments.reports.written import snapshot
from experiments.reports.written.page import kinds_for
from experiments.reports.written.snapshot import freeze
from tests.examples import expect, make_experiment


def opened(body):
    return json.loads(gzip.decompress(body))


def crowned(experiment, *, executions=1):
    """The experiment with its best trial named the winner."""
    best = experiment.best_trial
    experiment.recommended_trial = best
    experiment.winner = {
        "observed": best.number,
        "reason": "The best mean.",
        "scored": 3,
        "tied": [best.number],
        "tied_count": 1,
        "executions": executions,
        "compared": 3,
    }
    experiment.save()
    return experiment


def test_the_parts_are_what_the_live_addresses_answer(project, owner):
    experiment = crowned(make_experiment(project, trials=12, repeats=3, by=owner), executions=3)
    frozen = freeze(experiment)
    assert opened(frozen.history) == json.loads(json.dumps(history_report(experiment)))
    assert opened(frozen.importance) == json.loads(json.dumps(importance_report(experiment)))
    curves = opened(frozen.curves)["curves"]
    assert {each["trial"] for each in curves} == {experiment.best_trial.number}
    assert [each["index"] for each in curves] == [0, 1, 2]
    assert (frozen.total, frozen.kept, frozen.front) == (12, 12, b"")


def test_the_facts_tell_winner_trials_and_settings(project, owner):
    experiment = crowned(make_experiment(project, trials=15, repeats=3, by=owner), executions=3)
    facts = freeze(experiment).facts
    best = experiment.best_trial
    assert facts["winner"]["number"] == best.number
    assert f"trial {best.number} of “mnist-dense” reached val_accuracy" in facts["winner"]["quote"]
    assert facts["trials"][0]["number"] == best.number and len(facts["trials"]) == 10
    scores = [each["score"] for each in facts["trials"]]
    assert scores == sorted(scores, reverse=True)
    rows = {term: words for section in facts["settings"] for term, words in section["rows"]}
    assert rows["Seed"] == "7" and rows["Dataset"] == "MNIST v1, 60,000 rows, classification"
    assert rows["Space"] == "version 1" and ("keras", "3.15.0") in facts["software"]
    assert [row["name"] for row in facts["space"]][:2] == ["layers", "units"]
    momentum = next(row for row in facts["space"] if row["name"] == "momentum")
    assert momentum["condition"] == "optimizer = sgd"


@pytest.mark.parametrize("trials", [0, 1])
def test_an_experiment_with_nothing_to_tell_can_be_frozen(project, owner, trials):
    experiment = make_experiment(project, trials=trials, max_trials=5, state="draft", by=owner)
    frozen = freeze(experiment)
    assert frozen.facts["winner"] is None
    kinds = kinds_for(experiment, frozen.facts)
    assert "importance" not in kinds and kinds[-1] == "settings"


def test_nan_infinity_and_missing_values_are_kept_as_json_can(project, owner):
    experiment = make_experiment(project, trials=6, by=owner)
    Trial.objects.filter(experiment=experiment, number=1).update(
        values={"units": None}, score=float("inf")
    )
    row = Execution.objects.get(trial=experiment.best_trial)
    row.history = {"val_accuracy": [0.5, None, None]}
    row.save()
    frozen = freeze(experiment)
    assert opened(frozen.curves)["curves"][0]["metrics"]["val_accuracy"] == [0.5, None, None]
    json.dumps(frozen.facts, allow_nan=False)


def test_beyond_the_limit_every_best_so_far_stays_and_others_are_drawn(project, owner):
    experiment = make_experiment(project, trials=60, failing=True, by=owner)
    best, steps = None, []
    for number, score, state in experiment.trials.order_by("number").values_list(
        "number", "score", "state"
    ):
        if state == "completed" and score is not None and (best is None or score > best):
            best = score
            steps.append(number)
    frozen = freeze(experiment, most_trials=20)
    numbers = opened(frozen.history)["trials"]["own"]["number"]
    assert (frozen.total, frozen.kept, len(numbers)) == (60, 20, 20)
    assert set(steps) <= set(numbers) and numbers == sorted(numbers)


def test_what_is_too_large_is_halved_until_it_fits(project, owner, monkeypatch):
    experiment = make_experiment(project, trials=60, by=owner)
    whole = len(freeze(experiment).history)
    monkeypatch.setattr(snapshot, "MOST_BYTES", whole // 3)
    frozen = freeze(experiment)
    assert len(frozen.history) <= whole // 3
    assert 0 < frozen.kept < 60
    monkeypatch.setattr(snapshot, "MOST_BYTES", 60)
    assert opened(freeze(experiment).curves)["curves"] == []


def test_freezing_asks_as_often_with_many_trials_as_with_few(project, owner):
    asked = []
    for trials in (10, 60):
        experiment = crowned(make_experiment(project, trials=trials, by=owner))
        with CaptureQueriesContext(connection) as queries:
            freeze(experiment)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert not ReportSnapshot.objects.exists(), "storing it is a service's"


def test_the_winners_other_metrics_are_frozen_and_read_again(project, owner):
    experiment = crowned(make_experiment(project, trials=3, by=owner))
    f1 = MetricScores(0.8, Estimate(0.7125, 0.65, 0.7625))
    expect(experiment.best_trial, value=0.84, low=0.81, high=0.87, metrics={"f1": f1})
    facts = freeze(experiment).facts
    assert facts["winner"]["expected"]["metrics"]["f1"]["expected"]["value"] == 0.7125


def test_the_best_trials_have_both_scores_and_their_spread_a_name(project, owner):
    experiment = crowned(make_experiment(project, trials=3, repeats=3, by=owner), executions=3)
    expect(experiment.best_trial, value=0.84, low=0.81, high=0.87)
    facts = freeze(experiment).facts
    found = {each["number"]: each["expected"]["value"] for each in facts["trials"]}
    assert found[experiment.best_trial.number] == 0.84
    assert [value for value in found.values() if value is not None] == [0.84]
    assert facts["spread_of"] == "seeds"
