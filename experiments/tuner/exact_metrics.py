"""Exact metrics of a finished execution from its predictions."""

from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from experiments.data_schema import DataSchema
from experiments.evaluation.final_metrics import final_metrics
from experiments.services.trials.executions import BrokenArtifact
from experiments.training.messages import ExecutionEnd


def warm_up() -> None:
    """Import scikit-learn, and of SciPy what samplers use, while the training host imports TensorFlow: nothing waits for it."""
    import_module("experiments.evaluation.scores")
    for part in ("linalg", "optimize", "special", "stats"):
        import_module(f"scipy.{part}")


def exact_metrics(folder: Path, end: ExecutionEnd, schema: DataSchema) -> dict[str, Any]:
    """Return `Execution.exact`; empty where no predictions were kept. Raises BrokenArtifact."""
    if not end.predictions:
        return {}
    try:
        with np.load(folder / end.predictions, allow_pickle=False) as arrays:
            targets, predictions = arrays["targets"], arrays["predictions"]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise BrokenArtifact(f"The predictions can't be read: {error}") from error
    return final_metrics(schema.task, targets, predictions, schema.classes_count).to_dict()
