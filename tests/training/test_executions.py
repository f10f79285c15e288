"""What a child computes: the same numbers by every way there is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.training.messages import (
    CheckpointSaved,
    EarlyStoppingOrder,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    ExecutionStarted,
    LogLine,
    ModelBuilt,
    ModelOrder,
)
from tests.training.data import write_digits, write_several, write_table, write_texts
from tests.training.orders import drain, listen_for, of

pytestmark = pytest.mark.training
FIRST, SECOND = ExecutionOrder(7, 0, 0, 11), ExecutionOrder(8, 1, 0, 12)
# Plain fit has its own path; what it shares with fused epochs is tried with these in the gate.
METHODS = ["auto", pytest.param("fit", marks=pytest.mark.thorough)]


@pytest.fixture
def play(training_pool, order):
    def play(**changes):
        run = training_pool.run(order(**changes))
        seen = drain(run)
        run.close()
        return seen

    return play


def curves(seen, execution=7):
    return [message.metrics for message in of(seen, EpochEnd) if message.execution == execution]


def largest_difference(one, other):
    assert len(one) == len(other) > 0
    assert all(set(a) == set(b) for a, b in zip(one, other, strict=True))
    return max(abs(a[k] - b[k]) for a, b in zip(one, other, strict=True) for k in a)


@pytest.mark.parametrize("class_weight", [pytest.param(False, marks=pytest.mark.thorough), True])
def test_fused_epochs_give_the_numbers_of_plain_fit(play, class_weight):
    fused = play(fit={"class_weight": class_weight})
    plain = play(fit={"class_weight": class_weight, "method": "fit"})
    assert [m.method for m in of(fused, ModelBuilt)] == ["fused"]
    assert [m.method for m in of(plain, ModelBuilt)] == ["fit"]
    assert largest_difference(curves(fused), curves(plain)) <= 1e-5


def test_an_execution_over_a_shared_trace_equals_one_alone(play):
    both = play(executions=[FIRST, SECOND])
    alone = play(executions=[SECOND])
    assert largest_difference(curves(both, 8), curves(alone, 8)) <= 1e-6


@pytest.mark.parametrize("method", METHODS)
def test_each_part_of_a_table_has_its_own_scale(play, tmp_path, method):
    """Normalization and the target's scale are constants of a trace: they may not leak into the next."""
    order = {
        "data": write_table(tmp_path / "table", parts=2),
        "model": ModelOrder("table-mlp"),
        "values": {},
        "fit": {"metrics": ["mae"], "method": method},
    }
    both = play(executions=[FIRST, SECOND], **order)
    alone = play(executions=[SECOND], **order)
    assert [m.method for m in of(both, ModelBuilt)] == ["fit" if method == "fit" else "fused"]
    assert largest_difference(curves(both, 8), curves(alone, 8)) <= 1e-4


@pytest.mark.parametrize(
    "reader",
    [
        "average",
        pytest.param("convolution", marks=pytest.mark.thorough),
        pytest.param("lstm", marks=pytest.mark.thorough),
    ],
)
def test_texts_are_learnt_and_fused_epochs_give_the_numbers_of_plain_fit(play, tmp_path, reader):
    order = {
        "data": write_texts(tmp_path / "texts"),
        "model": ModelOrder("text"),
        "values": {"reader": reader, "embedding_size": 16, "learning_rate": 0.02, "dropout": 0.0},
    }
    fused = play(fit={"epochs": 6}, **order)
    plain = play(fit={"epochs": 6, "method": "fit"}, **order)
    assert [m.method for m in of(fused, ModelBuilt)] == ["fused"]
    assert largest_difference(curves(fused), curves(plain)) <= 1e-4
    assert curves(fused)[-1]["val_accuracy"] > 0.9


def test_several_targets_give_the_numbers_of_plain_fit_in_each_part(play, tmp_path):
    order = {"data": write_several(tmp_path / "table", parts=2), "model": ModelOrder("multi-task")}
    fit = {"metrics": ["mae", "accuracy"], "objective": "val_small_mae"}
    fused = play(executions=[FIRST, SECOND], values={}, fit=fit, **order)
    plain = play(executions=[SECOND], values={}, fit=fit | {"method": "fit"}, **order)
    assert [m.method for m in of(fused, ModelBuilt)] == ["fused"]
    assert {"val_t_loss", "val_high_accuracy", "val_small_mae"} <= set(curves(fused, 8)[0])
    assert largest_difference(curves(fused, 8), curves(plain, 8)) <= 1e-3
    best = {m.execution: m for m in of(fused, ExecutionEnd)}[8]
    assert best.metrics["val_small_mae"] == min(one["val_small_mae"] for one in curves(fused, 8))
    assert best.predictions  # of the main target


def test_the_seed_decides_all_numbers(play):
    one, again, other = (
        play(executions=[replace(FIRST, seed=seed)]) for seed in (2**63 - 1, 2**63 - 1, 5)
    )
    assert curves(one) == curves(again)
    assert curves(one) != curves(other)


