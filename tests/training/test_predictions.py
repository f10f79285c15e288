"""What the best model says of its validation rows: stored as it is, by every way to train."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from experiments.training.messages import EpochEnd, ExecutionEnd, ExecutionOrder, ModelOrder
from tests.training.data import write_table
from tests.training.orders import drain, of

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
        return {name: arrays[name] for name in ("scores", "cross_scores") if name in arrays}


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
