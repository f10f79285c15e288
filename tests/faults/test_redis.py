"""F12 to F14 of the fault matrix: Redis dies, forgets, or both."""

import shutil
import time
from dataclasses import replace

import pytest

from experiments.models import Attempt, Experiment, Trial
from experiments.services.experiments.lifecycle import start_experiment
from tests.examples import replan
from tests.searches import make_experiment

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

EPOCHS = 400


def start_searches(house, project, count=7):
    """Searches of one trial each: two run, the others wait in the queue."""
    for _ in range(count):
        experiment = make_experiment(project, epochs=EPOCHS, max_trials=1)
        replan(experiment, fit=replace(experiment.fit, early_stopping_patience=None))
        start_experiment(experiment, by=None)
    house.start_all(workers=2)
    house.wait(
        "two trials run",
        lambda: Trial.objects.filter(state=Trial.State.RUNNING).count() == 2,
        seconds=60,
    )


def all_complete():
    return not Experiment.objects.exclude(state=Experiment.State.COMPLETED).exists()


def assert_each_ran_once(count=7):
    assert Trial.objects.filter(state=Trial.State.COMPLETED).count() == count
    assert Trial.objects.count() == count
    assert Attempt.objects.filter(ended=None).count() == 0


@pytest.mark.thorough  # tests/stack kills it too, and F13 loses more
def test_f12_a_killed_redis_loses_no_trial(house, project):
    start_searches(house, project)
    house.redis.kill()
    time.sleep(2)
    house.redis.start()
    house.wait("all complete", all_complete, seconds=90)
    assert_each_ran_once()


@pytest.mark.parametrize("count", [4, pytest.param(7, marks=pytest.mark.thorough)])
def test_f13_lost_data_of_redis_is_asked_for_again(house, project, count):
    start_searches(house, project, count)
    house.redis.kill()
    shutil.rmtree(house.redis.embedded.folder / "appendonlydir", ignore_errors=True)
    house.redis.start()
    house.wait("all complete", all_complete, seconds=120)
    assert_each_ran_once(count)


@pytest.mark.thorough  # F13 loses the same, and the server
def test_f14_a_flushed_redis_is_filled_again(house, project):
    start_searches(house, project)
    house.flush_redis()
    house.wait("all complete", all_complete, seconds=120)
    assert_each_ran_once()
