"""The reaper and the reconciler."""

import pytest
from django.db import connection, transaction

from experiments import queues
from experiments.models import Activity, Experiment, Trial
from experiments.services.experiments.lifecycle import pause_experiment, start_experiment
from experiments.services.site.reconcile import Missing, request_missing_turns, settle_requests
from experiments.services.trials import lifecycle
from experiments.services.trials.expired_leases import Watch, release_by_hand, release_stale
from experiments.services.trials.leases import Fenced, claim_trial, renew_lease
from experiments.tuner.turn import propose
from tests.searches import make_experiment

pytestmark = pytest.mark.both_databases


@pytest.fixture
def lease(project, owner):
    experiment = make_experiment(project, max_trials=2)
    start_experiment(experiment, by=owner)
    trial = lifecycle.add_trial(experiment.pk, propose(experiment))
    with transaction.atomic():
        return claim_trial(trial, worker="a")


def expire(lease):
    Trial.objects.filter(pk=lease.trial).update(lease_until="2020-01-01T00:00:00Z")


def test_a_silent_workers_trial_waits_again(lease):
    watch = Watch()
    if connection.vendor == "postgresql":
        expire(lease)
        assert release_stale(watch) == [lease.trial]
    else:
        assert release_stale(watch, now=100.0) == []
        assert release_stale(watch, now=129.0) == []
        assert release_stale(watch, now=130.5) == [lease.trial]
    trial = Trial.objects.get(pk=lease.trial)
    assert (trial.state, trial.token) == (Trial.State.WAITING, None)
    assert trial.attempts.get().outcome == "reaped"
    with pytest.raises(Fenced):
        renew_lease(lease)


def test_a_renewed_lease_is_left_alone(lease):
    watch = Watch()
    for now in range(0, 200, 20):
        renew_lease(lease)
        assert release_stale(watch, now=float(now)) == []


@pytest.mark.needs("sqlite", why="PostgreSQL has one clock, and the lease is by that one")
def test_a_clock_that_jumps_reaps_nothing_on_sqlite(lease):
    expire(lease)
    assert release_stale(Watch(), now=0.0) == []
    assert Trial.objects.get(pk=lease.trial).state == Trial.State.RUNNING


def claim_again(lease):
    trial = Trial.objects.get(pk=lease.trial)
    if trial.state == Trial.State.WAITING:
        with transaction.atomic():
            claim_trial(trial, worker="b")


def test_a_trial_that_fell_silent_three_times_fails(lease):
    watch = Watch()
    for go in range(3):
        claim_again(lease)
        expire(lease)
        release_stale(watch, now=100.0 * go)
        release_stale(watch, now=100.0 * go + 50)
    trial = Trial.objects.get(pk=lease.trial)
    assert (trial.state, trial.failure_kind) == ("failed", "infrastructure")


def test_a_release_by_hand_never_counts_against_the_trial(lease, owner):
    for _ in range(5):
        claim_again(lease)
        assert release_by_hand(Trial.objects.get(pk=lease.trial), by=owner)
    trial = Trial.objects.get(pk=lease.trial)
    assert (trial.state, trial.failure_kind) == ("waiting", "")
    assert set(trial.attempts.values_list("outcome", flat=True)) == {"released"}
    lines = Activity.objects.filter(verb="trial.released", user=owner)
    assert lines.count() == 5
    assert lines.last().text == "Released trial 0 from a"


def test_a_reaped_trial_of_a_pausing_experiment_lets_it_rest(lease, owner):
    experiment = Experiment.objects.get(pk=lease.experiment)
    pause_experiment(experiment, by=owner)
    assert experiment.state == Experiment.State.PAUSING
    settle_requests()
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.PAUSING
    release_by_hand(Trial.objects.get(pk=lease.trial), by=owner)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.PAUSED


@pytest.mark.django_db(transaction=True)
def test_turns_that_redis_lost_are_asked_for_again_after_a_while(queues_of_redis, project, owner):
    experiment = make_experiment(project, max_trials=5, parallel=2)
    start_experiment(experiment, by=owner)
    assert queues.turns_by_experiment()[experiment.pk] == 2
    missing = Missing()
    assert request_missing_turns(missing, now=0.0) == []
    queues.queue(queues.TRIALS).connection.flushall()
    assert request_missing_turns(missing, now=1.0) == []
    assert request_missing_turns(missing, now=20.0) == [experiment.pk]
    assert queues.turns_by_experiment()[experiment.pk] == 2
    assert request_missing_turns(missing, now=40.0) == []


@pytest.mark.django_db(transaction=True)
def test_a_search_starts_while_redis_is_away(project, owner, settings):
    settings.RQ_QUEUES = {
        name: {**options, "URL": "unix:///nowhere/redis.sock"}
        for name, options in settings.RQ_QUEUES.items()
    }
    experiment = make_experiment(project)
    start_experiment(experiment, by=owner)
    assert experiment.state == Experiment.State.QUEUED
    assert not queues.is_reachable()
    with pytest.raises(queues.QueueUnreachable):
        queues.turns_by_experiment()


@pytest.fixture
def queues_of_redis(request):
    """The `queues` fixture under a name that the module of that name does not hide."""
    return request.getfixturevalue("queues")
