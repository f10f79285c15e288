from dataclasses import replace

import pytest

from experiments.models import Artifact, Attempt, Execution, Experiment, Trial
from experiments.search.space.space import Space
from experiments.services.experiments.edits import edit_experiment
from experiments.services.experiments.lifecycle import resume_experiment, start_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.services.trials.lifecycle import requeue_trial
from experiments.tuner.turn import take_turn
from tests.examples import replan
from tests.pace import crowd
from tests.replay_pool import Recording, ReplayPool, smooth_curve
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.both_databases

State = Experiment.State


def test_a_search_runs_to_the_end_of_its_budget(project, owner):
    experiment = make_experiment(project, repeats=2)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat())

    assert experiment.state == State.COMPLETED
    assert experiment.state_reason == "The budget of 3 trials is used up."
    assert [t.number for t in experiment.trials.all()] == [0, 1, 2]
    assert all(t.state == Trial.State.COMPLETED for t in experiment.trials.all())
    assert experiment.best_trial.score == max(t.score for t in experiment.trials.all())
    assert experiment.resumed is None and experiment.ended is not None
    assert Artifact.objects.count() == 6
    assert Attempt.objects.filter(outcome="completed").count() == 3
    assert experiment.event_serial > 0


def test_a_trial_scores_the_mean_of_its_executions_best_epochs(project, owner):
    def script(order, execution):
        values = [0.2, 0.9, 0.5] if execution.repeat == 0 else [0.1, 0.3, 0.7]
        return Recording(tuple({"val_accuracy": v, "val_loss": 1 - v} for v in values))

    experiment = make_experiment(project, repeats=2, max_trials=1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(script)))
    trial = experiment.trials.get()
    assert trial.score == pytest.approx(0.8)
    assert trial.spread == pytest.approx(0.1414213, abs=1e-6)
    assert trial.metrics["val_loss"] == pytest.approx(0.2)
    assert trial.epochs == 6
    assert [e.best_epoch for e in trial.executions.all()] == [2, 3]


def test_the_last_epoch_counts_where_the_experiment_says_so(project, owner):
    def script(order, execution):
        return Recording(tuple({"val_accuracy": v} for v in (0.9, 0.4)))

    experiment = make_experiment(project, max_trials=1)
    replan(experiment, score_rule="last")
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(script)))
    assert experiment.trials.get().score == 0.4


def test_the_mean_of_the_last_epochs_counts_where_the_experiment_says_so(project, owner):
    def script(order, execution):
        assert order.fit.keep == "last"
        curve = [(0.9, 9.0), (0.4, 3.0), (0.6, 1.0)]
        return Recording(tuple({"val_accuracy": a, "val_loss": loss} for a, loss in curve))

    experiment = make_experiment(project, max_trials=1)
    replan(experiment, score_rule="mean:2")
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(script)))
    trial = experiment.trials.get()
    assert trial.score == pytest.approx(0.5)
    assert trial.metrics["val_loss"] == pytest.approx(2.0)


def test_the_same_seed_proposes_the_same_trials(project, owner):
    found = []
    for _ in range(2):
        experiment = make_experiment(project)
        start_experiment(experiment, by=owner)
        run_search(experiment, make_seat())
        found.append(
            [
                (t.values, t.seed, [e.seed for e in t.executions.all()])
                for t in experiment.trials.all()
            ]
        )
    assert found[0] == found[1]
    assert found[0][0][1] != found[0][1][1]


def test_a_target_score_ends_the_search(project, owner):
    experiment = make_experiment(project, max_trials=50, target_score=0.1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat())
    assert experiment.state == State.COMPLETED
    assert experiment.state_reason.startswith("Trial 0 reached the target: val_accuracy")
    assert experiment.trials.count() == 1


def test_a_used_up_time_budget_stops_the_running_trial_at_its_next_epoch(project, owner):
    experiment = make_experiment(project, max_trials=50, max_seconds=2, epochs=500)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(seconds_per_epoch=0.05)))
    assert experiment.state == State.COMPLETED
    assert experiment.state_reason == "The time budget of 2 seconds is used up."
    trial = experiment.trials.get()
    assert trial.state == Trial.State.STOPPED
    assert 0 < trial.epochs < 500
    assert experiment.seconds_used >= 1


def test_failures_in_a_row_fail_the_search_and_a_resume_forgives_them(project, owner):
    def broken(order, execution):
        return replace(smooth_curve(order, execution), fail_after=1)

    experiment = make_experiment(project, max_trials=50, max_failures=2)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(broken)))
    assert experiment.state == State.FAILED
    assert "2 trials failed in a row" in experiment.state_reason
    assert "The recording says so." in experiment.state_reason
    failed = experiment.trials.first()
    assert failed.traceback and failed.failure_kind == "user_code"
    assert failed.attempts.count() == 1  # user code is not retried

    resume_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat())
    assert experiment.trials.filter(state=Trial.State.COMPLETED).count() == 1


