"""Many processes at one search, while people pause, resume and stop: F22 and F24 at random."""

import os
import random
import subprocess
import sys
import time

import pytest

from experiments.models import Attempt, Experiment, Trial
from experiments.services.experiments import lifecycle as services
from experiments.services.experiments.states import NotAllowed
from experiments.services.site.invariants import broken_invariants
from experiments.services.trials import lifecycle
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
    for number in range(WORKERS):
        with (house.folder / f"turner-{number}.log").open("ab") as log:
            house.processes[f"turner-{number}"] = subprocess.Popen(
                [
                    sys.executable,
                    str(ROOT / "tests/faults/turner.py"),
                    *(str(experiment.pk), f"w{number}", str(house.folder), str(WORKERS)),
                ],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def wait_for_the_end(house, seconds=600):
    for name, process in list(house.processes.items()):
        assert process.wait(timeout=seconds) == 0, house.logs()
        del house.processes[name]


@pytest.mark.parametrize("count", [16, pytest.param(40, marks=pytest.mark.thorough)])
def test_four_processes_share_a_search_without_a_trial_too_many(house, project, count):
    experiment = make_experiment(project, max_trials=count, parallel=3, epochs=10)
    services.start_experiment(experiment, by=None)
    start_turners(house, experiment)
    most = 0
    while any(process.poll() is None for process in house.processes.values()):
        most = max(most, Trial.objects.filter(state=Trial.State.RUNNING).count())
        time.sleep(0.02)
    wait_for_the_end(house)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED, house.logs()
    assert sorted(experiment.trials.values_list("number", flat=True)) == list(range(count))
    own = experiment.trials.filter(repeats=None)  # the last ones train leaders again
    assert len(set(own.values_list("values_key", flat=True))) == own.count() >= count - 3
    assert all(trial.number >= count - 3 for trial in experiment.trials.exclude(repeats=None))
    assert Attempt.objects.count() == count
    assert 1 < most <= 3
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