@pytest.mark.parametrize("method", METHODS)
def test_a_resumed_execution_ends_as_if_it_had_not_been_interrupted(
    training_pool, order, play, method
):
    fit = {
        "epochs": 8,
        "method": method,
        "checkpoint_seconds": 0.0,
        "scored_metric": "log_loss",
    }
    stopping = EarlyStoppingOrder("val_loss", patience=2, min_delta=0.05)
    whole = play(fit=fit | {"early_stopping": stopping})

    saved = next(m for m in of(whole, CheckpointSaved) if m.epoch == len(curves(whole)) - 1)
    resumed = replace(FIRST, checkpoint=saved.directory, epochs_done=saved.epoch)
    rest = play(fit=fit | {"early_stopping": stopping}, executions=[resumed])

    assert largest_difference(curves(rest), curves(whole)[saved.epoch :]) <= 1e-6
    (end,), (wanted,) = of(rest, ExecutionEnd), of(whole, ExecutionEnd)
    assert (end.best_epoch, end.epochs) == (wanted.best_epoch, wanted.epochs)
    assert end.metrics == pytest.approx(wanted.metrics, abs=1e-6)
    assert end.predictions_sha256 == wanted.predictions_sha256  # row scores over all epochs too


def test_a_damaged_or_foreign_checkpoint_starts_at_the_first_epoch(play, tmp_path):
    whole = play(fit={"checkpoint_seconds": 0.0})
    saved = of(whole, CheckpointSaved)[-1]
    broken = tmp_path / "broken"
    broken.mkdir()
    places = [(str(broken), {}), (str(tmp_path / "nowhere"), {}), (saved.directory, {"seed": 99})]
    executions = [
        replace(FIRST, execution=n, checkpoint=folder, epochs_done=saved.epoch, **changes)
        for n, (folder, changes) in enumerate(places, start=1)
    ]
    seen = play(executions=executions)
    assert of(seen, ExecutionStarted) == [ExecutionStarted(n, 0) for n in (1, 2, 3)]
    assert [len(curves(seen, n)) for n in (1, 2, 3)] == [3, 3, 3]
    assert sum("starts at epoch 1" in line.text for line in of(seen, LogLine)) == 3


def test_checkpoints_come_at_their_interval_and_two_are_kept(training_pool, order):
    wanted = order(fit={"epochs": 6, "checkpoint_seconds": 0.0})
    run = training_pool.run(wanted)
    seen = drain(run)
    run.close()
    assert [m.epoch for m in of(seen, CheckpointSaved)] == [1, 2, 3, 4, 5]
    left = sorted(path.name for path in Path(wanted.directory).iterdir())
    stored = ["execution-7.keras", "execution-7.predictions.npz"]
    assert left == ["checkpoint-7-4", "checkpoint-7-5", *stored]


@pytest.mark.parametrize("method", METHODS)
def test_early_stopping_ends_after_its_patience(play, method):
    stopping = EarlyStoppingOrder("val_loss", patience=2, min_delta=10.0)
    seen = play(fit={"epochs": 50, "early_stopping": stopping, "method": method})
    (end,) = of(seen, ExecutionEnd)
    assert end.epochs == len(curves(seen)) == 3
    losses = [metrics["val_loss"] for metrics in curves(seen)]
    assert end.best_epoch == losses.index(min(losses)) + 1


def test_a_maximized_objective_keeps_its_highest_epoch(play):
    seen = play(fit={"epochs": 6, "objective": "val_accuracy", "direction": "maximize"})
    (end,) = of(seen, ExecutionEnd)
    accuracies = [metrics["val_accuracy"] for metrics in curves(seen)]
    assert end.best_epoch == accuracies.index(max(accuracies)) + 1


def test_a_batch_larger_than_the_data_is_one_step(play):
    assert len(curves(play(fit={"batch_size": 100_000}))) == 3


def test_a_deterministic_run_repeats_bit_for_bit(play):
    one, again = (play(fit={"deterministic": True}) for _ in range(2))
    assert curves(one) == curves(again)


def test_data_beyond_the_memory_budget_trains_with_plain_fit(order, play):
    seen = play(values=order().values | {"memory": 1000})
    (built,) = of(seen, ModelBuilt)
    assert built.method == "fit"
    assert built.reason.startswith("The data takes")
    assert largest_difference(curves(seen), curves(play())) <= 1e-5


def test_class_weights_without_classes_are_refused(play, tmp_path):
    seen = play(
        data=write_table(tmp_path / "table"),
        model=ModelOrder("table-mlp"),
        values={},
        fit={"metrics": ["mae"], "class_weight": True},
    )
    assert seen[-1].kind == "data"
    assert "Class weights need classes" in seen[-1].message


def test_a_stop_between_two_executions_keeps_the_first(training_pool, order):
    run = training_pool.run(order(executions=[FIRST, SECOND], fit={"epochs": 400}))
    seen = listen_for(run, ExecutionEnd)
    run.stop("stop")
    seen += drain(run)
    run.close()
    assert [m.execution for m in of(seen, ExecutionEnd)] == [7]
    assert seen[-1].stopped == "stop"


@pytest.mark.parametrize("method", METHODS)
def test_a_refit_trains_on_all_rows_and_keeps_its_last_epoch(play, tmp_path, method):
    data = write_digits(tmp_path / "digits")
    np.savez(data.split, train_0=np.arange(400), validation_0=np.arange(0))
    fit = {
        "epochs": 3,
        "method": method,
        "objective": "loss",
        "direction": "maximize",  # the first epoch would be the best one
        "keep": "last",
    }
    seen = play(data=data, fit=fit)
    assert set(curves(seen)[0]) == {"loss", "accuracy"}
    [end] = of(seen, ExecutionEnd)
    assert (end.epochs, end.best_epoch) == (3, 3)
    assert end.metrics == curves(seen)[-1]
    assert end.model_bytes > 0