def test_an_exhausted_space_completes_the_search(project, owner):
    experiment = make_experiment(project, max_trials=50)
    space = experiment.space_versions.get()
    values = Space.from_dict(space.space).defaults() | {"batch_size": 32, "epochs": 3}
    rows = [
        {"name": name, "type": "fixed", "value": value}
        for name, value in values.items()
        if name != "units"
    ]
    rows.append({"name": "units", "type": "choice", "choices": [32, 64]})
    space.space = Space.from_dict({"hyperparameters": rows, "constraints": []}).to_dict()
    space.save()
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat())
    assert experiment.state == State.COMPLETED
    assert experiment.state_reason == ("Search space exhausted: all 2 configurations were tried.")
    assert experiment.trials.count() == 2


def test_nan_is_never_a_score(project, owner):
    def diverging(order, execution):
        return Recording(({"val_accuracy": None, "loss": None},) * 2)

    experiment = make_experiment(project, max_trials=1, max_failures=5)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(diverging)))
    trial = experiment.trials.get()
    assert (trial.state, trial.failure_kind, trial.score) == ("failed", "nan", None)
    assert trial.executions.get().history == {"val_accuracy": [None] * 2, "loss": [None] * 2}
    assert experiment.best_trial is None


def test_a_child_that_dies_is_tried_three_times(project, owner):
    def dying(order, execution):
        return replace(smooth_curve(order, execution), die_after=2, die_status=-11)

    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(dying)))
    trial = experiment.trials.get()
    assert (trial.state, trial.failure_kind) == ("failed", "killed")
    assert "SIGSEGV" in trial.failure_message
    assert [a.outcome for a in trial.attempts.all()] == ["failed"] * 3


def test_a_finished_execution_never_runs_again(project, owner):
    pool = ReplayPool(smooth_curve)
    deaths = []

    def second_dies_once(order, execution):
        if execution.repeat == 1 and not deaths:
            deaths.append(execution)
            return replace(smooth_curve(order, execution), die_after=1)
        return smooth_curve(order, execution)

    pool.script = second_dies_once
    experiment = make_experiment(project, repeats=3, max_trials=1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(pool))
    assert [len(order.executions) for order in pool.orders] == [3, 2]
    trial = experiment.trials.get()
    assert trial.state == Trial.State.COMPLETED
    assert [a.progressed for a in trial.attempts.all()] == [True, True]
    assert all(e.epochs == 3 and len(e.history["val_loss"]) == 3 for e in trial.executions.all())


def test_a_trial_put_back_wakes_a_search_that_had_ended(project, owner):
    def first_fails(order, execution):
        curve = smooth_curve(order, execution)
        return replace(curve, fail_after=1) if len(pool.orders) == 1 else curve

    pool = ReplayPool(first_fails)
    experiment = make_experiment(project, max_trials=2)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(pool))
    assert experiment.state == State.COMPLETED
    requeue_trial(experiment.trials.get(number=0), by=owner)
    run_search(experiment, make_seat(pool))
    assert experiment.state == State.COMPLETED
    assert [t.state for t in experiment.trials.all()] == ["completed"] * 2
    with pytest.raises(NotAllowed):
        requeue_trial(experiment.trials.get(number=0), by=owner)


def test_a_raised_budget_lets_a_completed_search_go_on(project, owner):
    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat())
    with pytest.raises(NotAllowed, match="Raise the budget"):
        resume_experiment(experiment, by=owner)
    edit_experiment(experiment, revision=1, by=owner, max_trials=2)
    resume_experiment(experiment, by=owner)
    run_search(experiment, make_seat())
    assert experiment.trials.count() == 2


def test_a_turn_too_many_finds_the_slots_taken(project, owner):
    experiment = make_experiment(project, max_trials=5, parallel=1)
    inner = make_seat(name="worker-b")

    class Greedy(ReplayPool):
        def run(self, order):
            take_turn(experiment.pk, inner)
            return super().run(order)

    start_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat(Greedy()))
    assert experiment.trials.count() == 1
    assert not inner.pool.orders


def test_a_frozen_child_times_out_and_is_tried_again(project, owner, settings):
    frozen = []

    def freezes_once(order, execution):
        curve = smooth_curve(order, execution)
        # A machine that halts for a moment is no frozen child.
        settings.SILENCE_SECONDS = 600.0 if frozen else 1.0
        if frozen:
            return curve
        frozen.append(order)
        return replace(curve, freeze_after=1)

    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(freezes_once)))
    trial = experiment.trials.get()
    assert trial.state == Trial.State.COMPLETED
    assert [a.failure_kind for a in trial.attempts.all()] == ["timeout", ""]


def test_a_second_attempt_goes_on_with_the_log(project, owner):
    def dies_once(order, execution):
        curve = replace(smooth_curve(order, execution), log=(f"attempt {len(pool.orders)}",))
        return replace(curve, die_after=1) if len(pool.orders) == 1 else curve

    pool = ReplayPool(dies_once)
    experiment = make_experiment(project, max_trials=1)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(pool))
    assert Execution.objects.get().log == "attempt 1\nattempt 2\n"


def test_a_time_budget_is_met_within_one_epoch(project, owner):
    experiment = make_experiment(project, max_trials=50, max_seconds=1, epochs=500)
    start_experiment(experiment, by=owner)
    run_search(experiment, make_seat(ReplayPool(seconds_per_epoch=0.2)))
    assert experiment.state == State.COMPLETED
    assert 1 <= experiment.seconds_used < 1 + 0.2 * crowd()
