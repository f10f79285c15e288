"""What the best model says of its validation rows: stored as it is, by every way to train."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.evaluation.metrics import of_task
from experiments.evaluation.row_scores import AS_ACCURACY, METRIC
from experiments.evaluation.scores import scores_of
from experiments.training.messages import (
    CheckpointSaved,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    ModelOrder,
)
from tests.training.data import write_digits, write_table
from tests.training.orders import drain, listen_for, of

pytestmark = pytest.mark.training
BOTH = [ExecutionOrder(7, 0, 0, 11), ExecutionOrder(8, 1, 0, 12)]


def played(training_pool, order):
    run = training_pool.run(order)
    seen = drain(run)
    run.close()
    return seen


def stored(order, end):
    path = Path(order.directory) / end.predictions
    assert path.stat().st_size == end.predictions_bytes
    assert hashlib.sha256(path.read_bytes()).hexdigest() == end.predictions_sha256
    with np.load(path) as arrays:
        return arrays["rows"], arrays["targets"], arrays["predictions"]


@pytest.mark.parametrize("method", ["auto", pytest.param("fit", marks=pytest.mark.thorough)])
def test_predictions_are_those_of_the_best_epoch_of_each_execution(training_pool, order, method):
    sent = order(fit={"method": method}, executions=BOTH)
    seen = played(training_pool, sent)
    split = np.load(sent.data.split)
    for end, part in zip(of(seen, ExecutionEnd), (0, 1), strict=True):
        rows, targets, predictions = stored(sent, end)
        assert np.array_equal(rows, split[f"validation_{part}"])
        assert predictions.dtype == np.float32 and predictions.shape == (len(rows), 10)
        best = min(
            (m for m in of(seen, EpochEnd) if m.execution == end.execution),
            key=lambda m: m.metrics["val_loss"],
        )
        accuracy = float((predictions.argmax(1) == targets).mean())
        assert accuracy == pytest.approx(best.metrics["val_accuracy"], abs=1e-6)


def test_a_numbers_predictions_are_in_the_unit_of_the_target(training_pool, order, tmp_path):
    data = write_table(tmp_path / "table", parts=2)
    model = ModelOrder("table-mlp")
    sent = order(data=data, model=model, values={}, executions=BOTH, fit={"metrics": ["mae"]})
    for end in of(played(training_pool, sent), ExecutionEnd):
        _, targets, predictions = stored(sent, end)
        assert predictions.shape == targets.shape
        mae = float(np.abs(predictions - targets).mean())
        assert mae == pytest.approx(end.metrics["val_mae"], rel=1e-5)


def row_scores_of(order, end):
    with np.load(Path(order.directory) / end.predictions) as arrays:
        return {name: arrays[name] for name in arrays if name.endswith("scores")}


def other_metrics_of(order, end):
    with np.load(Path(order.directory) / end.predictions) as arrays:
        return {
            name.removeprefix(METRIC): arrays[name] for name in arrays if name.startswith(METRIC)
        }


ACCURACY = {
    "objective": "val_accuracy",
    "direction": "maximize",
    "scored_metric": "accuracy",
    "epochs": 6,
}


@pytest.mark.parametrize("method", ["auto", "fit"])
def test_row_scores_are_those_of_the_kept_epoch_and_of_epochs_that_other_rows_chose(
    training_pool, order, method
):
    sent = order(fit=ACCURACY | {"method": method}, executions=BOTH)
    seen = played(training_pool, sent)
    for end in of(seen, ExecutionEnd):
        found = row_scores_of(sent, end)
        assert found["scores"].mean() == pytest.approx(end.metrics["val_accuracy"], abs=1e-6)
        epochs = [
            m.metrics["val_accuracy"] for m in of(seen, EpochEnd) if m.execution == end.execution
        ]
        assert min(epochs) - 1e-6 <= found["cross_scores"].mean() <= max(epochs) + 0.05
        assert set(found["cross_scores"]) <= {0.0, 1.0}


def test_a_single_epoch_leaves_nothing_to_choose(training_pool, order):
    sent = order(fit=ACCURACY | {"epochs": 1, "metrics": ["accuracy"]})
    (end,) = of(played(training_pool, sent), ExecutionEnd)
    found = row_scores_of(sent, end)
    assert np.array_equal(found["scores"], found["cross_scores"])


def test_other_weights_than_the_best_epochs_have_scores_but_no_crossed_ones(training_pool, order):
    sent = order(fit=ACCURACY | {"keep": "last", "epochs": 2})
    (end,) = of(played(training_pool, sent), ExecutionEnd)
    assert list(row_scores_of(sent, end)) == ["scores"]


def test_an_objective_without_exact_metric_has_no_row_scores(training_pool, order):
    sent = order(fit={"epochs": 1})
    (end,) = of(played(training_pool, sent), ExecutionEnd)
    assert row_scores_of(sent, end) == {}


def test_other_metrics_are_stored_at_the_epochs_that_the_objective_chose(training_pool, order):
    sent = order(fit=ACCURACY, executions=BOTH)
    for end in of(played(training_pool, sent), ExecutionEnd):
        found = other_metrics_of(sent, end)
        every = {metric.name for metric in of_task("classification")}
        assert set(found) == every - {"accuracy", *AS_ACCURACY}
        assert all(np.isfinite(rows).all() for rows in found.values())
        # A row is right where its probability of the true class is the largest, at the same epoch.
        crossed = row_scores_of(sent, end)["cross_scores"]
        assert (found["log_loss"][crossed == 0] > -np.log(0.5) - 1e-6).all()


def test_other_metrics_are_those_of_the_model_where_no_epoch_was_chosen(training_pool, order):
    sent = order(fit=ACCURACY | {"keep": "last", "epochs": 2})
    (end,) = of(played(training_pool, sent), ExecutionEnd)
    _, targets, predictions = stored(sent, end)
    exact = scores_of("classification", targets, predictions)
    found = other_metrics_of(sent, end)
    assert len(found) > 8
    for name, rows in found.items():
        assert rows.mean() == pytest.approx(exact[name], abs=1e-5), name


def test_a_number_has_its_metrics_too(training_pool, order, tmp_path):
    data = write_table(tmp_path / "table")
    fit = {"objective": "val_mae", "metrics": ["mae"], "scored_metric": "mae"}
    sent = order(data=data, model=ModelOrder("table-mlp"), values={}, fit=fit)
    (end,) = of(played(training_pool, sent), ExecutionEnd)
    assert set(other_metrics_of(sent, end)) == {"mse", "rmse", "r2"}


def test_rows_of_a_group_are_read_at_the_same_epoch(training_pool, order, tmp_path):
    """All rows but five are one group: only the five are ever read at another epoch than the model's own."""
    data = write_digits(tmp_path / "grouped")
    rows = np.load(data.split)["validation_0"]
    units = np.zeros(400, dtype=np.int64)
    units[rows[:5]] = range(1, 6)
    np.save(tmp_path / "units.npy", units)
    data = replace(data, units=str(tmp_path / "units.npy"))
    noisy = {"units": 8, "learning_rate": 0.3, "dropout": 0.5}
    sent = order(data=data, fit=ACCURACY | {"epochs": 20}, values=noisy)
    (end,) = of(played(training_pool, sent), ExecutionEnd)
    found = row_scores_of(sent, end)
    losses = other_metrics_of(sent, end)["log_loss"]
    _, targets, predictions = stored(sent, end)
    kept = -np.log(predictions[np.arange(len(rows)), targets])
    same = np.isclose(losses, kept, rtol=1e-3)
    assert same[5:].all() or not same[5:].any()
    assert len(found["cross_scores"]) == len(rows)


