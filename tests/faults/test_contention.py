"""Many processes at one search, while people pause, resume and stop: F22 and F24 at random."""

import os
import random
import subprocess
import sys
import time
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connections

from experiments.models import Attempt, Experiment, Trial
from experiments.reports.sampling.replay import replay
from experiments.services.experiments import lifecycle as services
from experiments.services.experiments.states import NotAllowed
from experiments.services.site.invariants import broken_invariants
from experiments.services.trials import lifecycle
from experiments.services.trials.queued_configurations import AlreadyThere, queue_by_hand
from experiments.web.forms.experiment.configurations import space_of
from tests.faults.conftest import connection_to
from tests.faults.house import ROOT
from tests.searches import make_experiment

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.both_databases]

WORKERS = 4


def start_turners(house, experiment):
    environment = {
        **os.environ,
        "DATA_DIR": str(house.data_dir),
        "DATABASE_URL": house.database_url,
        "REDIS_URL": house.redis.url,
        "PYTHONPATH": str(ROOT),
    }
    turner = str(ROOT / "tests/faults/turner.py")
    with (house.folder / "turners.log").open("ab") as log:
        house.processes["turners"] = subprocess.Popen(
            [sys.executable, turner, str(experiment.pk), str(WORKERS)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def wait_for_the_end(house, seconds=600):
    for name, process in list(house.processes.items()):
        assert process.wait(timeout=seconds) == 0, house.logs()
        del house.processes[name]


BY_HAND = (32, 96, 160, 352, 480)  # units


@pytest.mark.parametrize("count", [24, pytest.param(40, marks=pytest.mark.thorough)])
def test_four_processes_share_a_search_without_a_trial_too_many_while_people_put_trials_in(
    house, project, count
):
    anna = User.objects.create_user("anna")
    experiment = make_experiment(project, max_trials=count, parallel=3, epochs=10)
    services.start_experiment(experiment, by=None)
    start_turners(house, experiment)
    defaults, units, most = space_of(experiment).defaults(), list(BY_HAND), 0
    while any(process.poll() is None for process in house.processes.values()):
        most = max(most, Trial.objects.filter(state=Trial.State.RUNNING).count())
        if units and experiment.trials.count() > len(BY_HAND) - len(units):
            values = defaults | {"units": units.pop(0), "dropout": 0.5}
            queue_by_hand(experiment, [values], by=anna)
        time.sleep(0.02)
    wait_for_the_end(house)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED, house.logs()
    assert sorted(experiment.trials.values_list("number", flat=True)) == list(range(count))
    own = experiment.trials.filter(repeats=None)  # the last ones train leaders again
    assert len(set(own.values_list("values_key", flat=True))) == own.count() >= count - 3
    assert all(trial.number >= count - 3 for trial in experiment.trials.exclude(repeats=None))
    by_hand = experiment.trials.filter(origin="hand").order_by("number")
    assert tuple(trial.values["units"] for trial in by_hand) == BY_HAND
    assert Attempt.objects.count() == count
    assert 1 < most <= 3
    assert replay(experiment).is_equal
    assert broken_invariants() == {}


@pytest.mark.parametrize("count", [20, pytest.param(60, marks=pytest.mark.thorough)])
def test_f24_wishes_at_random_moments_leave_one_truth(house, project, count):
    seed = random.randrange(10**6)
    (house.folder / "seed.log").write_text(f"seed {seed}")
    rng = random.Random(seed)
    experiment = make_experiment(project, max_trials=count, parallel=3, epochs=10)
    services.start_experiment(experiment, by=None)
    start_turners(house, experiment)
    wishes = [services.pause_experiment, services.resume_experiment, stop_some_trial]
    made = 0
    while any(process.poll() is None for process in house.processes.values()):
        try:
            rng.choice(wishes)(experiment, by=None)
            made += 1
        except NotAllowed:
            pass
        if experiment.state == Experiment.State.PAUSED:
            services.resume_experiment(experiment, by=None)
        experiment.refresh_from_db()
        assert broken_of_the_moment() == {}
        time.sleep(rng.random() / 20)
    wait_for_the_end(house)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED, house.logs()
    assert made > 5
    assert experiment.trials.count() == count
    for trial in experiment.trials.all():
        assert trial.state in (Trial.State.COMPLETED, Trial.State.STOPPED)
        assert (trial.score is not None) == (trial.state == Trial.State.COMPLETED)
        last = trial.attempts.last()
        assert last is None or last.outcome in (trial.state, "released")
    assert broken_invariants() == {}


def stop_some_trial(experiment, *, by):
    trial = experiment.trials.order_by("?").first()
    if trial is not None:
        lifecycle.stop_trial(trial, by=by)


def broken_of_the_moment():
    """Invariants that hold at every moment; the others are for a search at rest."""
    broken = broken_invariants()
    return {name: rows for name, rows in broken.items() if name in ("I1", "I2", "I3")}


def test_two_people_at_once_queue_one_of_two_equal_configurations(
    house, project, shared_database, django_db_blocker
):
    people = [User.objects.create_user(name) for name in ("anna", "ben")]
    experiment = make_experiment(project, max_trials=4)
    services.start_experiment(experiment, by=None)
    values = space_of(experiment).defaults()
    together, outcomes = Barrier(2), []

    def put_in(person):
        connections["default"] = connection_to(shared_database)
        try:
            together.wait()
            queue_by_hand(Experiment.objects.get(pk=experiment.pk), [values], by=person)
            outcomes.append("queued")
        except AlreadyThere:
            outcomes.append("refused")
        finally:
            connections["default"].close()

    with django_db_blocker.unblock():
        threads = [Thread(target=put_in, args=[person]) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["queued", "refused"]
    assert experiment.queued.count() == 1
