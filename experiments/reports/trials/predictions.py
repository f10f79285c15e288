"""Reports: a trial's out-of-fold predictions, pooled over its executions. Imports models, storage.

Each execution's best model predicted its own validation rows only, so no row is judged by a model
that was trained on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from experiments.changed_files import artifact_file
from experiments.evaluation.diagnostics import class_probabilities
from experiments.models import Artifact, Trial

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Predicted:
    """One execution's validation rows: their numbers in the data, targets and predictions.

    predictions: (n, classes) probabilities, or (n,) numbers. number: of the execution, from 1.
    """

    number: int
    rows: Array
    targets: Array
    predictions: Array


@dataclass(frozen=True, slots=True)
class Pooled:
    """All executions' rows, each once. A row that was validated several times has its mean prediction.

    repeated: how many rows were. bad: how many were left out, as a prediction was no number.
    """

    rows: Array
    targets: Array
    predictions: Array
    executions: int
    repeated: int
    bad: int


def predicted(trial: Trial, *, classes: int) -> Iterator[Predicted]:
    """Read what was kept, execution by execution.

    classes: 0 for a number. Raises: ChangedFile.
    """
    kept = trial.artifacts.filter(kind=Artifact.Kind.PREDICTIONS, execution__isnull=False)
    for artifact in kept.select_related("execution").order_by("execution__index"):
        try:
            with np.load(artifact_file(artifact), allow_pickle=False) as arrays:
                rows, targets = arrays["rows"], arrays["targets"]
                found = arrays["predictions"]
        except (EOFError, ValueError, KeyError, BadZipFile):
            continue  # code wrote it so
        wide = class_probabilities(found, classes) if classes else found.reshape(len(rows), -1)
        assert artifact.execution is not None
        number = artifact.execution.index + 1
        yield Predicted(number, rows, targets, wide if classes else wide[:, 0].astype(float))


def pooled(trial: Trial, *, classes: int) -> Pooled | None:
    """Pool the executions; None where nothing is kept. Raises ChangedFile."""
    parts = list(predicted(trial, classes=classes))
    if not parts:
        return None
    rows = np.concatenate([part.rows for part in parts])
    targets = np.concatenate([part.targets for part in parts])
    found = np.concatenate([part.predictions for part in parts])
    is_finite = np.isfinite(found).reshape(len(rows), -1).all(1)
    rows, targets, found = rows[is_finite], targets[is_finite], found[is_finite]
    unique, first, inverse, counts = np.unique(
        rows, return_index=True, return_inverse=True, return_counts=True
    )
    repeated = int((counts > 1).sum())
    means = found[first]
    if repeated:
        means = np.zeros_like(means)
        np.add.at(means, inverse, found)
        means = (means.T / counts).T
    bad = int((~is_finite).sum())
    return Pooled(unique, targets[first], means, len(parts), repeated, bad)
