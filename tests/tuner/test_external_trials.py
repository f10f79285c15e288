"""Trials that scripts run: the same claims, leases, limits and replay as those of workers."""

import math
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments import queues
from experiments.models import Attempt, Experiment, Trial
from experiments.reports.sampling.replay import replay
from experiments.services.experiments.lifecycle import (
    pause_experiment,
    resume_experiment,
    stop_experiment,
)
from experiments.services.experiments.states import NotAllowed
from experiments.services.external.joined_runs import join
from experiments.services.external.trials import ObjectiveMissing, ReportedEpoch
from experiments.services.site.invariants import broken_invariants
from experiments.services.site.reconcile import end_outside
from experiments.services.trials.expired_leases import Watch, release_by_hand, release_stale
from experiments.services.trials.lifecycle import requeue_trial, stop_trial
from experiments.tuner.external_answers import Ended, Failed, NotYours, UnknownTrial, Wait
from experiments.tuner.external_trials import ask, learn, report, tell
from experiments.tuner.housekeeping import look_after
from tests.outside import asked, epochs, make_outside, run_all, space_of

pytestmark = pytest.mark.both_databases

State = Trial.State


@pytest.fixture(autouse=True)
def no_turns(monkeypatch):
    """No turn is ever enqueued: no worker could run it."""

    def refuse(*args, **options):
        raise AssertionError("a turn was enqueued")

    monkeypatch.setattr(queues, "enqueue_turn", refuse)


def test_scripts_run_a_search_to_the_end_of_its_budget(project, owner):
    experiment = make_outside(project, by=owner)
    assert experiment.state == Experiment.State.QUEUED
    run_all(experiment)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED
    assert experiment.state_reason == "The budget of 5 trials is used up."
    assert [t.number for t in experiment.trials.all()] == [0, 1, 2, 3, 4]
    assert all(t.state == State.COMPLETED and t.epochs == 2 for t in experiment.trials.all())
    assert experiment.best_trial.score == max(t.score for t in experiment.trials.all())
    found = ask(experiment, worker="a")
    assert found == Ended("The budget of 5 trials is used up.")
    assert {key: rows for key, rows in broken_invariants().items() if rows} == {}


def test_every_suggestion_follows_from_the_record(project, owner):
    experiment = make_outside(project, sampler="tpe", max_trials=14)
    join(experiment, {"lr": 0.5, "units": 64}, worker="x", instance="1", by=owner)
    run_all(experiment, workers=("a", "b", "c"))
    found = replay(experiment)
    assert (found.repeated, found.equal) == (13, 13)


def test_a_space_that_scripts_tell_grows_and_replays(project):
    experiment = make_outside(project, space=None, max_trials=6)
    first = asked(experiment, "a")
    assert first.is_probe and first.values == {}
    waiting = ask(experiment, worker="b")
    assert isinstance(waiting, Wait) and "hasn't reported the search space" in waiting.why
    units = {"name": "units", "type": "int", "min": 8, "max": 64}
    learn(first.key, space_of(units), {"units": 16})
    tell(first.key, {"val_accuracy": 0.5})
    second = asked(experiment, "b")
    assert set(second.values) == {"units"}
    # A branch of the script that the probe did not take brings another one.
    rate = {"name": "rate", "type": "float", "min": 0.1, "max": 0.9, "default": 0.5}
    learn(second.key, space_of(units, rate), {**second.values, "rate": 0.5})
    tell(second.key, {"val_accuracy": 0.6})
    third = asked(experiment, "a")
    assert set(third.values) == {"units", "rate"}
    tell(third.key, {"val_accuracy": 0.7})
    trials = list(experiment.trials.order_by("number"))
    assert trials[0].values == {"units": 16} and trials[0].origin == Trial.PROBE
    assert trials[1].values == second.values and trials[1].source["added"] == {"rate": 0.5}
    assert [v.number for v in experiment.space_versions.order_by("number")] == [1, 2, 3]
    found = replay(experiment)
    assert found.repeated == 2 and found.is_equal


