"""Pauses, stops and farewells while a trial runs."""

from dataclasses import replace

import pytest

from experiments.models import Activity, Execution, Experiment, Trial
from experiments.services.experiments.lifecycle import (
    pause_experiment,
    resume_experiment,
    start_experiment,
    stop_experiment,
)
from experiments.services.trials.lifecycle import stop_trial
from experiments.tuner.turn import take_turn
from tests.replay_pool import ReplayPool, smooth_curve
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.both_databases

State = Experiment.State


class Wishful(ReplayPool):
    """Makes a wish of the database's while the first trial is at some epoch."""

    def __init__(self, wish, **options):
        super().__init__(seconds_per_epoch=0.05, **options)
        self.instruction = wish

    def run(self, order):
        run = super().run(order)
        if len(self.orders) == 1:
            receive = run.receive

            def and_wish(timeout):
                message = receive(timeout)
                if getattr(message, "epoch", 0) == 5 and self.instruction:
                    wish, self.instruction = self.instruction, None
                    wish()
                return message

            run.receive = and_wish
        return run


def test_a_pause_keeps_the_epochs_and_a_resume_goes_on_from_them(project, owner):
    experiment = make_experiment(project, max_trials=1, epochs=40)
    pool = Wishful(lambda: pause_experiment(experiment, by=owner))
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(pool))

    assert experiment.state == State.PAUSED
    trial = experiment.trials.get()
    assert trial.state == Trial.State.WAITING
    assert trial.attempts.get().outcome == "released"
    paused_at, seconds = trial.epochs, trial.seconds
    assert 5 <= paused_at < 40

    resume_experiment(experiment, by=owner)
    assert experiment.state == State.QUEUED
    run_search(experiment, make_seat(pool))
    assert experiment.state == State.COMPLETED
    assert pool.orders[1].executions[0].epochs_done == paused_at
    execution = Execution.objects.get()
    assert execution.epochs == 40
    assert execution.seconds == pytest.approx(seconds * 40 / paused_at)
    assert {len(values) for values in execution.history.values()} == {40}


def test_a_stop_ends_the_running_trial_and_the_search(project, owner):
    experiment = make_experiment(project, max_trials=5, epochs=400)
    pool = Wishful(lambda: stop_experiment(experiment, by=owner))
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(pool))
    assert experiment.state == State.STOPPED
    assert [t.state for t in experiment.trials.all()] == [Trial.State.STOPPED]


def test_one_trial_may_be_stopped_while_the_search_goes_on(project, owner):
    experiment = make_experiment(project, max_trials=2, epochs=40)
    pool = Wishful(lambda: stop_trial(experiment.trials.get(), by=owner))
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(pool))
    assert experiment.state == State.COMPLETED
    assert [t.state for t in experiment.trials.all()] == ["stopped", "completed"]


def test_a_leaving_worker_hands_its_trial_back(project, owner):
    experiment = make_experiment(project, max_trials=1, epochs=400)
    start_experiment(experiment, by=owner)
    seat = make_seat(ReplayPool(seconds_per_epoch=0.02))
    seat.beat = lambda trial: seat.leaving.set()
    take_turn(experiment.pk, seat)
    trial = experiment.trials.get()
    assert trial.state == Trial.State.WAITING and trial.token is None
    assert trial.attempts.get().outcome == "released"
    assert trial.executions.get().checkpoint_epoch > 0
    assert Activity.objects.filter(verb="trial.released").exists()


def test_a_stopped_child_in_a_long_epoch_is_ended(project, owner, monkeypatch):
    def freezes(order, execution):
        return replace(smooth_curve(order, execution), freeze_after=3)

    monkeypatch.setattr("experiments.tuner.supervision.STOP_SECONDS", 0.2)
    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    seat = make_seat(ReplayPool(freezes))
    seat.beat = lambda trial: trial and _stop_once(experiment, owner)
    run_search(experiment, seat)
    assert experiment.state == State.STOPPED
    assert experiment.trials.get().state == Trial.State.STOPPED


def _stop_once(experiment, owner):
    experiment.refresh_from_db()
    if experiment.state == State.RUNNING:
        stop_experiment(experiment, by=owner)


def test_a_leaving_worker_takes_no_further_trial(project, owner):
    experiment = make_experiment(project)
    start_experiment(experiment, by=owner)
    seat = make_seat()
    seat.leaving.set()
    take_turn(experiment.pk, seat)
    assert not experiment.trials.exists()
    experiment.refresh_from_db()
    assert experiment.turn_serial == 2  # the turn was passed on
