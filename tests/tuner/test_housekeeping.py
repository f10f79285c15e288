"""A round of housekeeping, also while Redis is away."""

import pytest
from django.db import transaction

from experiments.models import Experiment, Trial, Worker
from experiments.services.experiments.lifecycle import pause_experiment, start_experiment
from experiments.services.site.workers import (
    Pulse,
    beat_worker,
    forget_silent_workers,
    forget_worker,
)
from experiments.services.trials import lifecycle
from experiments.services.trials.leases import claim_trial
from experiments.tuner import housekeeping
from experiments.tuner.housekeeping import Housekeeping, round_seconds
from experiments.tuner.turn import propose
from tests.searches import make_experiment

pytestmark = pytest.mark.both_databases


def test_a_dead_workers_trial_and_a_pause_come_to_rest_without_redis(project, owner, settings):
    settings.LEASE_SECONDS = 0.0
    settings.RQ_QUEUES = {
        name: {**options, "URL": "unix:///nowhere/redis.sock"}
        for name, options in settings.RQ_QUEUES.items()
    }
    experiment = make_experiment(project)
    start_experiment(experiment, by=owner)
    trial = lifecycle.add_trial(experiment.pk, propose(experiment))
    with transaction.atomic():
        claim_trial(trial, worker="dead")
    pause_experiment(experiment, by=owner)
    house = Housekeeping()
    house.round()
    experiment.refresh_from_db()
    trial.refresh_from_db()
    assert trial.state == Trial.State.WAITING
    assert experiment.state == Experiment.State.PAUSED
    assert house.detail == "Redis doesn't respond"


@pytest.mark.parametrize(("lease", "seconds"), [(30.0, 2.5), (3.0, 0.25), (600.0, 2.5)])
def test_a_lease_and_two_rounds_stay_below_45_seconds(settings, lease, seconds):
    settings.LEASE_SECONDS = lease
    assert round_seconds() == seconds


def test_a_worker_that_beats_is_known_and_one_that_leaves_forgotten(db):
    beat_worker("trials-a-1", Worker.Kind.TRIALS, Pulse(detail="warm"))
    worker = Worker.objects.get()
    assert worker.rss_bytes > 0 and worker.detail == "warm"
    beat_worker("trials-a-1", Worker.Kind.TRIALS, Pulse(trial=12345, detail="warm"))
    worker.refresh_from_db()
    assert (worker.detail, worker.trial) == ("warm", None)
    forget_worker("trials-a-1")
    assert not Worker.objects.exists()


def test_rows_of_processes_that_died_long_ago_go(db):
    beat_worker("trials-a-1", Worker.Kind.TRIALS, Pulse())
    Worker.objects.update(heartbeat="2020-01-01T00:00:00Z")
    beat_worker("trials-a-2", Worker.Kind.TRIALS, Pulse())
    forget_silent_workers()
    assert Worker.objects.get().name == "trials-a-2"


def test_winners_of_earlier_versions_are_completed_at_a_sweep(db, monkeypatch):
    asked = []

    def ask(after):
        asked.append(after)
        return after + 20

    monkeypatch.setattr(housekeeping, "ask_for_promises", ask)
    monkeypatch.setattr(housekeeping, "SWEEP_SECONDS", -1.0)
    house = Housekeeping()
    house.round()
    house.round()
    assert asked == [0, 20]
