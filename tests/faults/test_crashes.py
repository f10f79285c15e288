"""F1 to F4 and F6 of the fault matrix: children and workers that die or freeze."""

import os
import signal
import time
from dataclasses import replace

import pytest

from experiments.models import Attempt, Experiment, Trial
from experiments.services.experiments.lifecycle import (
    pause_experiment,
    resume_experiment,
    start_experiment,
)
from tests.examples import replan
from tests.faults.house import LEASE_SECONDS, is_alive, running_attempt
from tests.pace import crowd
from tests.searches import make_experiment

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

LONG = 10_000  # epochs: far longer than the test
START_SECONDS = 60.0


def start_long_trial(house, project, *, workers=1):
    """A search whose only trial reports epochs; its attempt."""
    experiment = make_experiment(project, epochs=LONG, max_trials=1)
    replan(experiment, fit=replace(experiment.fit, early_stopping_patience=None))
    start_experiment(experiment, by=None)
    house.start_all(workers)
    house.wait("epochs are reported", running_attempt, seconds=START_SECONDS)
    return running_attempt()


def nth_attempt_runs(number):
    return lambda: (a := running_attempt()) and a.number == number


def assert_killed_by(attempt, number):
    attempt.refresh_from_db()
    assert (attempt.outcome, attempt.failure_kind) == ("failed", "killed")
    assert number.name in attempt.message


def test_f1_f2_a_child_that_dies_or_crashes_is_taken_up_within_ten_seconds_and_fails_at_the_third_time(
    house, project
):
    attempt = start_long_trial(house, project)
    for number, sent in ((2, signal.SIGSEGV), (3, signal.SIGKILL)):
        os.kill(attempt.child_pid, sent)
        house.wait(f"attempt {number} reports epochs", nth_attempt_runs(number), seconds=10)
        assert_killed_by(attempt, sent)
        attempt = running_attempt()
    os.kill(attempt.child_pid, signal.SIGKILL)
    house.wait(
        "the trial failed", lambda: Trial.objects.get().state == Trial.State.FAILED, seconds=10
    )
    house.wait(
        "the search ended",
        lambda: Experiment.objects.get(purpose="search").state == Experiment.State.COMPLETED,
        seconds=10,
    )


@pytest.mark.thorough  # F6 ends as F3 does; training/test_lifelines.py: a child ends with its worker
@pytest.mark.parametrize("also_child", [False, True])
def test_f3_f4_a_killed_workers_trial_runs_elsewhere(house, project, also_child):
    attempt = start_long_trial(house, project)
    if also_child:
        os.kill(attempt.child_pid, signal.SIGKILL)
    house.kill("worker-1")
    house.wait("the child is gone", lambda: not is_alive(attempt.child_pid), seconds=2)
    house.start("worker-2", "trial_worker")
    # A whole lease, a round of the reaper, and a worker that has to start.
    house.wait("attempt 2 reports epochs", nth_attempt_runs(2), seconds=LEASE_SECONDS + 30)
    attempt.refresh_from_db()
    assert attempt.outcome == "reaped"
    assert Attempt.objects.filter(ended=None).count() == 1


@pytest.mark.both_databases  # the lease is by the clock of the database
def test_f6_a_frozen_worker_is_fenced_when_it_wakes(house, project):
    attempt = start_long_trial(house, project)
    frozen = house.processes["worker-1"]
    os.kill(frozen.pid, signal.SIGSTOP)
    house.start("worker-2", "trial_worker")
    house.wait("attempt 2 reports epochs", nth_attempt_runs(2), seconds=LEASE_SECONDS + 30)
    second = running_attempt()
    os.kill(frozen.pid, signal.SIGCONT)
    house.wait("the old child is gone", lambda: not is_alive(attempt.child_pid), seconds=8)
    time.sleep(1)  # for what it may still want to write
    trial = Trial.objects.get()
    assert (trial.token, trial.state) == (second.token, Trial.State.RUNNING)
    execution = trial.executions.get()
    assert {len(values) for values in execution.history.values()} == {execution.epochs}
    attempt.refresh_from_db()
    assert attempt.outcome == "reaped"


def test_a_pause_reaches_the_child_a_resume_goes_on_and_a_worker_that_is_told_to_go_hands_it_back(
    house, project
):
    start_long_trial(house, project)
    experiment = Experiment.objects.get(purpose="search")
    pause_experiment(experiment, by=None)
    house.wait(
        "the experiment rests",
        lambda: Experiment.objects.get(purpose="search").state == Experiment.State.PAUSED,
        seconds=5,
    )
    paused_at = Trial.objects.get().epochs
    assert Trial.objects.get().executions.get().checkpoint_epoch == paused_at > 0
    resume_experiment(experiment, by=None)
    house.wait("it goes on", nth_attempt_runs(2), seconds=10)
    assert Trial.objects.get().epochs >= paused_at

    worker = house.processes.pop("worker-1")
    worker.terminate()
    assert worker.wait(timeout=8 * crowd()) == 0
    trial = Trial.objects.get()
    assert (trial.state, trial.token) == (Trial.State.WAITING, None)
    outcomes = trial.attempts.order_by("number").values_list("outcome", flat=True)
    assert list(outcomes) == ["released", "released"]
