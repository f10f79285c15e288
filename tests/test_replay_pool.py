import pytest

from experiments.training.messages import (
    CheckpointSaved,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    Failure,
    TrialEnd,
)
from tests.clock import Clock
from tests.replay_pool import Recording, ReplayPool, smooth_curve
from tests.training.orders import fit_order, trial_order

THREE = ({"val_loss": 3.0}, {"val_loss": 1.0}, {"val_loss": None})


def drain(run):
    seen = []
    while (message := run.receive(0.01)) is not None:
        seen.append(message)
    return seen


def play(tmp_path, recording, **changes):
    run = ReplayPool(lambda order, execution: recording).run(trial_order(tmp_path, **changes))
    return run, drain(run)


def test_a_curve_is_played_to_its_best_epoch(tmp_path):
    run, seen = play(tmp_path, Recording(THREE))
    assert [m.metrics for m in seen if isinstance(m, EpochEnd)] == list(THREE)
    end = next(m for m in seen if isinstance(m, ExecutionEnd))
    assert (end.best_epoch, end.metrics) == (2, {"val_loss": 1.0})
    assert (tmp_path / "attempt" / end.model).stat().st_size == end.model_bytes
    assert seen[-1] == TrialEnd()
    assert run.exit_status() == 0


def test_the_built_in_curve_has_the_metrics_of_the_order(tmp_path):
    order = trial_order(tmp_path, fit=fit_order(metrics=["auc"]))
    assert set(smooth_curve(order, order.executions[0]).epochs[0]) == {
        "loss",
        "val_loss",
        "auc",
        "val_auc",
    }


def test_a_pause_leaves_a_checkpoint_that_goes_on_without_a_gap(tmp_path):
    pool = ReplayPool(lambda order, execution: Recording(THREE))
    run = pool.run(trial_order(tmp_path))
    while not isinstance(run.receive(0.01), EpochEnd):
        pass
    run.stop("pause")
    saved, end = drain(run)
    assert isinstance(saved, CheckpointSaved)
    assert (saved.epoch, end) == (1, TrialEnd("pause"))
    again = ExecutionOrder(7, 0, 0, 11, checkpoint=saved.directory, epochs_done=saved.epoch)
    seen = drain(pool.run(trial_order(tmp_path, executions=[again])))
    assert [m.epoch for m in seen if isinstance(m, EpochEnd)] == [2, 3]


def test_a_stop_at_the_last_epoch_still_completes_the_execution(tmp_path):
    run = ReplayPool(lambda order, execution: Recording(THREE[:1])).run(trial_order(tmp_path))
    while not isinstance(run.receive(0.01), EpochEnd):
        pass
    run.stop("stop")
    assert [type(m) for m in drain(run)] == [ExecutionEnd, TrialEnd]


def test_a_scripted_failure_ends_the_trial(tmp_path):
    run, seen = play(tmp_path, Recording(THREE, fail_after=2, failure_kind="nan"))
    assert isinstance(seen[-1], Failure)
    assert (seen[-1].kind, run.exit_status()) == ("nan", 0)


@pytest.mark.parametrize("after", [0, 2])
def test_a_scripted_death_shows_the_signal_and_keeps_what_came_before(tmp_path, after):
    run, seen = play(tmp_path, Recording(THREE, die_after=after))
    assert sum(isinstance(m, EpochEnd) for m in seen) == after
    assert run.exit_status() == -9


def test_a_frozen_run_lasts_until_it_is_killed(tmp_path):
    run, _ = play(tmp_path, Recording(THREE, freeze_after=1))
    assert run.receive(0.01) is None
    assert run.exit_status() is None
    run.kill()
    assert run.exit_status() == -9


def test_a_slow_epoch_is_not_there_before_its_time(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.replay_pool.time", clock := Clock())
    pool = ReplayPool(lambda order, execution: Recording(THREE), seconds_per_epoch=0.2)
    run = pool.run(trial_order(tmp_path))
    for _ in range(3):
        assert run.receive(0.01) is not None
    assert run.receive(0.01) is None
    assert run.exit_status() is None
    assert isinstance(run.receive(1.0), EpochEnd)
    assert clock.now == pytest.approx(0.2)