def test_three_scripts_that_tell_no_space_end_the_search(project):
    experiment = make_outside(project, space=None)
    for _ in range(3):
        tell(asked(experiment).key, failed=Failed("it broke"))
    found = ask(experiment, worker="a")
    assert isinstance(found, Ended) and "none reported a search space" in found.why
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.FAILED


def test_a_name_keeps_its_trial_and_another_process_of_it_takes_it_over(project):
    experiment = make_outside(project)
    first = asked(experiment, "gpu-1", instance="p1")
    report(first.key, epochs(0.1, 0.2))
    same = asked(experiment, "gpu-1", instance="p1")
    assert (same.key, same.again) == (first.key, True)
    taken = asked(experiment, "gpu-1", instance="p2")
    assert taken.number == first.number and taken.key != first.key
    assert taken.values == first.values
    trial = experiment.trials.get()
    assert trial.epochs == 0 and trial.executions.get().history == {}
    with pytest.raises(NotYours, match="another script with the name gpu-1"):
        report(first.key, epochs(0.3, first=3))
    with pytest.raises(NotYours):
        tell(first.key, {"val_accuracy": 0.3})
    report(taken.key, epochs(0.4))
    assert experiment.trials.get().executions.get().history == {"val_accuracy": [0.4]}


def test_what_waits_comes_before_what_the_sampler_would_propose(project, owner):
    experiment = make_outside(project)
    first = asked(experiment, "a")
    trial = experiment.trials.get()
    assert release_by_hand(trial, by=owner)
    again = asked(experiment, "b")
    assert again.number == first.number
    with pytest.raises(NotYours, match="Released by owner"):
        tell(first.key, {"val_accuracy": 0.9})


def test_no_more_scripts_run_than_may(project):
    experiment = make_outside(project, parallel=2)
    for worker in "ab":
        asked(experiment, worker)
    found = ask(experiment, worker="c")
    assert found == Wait("2 trials run, the maximum number of parallel trials.", 2.0)


def test_epochs_told_twice_count_once_and_gaps_stay_gaps(project):
    experiment = make_outside(project)
    key = asked(experiment).key
    assert report(key, epochs(0.1, 0.2)).epochs == 2
    assert report(key, epochs(0.9, 0.9, 0.3)).epochs == 3
    assert report(key, [ReportedEpoch(5, {"val_accuracy": math.nan, "loss": 1.0})]).epochs == 5
    execution = experiment.trials.get().executions.get()
    assert execution.history == {
        "val_accuracy": [0.1, 0.2, 0.3, None, None],
        "loss": [None, None, None, None, 1.0],
    }
    assert len(execution.epoch_seconds) == 5
    told = tell(key)
    assert told.score == 0.3
    assert broken_invariants().get("I6") is None


def test_an_end_told_twice_is_told_once(project):
    experiment = make_outside(project)
    key = asked(experiment).key
    first = tell(key, {"val_accuracy": 0.5})
    again = tell(key, {"val_accuracy": 0.5})
    assert (first.again, again.again, again.score) == (False, True, 0.5)
    with pytest.raises(NotYours, match="has ended"):
        tell(key, {"val_accuracy": 0.6})
    with pytest.raises(NotYours, match="has ended"):
        report(key, epochs(0.1))


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_finite_number_is_a_failure(project, score):
    experiment = make_outside(project)
    told = tell(asked(experiment).key, {"val_accuracy": score})
    assert (told.state, told.score) == (State.FAILED, None)
    assert experiment.trials.get().failure_kind == "nan"


def test_metrics_without_the_objective_change_nothing_and_name_what_came(project):
    experiment = make_outside(project)
    key = asked(experiment).key
    with pytest.raises(ObjectiveMissing) as caught:
        tell(key, {"loss": 1.0, "auc": 0.5})
    assert caught.value.names == ("loss", "auc")
    assert tell(key, {"val_accuracy": 0.5, "loss": 1.0}).state == State.COMPLETED


