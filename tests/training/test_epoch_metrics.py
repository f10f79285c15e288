"""Metrics that Keras measures each epoch, beside scikit-learn's on the predictions of the same epoch."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from experiments.evaluation.final_metrics import final_metrics
from experiments.evaluation.metrics import epoch_metrics
from experiments.training.messages import ExecutionEnd, ExecutionOrder, ModelBuilt, ModelOrder
from tests.training.data import write_cancer, write_table
from tests.training.orders import drain, of

pytestmark = pytest.mark.training
BOTH = [ExecutionOrder(7, 0, 0, 11), ExecutionOrder(8, 1, 0, 12)]


def differences(training_pool, sent, task, classes):
    run = training_pool.run(sent)
    seen = drain(run)
    run.close()
    ends = of(seen, ExecutionEnd)
    assert len(ends) == len(sent.executions), seen
    found = {}
    for end in ends:
        with np.load(Path(sent.directory) / end.predictions) as arrays:
            exact = final_metrics(task, arrays["targets"], arrays["predictions"], classes).values
        for name in sent.fit.metrics:
            if name in exact:
                off = abs(end.metrics[f"val_{name}"] - exact[name]) / max(1, abs(exact[name]))
                found[name] = max(off, found.get(name, 0.0))
    return found, of(seen, ModelBuilt)[0].method


@pytest.mark.parametrize("method", ["auto", pytest.param("fit", marks=pytest.mark.thorough)])
def test_metrics_of_ten_classes(training_pool, order, method):
    names = list(epoch_metrics("classification"))
    executions = BOTH[:1] if method == "fit" else BOTH
    sent = order(fit={"metrics": names, "method": method, "epochs": 2}, executions=executions)
    found, used = differences(training_pool, sent, "classification", 10)
    assert used == ("fit" if method == "fit" else "fused")
    assert set(found) == set(names)
    assert found.pop("auc") < 0.01
    assert max(found.values()) < 1e-5, found


@pytest.mark.parametrize(
    "loss",
    [
        "binary_crossentropy",
        pytest.param("sparse_categorical_crossentropy", marks=pytest.mark.thorough),
    ],
)
def test_metrics_of_two_classes(training_pool, order, tmp_path, loss):
    names = [n for n in epoch_metrics("classification") if not n.startswith("top_")]
    sent = order(
        data=write_cancer(tmp_path / "cancer", parts=2),
        model=ModelOrder("table-mlp"),
        values={"loss": loss},
        fit={"metrics": names, "epochs": 2},
    )
    found, _ = differences(training_pool, sent, "classification", 2)
    assert set(found) == set(names)
    assert found.pop("auc") < 0.01
    assert max(found.values()) < 1e-5, found


def test_metrics_of_numbers(training_pool, order, tmp_path):
    names = list(epoch_metrics("regression"))
    data = write_table(tmp_path / "table", parts=2)
    model = ModelOrder("table-mlp")
    sent = order(data=data, model=model, values={}, fit={"metrics": names}, executions=BOTH)
    found, _ = differences(training_pool, sent, "regression", 0)
    assert set(found) == set(names) and max(found.values()) < 1e-5, found


def test_a_stored_model_names_no_class_of_its_source(training_pool, order):
    """Else `load_model` would need the source, and a downloaded model would not load alone."""
    sent = order(fit={"metrics": ["accuracy", "f1", "auc"], "epochs": 1})
    run = training_pool.run(sent)
    (end,) = of(drain(run), ExecutionEnd)
    run.close()
    with zipfile.ZipFile(Path(sent.directory) / end.model) as file:
        config = json.loads(file.read("config.json"))
    assert config["compile_config"]["metrics"] == ["accuracy"]
