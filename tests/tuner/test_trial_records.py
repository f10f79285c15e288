"""Exact metrics are read from the file that the child left."""

import numpy as np
import pytest

from experiments.data_schema import DataSchema
from experiments.services.trials.executions import BrokenArtifact
from experiments.training.messages import ExecutionEnd
from experiments.tuner.trial_records import exact_metrics

SCHEMA = DataSchema("array", "classification", (2,), classes=("a", "b", "c"))


def end(name):
    return ExecutionEnd(1, 1, 1, {}, "m.keras", 1, "ab", 1.0, predictions=name)


def test_the_file_gives_the_metrics(tmp_path):
    rows, targets, predictions = np.arange(3), np.array([0, 1, 2]), np.eye(3, dtype="float32")
    np.savez(tmp_path / "p.npz", rows=rows, targets=targets, predictions=predictions)
    found = exact_metrics(tmp_path, end("p.npz"), SCHEMA)
    assert found["values"]["accuracy"] == found["values"]["f1"] == 1.0
    assert found["missing"] == {}


def test_without_predictions_there_are_no_exact_metrics(tmp_path):
    assert exact_metrics(tmp_path, end(""), SCHEMA) == {}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x93NUMPY"])
def test_a_file_that_cant_be_read_is_named(tmp_path, content):
    (tmp_path / "p.npz").write_bytes(content)
    with pytest.raises(BrokenArtifact, match="predictions can't be read"):
        exact_metrics(tmp_path, end("p.npz"), SCHEMA)