def test_a_failure_keeps_its_traceback_and_may_be_tried_again(project):
    experiment = make_outside(project)
    key = asked(experiment, "a").key
    told = tell(key, failed=Failed("ValueError: no", "Traceback …", may_retry=False))
    trial = experiment.trials.get()
    assert told.state == State.FAILED and trial.traceback == "Traceback …"
    key = asked(experiment, "a").key
    assert tell(key, failed=Failed("gone", may_retry=True)).state == State.WAITING
    assert asked(experiment, "b").number == 1


def test_silence_is_counted_by_the_experiments_own_time(project, settings):
    experiment = make_outside(project, silence_seconds=7200)
    key = asked(experiment).key
    trial = experiment.trials.get()
    left = (trial.lease_until - timezone.now()).total_seconds()
    assert 7100 < left <= 7201
    watch = Watch()
    assert release_stale(watch, now=0.0) == []
    assert release_stale(watch, now=6000.0) == []  # a worker would be long gone
    Trial.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    # PostgreSQL's clock is believed at once, SQLite's after a worker's lease of standing still.
    released = release_stale(watch, now=6001.0)
    released += release_stale(watch, now=6001.0 + settings.LEASE_SECONDS)
    assert released == [trial.pk]
    assert experiment.trials.get().state == State.WAITING
    with pytest.raises(NotYours, match="its script was unresponsive"):
        report(key)


def test_a_report_renews_the_lease(project):
    experiment = make_outside(project, silence_seconds=600)
    key = asked(experiment).key
    soon = timezone.now() + timedelta(seconds=5)
    Trial.objects.update(lease_until=soon)
    report(key)
    assert experiment.trials.get().lease_until > soon + timedelta(seconds=500)


def test_a_script_hears_that_its_trial_is_to_stop(project, owner):
    experiment = make_outside(project)
    key = asked(experiment).key
    assert not report(key, epochs(0.1)).stop
    stop_trial(experiment.trials.get(), by=owner)
    heard = report(key, epochs(0.2, first=2))
    assert heard.stop and "manually" in heard.why
    assert tell(key, stopped="it was stopped manually.").state == State.STOPPED
    with pytest.raises(NotAllowed, match="in the middle of a trial"):
        requeue_trial(experiment.trials.get(), by=owner)


def test_a_paused_search_lets_its_scripts_finish_and_gives_no_trial(project, owner):
    experiment = make_outside(project)
    key = asked(experiment, "a").key
    pause_experiment(experiment, by=owner)
    assert not report(key, epochs(0.1)).stop
    assert isinstance(ask(experiment, worker="b"), Wait)
    tell(key)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.PAUSED
    resume_experiment(experiment, by=owner)
    assert asked(experiment, "b").number == 1


def test_a_stopped_search_ends_when_its_last_script_tells(project, owner):
    experiment = make_outside(project)
    key = asked(experiment, "a").key
    stop_experiment(experiment, by=owner)
    assert report(key).stop
    tell(key, {"val_accuracy": 0.4})
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.STOPPED
    assert isinstance(ask(experiment, worker="a"), Ended)


@pytest.mark.parametrize("key", ["", "no-key", "0" * 32, "é"])
def test_a_key_that_was_never_given_out_is_unknown(db, key):
    with pytest.raises(UnknownTrial):
        report(key)


def test_searches_end_and_winners_are_named_without_a_worker(project):
    experiment = make_outside(project)
    run_all(experiment)
    look_after()
    experiment.refresh_from_db()
    assert experiment.winner
    waiting = make_outside(project, max_trials=1)
    tell(asked(waiting).key, {"val_accuracy": 0.1})
    Experiment.objects.filter(pk=waiting.pk).update(state="running")
    end_outside()
    waiting.refresh_from_db()
    assert waiting.state == Experiment.State.COMPLETED


def test_each_try_is_an_attempt(project):
    experiment = make_outside(project)
    asked(experiment, "a", instance="1")
    asked(experiment, "a", instance="2")
    assert list(Attempt.objects.order_by("number").values_list("instance", "outcome")) == [
        ("1", "released"),
        ("2", ""),
    ]
