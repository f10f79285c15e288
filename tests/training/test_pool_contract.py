"""What the tuner may expect of either pool."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.training.messages import (
    CheckpointSaved,
    ChildStarted,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    ExecutionStarted,
    ModelBuilt,
    TrialEnd,
)
from tests.replay_pool import ReplayPool
from tests.training.orders import drain, listen_for, of

TWO = [ExecutionOrder(7, 0, 0, 11), ExecutionOrder(8, 1, 0, 12)]


class PoolContract:
    @pytest.fixture
    def pool(self):
        raise NotImplementedError

    def test_a_trial_is_told_from_its_first_line_to_its_last(self, pool, order):
        run = pool.run(order(executions=TWO))
        seen = drain(run)
        kinds = [type(message) for message in seen]
        one = [ExecutionStarted, EpochEnd, EpochEnd, EpochEnd, ExecutionEnd]
        assert kinds == [ChildStarted, ModelBuilt, *one, *one, TrialEnd]
        assert seen[0].preloaded
        assert seen[-1] == TrialEnd()
        assert [message.epoch for message in of(seen, EpochEnd)] == [1, 2, 3, 1, 2, 3]
        assert run.exit_status() == 0
        run.close()

    def test_the_best_epoch_is_the_objectives_and_its_model_is_there(self, pool, order):
        wanted = order()
        run = pool.run(wanted)
        seen = drain(run)
        (end,) = of(seen, ExecutionEnd)
        losses = [message.metrics["val_loss"] for message in of(seen, EpochEnd)]
        assert end.best_epoch == losses.index(min(losses)) + 1
        assert end.metrics["val_loss"] == min(losses)
        model = Path(wanted.directory, end.model).read_bytes()
        assert len(model) == end.model_bytes
        assert hashlib.sha256(model).hexdigest() == end.model_sha256
        run.close()

    def test_a_pause_checkpoints_and_a_resume_leaves_no_gap(self, pool, order):
        wanted = order(fit={"epochs": 4000})
        run = pool.run(wanted)
        seen = listen_for(run, EpochEnd, count=3)
        run.stop("pause")
        seen += drain(run)
        assert seen[-1] == TrialEnd("pause")
        last = of(seen, EpochEnd)[-1].epoch
        saved = of(seen, CheckpointSaved)[-1]
        assert (saved.epoch, saved.execution) == (last, 7)
        run.close()

        again = replace(
            order(fit={"epochs": last + 2}),
            executions=[
                replace(wanted.executions[0], checkpoint=saved.directory, epochs_done=last)
            ],
        )
        run = pool.run(again)
        seen = drain(run)
        assert of(seen, ExecutionStarted) == [ExecutionStarted(7, last)]
        assert [message.epoch for message in of(seen, EpochEnd)] == [last + 1, last + 2]
        assert of(seen, ExecutionEnd)[0].epochs == last + 2
        run.close()

    @pytest.mark.parametrize("reason", ["stop", "prune", "target"])
    def test_a_stop_acts_at_the_next_epoch_with_its_reason(self, pool, order, reason):
        run = pool.run(order(fit={"epochs": 4000}))
        listen_for(run, EpochEnd)
        run.stop(reason)
        seen = drain(run)
        assert seen[-1] == TrialEnd(reason)
        assert not of(seen, ExecutionEnd)
        run.close()

    def test_a_killed_trial_shows_the_signal(self, pool, order):
        run = pool.run(order(fit={"epochs": 4000}))
        listen_for(run, EpochEnd)
        run.kill()
        drain(run)
        assert run.exit_status() < 0
        run.close()

    def test_closing_in_the_middle_leaves_nothing_behind(self, pool, order):
        run = pool.run(order(fit={"epochs": 4000}))
        listen_for(run, EpochEnd)
        run.close()
        assert run.receive(0.01) is None or run.exit_status() is None
        assert drain(run) == [] or run.exit_status() is not None


class TestReplayPool(PoolContract):
    @pytest.fixture
    def pool(self):
        return ReplayPool()


@pytest.mark.training
class TestTrainingPool(PoolContract):
    @pytest.fixture
    def pool(self, training_pool):
        return training_pool