def test_a_single_group_crosses_nothing(training_pool, order, tmp_path):
    data = write_digits(tmp_path / "one")
    np.save(tmp_path / "units.npy", np.zeros(400, dtype=np.int64))
    sent = order(data=replace(data, units=str(tmp_path / "units.npy")), fit=ACCURACY)
    (end,) = of(played(training_pool, sent), ExecutionEnd)
    assert list(row_scores_of(sent, end)) == ["scores"] and not other_metrics_of(sent, end)


def test_a_pause_loses_no_epoch_that_was_chosen(training_pool, order, tmp_path):
    fit = ACCURACY | {"epochs": 4000}
    paused = order(fit=fit, directory=str(tmp_path / "paused"))
    run = training_pool.run(paused)
    seen = listen_for(run, EpochEnd, count=3)
    run.stop("pause")
    seen += drain(run)
    run.close()
    saved = of(seen, CheckpointSaved)[-1]
    fit["epochs"] = saved.epoch + 4
    rest = replace(paused.executions[0], checkpoint=saved.directory, epochs_done=saved.epoch)
    resumed = order(fit=fit, executions=[rest], directory=str(tmp_path / "resumed"))
    whole = order(fit=fit, directory=str(tmp_path / "whole"))
    (second,) = of(played(training_pool, resumed), ExecutionEnd)
    (first,) = of(played(training_pool, whole), ExecutionEnd)
    for read in (row_scores_of, other_metrics_of):
        there, here = read(whole, first), read(resumed, second)
        assert there.keys() == here.keys() and len(here) > 1
        for name, rows in there.items():
            assert rows == pytest.approx(here[name], abs=1e-4), name
