"""Follows an execution's row scores of the objective over its epochs.

They are stored beside the predictions: `scores` at the epoch whose weights are kept, `cross_scores` at epochs
that other rows chose (`evaluation/cross_epochs.py`).
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from experiments.data_schema import DataSchema
from experiments.evaluation.cross_epochs import CrossEpochs
from experiments.evaluation.row_scores import row_scores
from experiments.training.child.datasets import Part, Rows
from experiments.training.child.predictions import shaped
from experiments.training.messages import FitOrder

MOST_ROWS: Final = 20_000  # the best epoch of so many rows is no luck worth its cost


class EpochScores:
    """One execution's. `is_crossed`: whether epochs are followed at all."""

    def __init__(self, fit: FitOrder, rows: Rows, schema: DataSchema) -> None:
        self._metric = fit.scored_metric
        self._rows = rows
        self._targets = rows.classes
        self._schema = schema
        self._crossed = CrossEpochs(len(rows), higher_is_better=fit.direction == "maximize")
        self._is_whole = fit.keep == "best"

    def see(self, outputs: Any) -> None:
        """Take the outputs of an epoch's validation rows; without them no epoch can be crossed."""
        found = self._of(shaped(outputs, self._rows)) if self._is_whole and outputs is not None else None
        self._is_whole = found is not None
        if found is not None:
            self._crossed.see(found)

    def stored(self, predictions: np.ndarray) -> dict[str, np.ndarray]:
        """What is stored with these predictions, by name; nothing where the metric isn't defined."""
        found = self._of(predictions)
        if found is None:
            return {}
        crossed = self._crossed.scores if self._is_whole else found
        scores = {"scores": found, "cross_scores": crossed} if self._is_whole else {"scores": found}
        return {name: each.astype("float32") for name, each in scores.items()}

    def state(self) -> list[np.ndarray]:
        """What a checkpoint stores."""
        return [self._crossed.best, self._crossed.scores] if self._is_whole else []

    def resume(self, arrays: Sequence[np.ndarray]) -> None:
        """Continue from a checkpoint; one from before there were scores has none."""
        self._is_whole = self._is_whole and len(arrays) > 0
        if self._is_whole:
            self._crossed.resume(*arrays)

    def _of(self, predictions: np.ndarray) -> np.ndarray | None:
        classes = self._schema.classes_count
        return row_scores(self._metric, self._schema.task, self._targets, predictions, classes)


def epoch_scores(fit: FitOrder, part: Part, schema: DataSchema) -> EpochScores | None:
    """Of an execution that stores predictions and whose objective is an exact metric; else None."""
    if not fit.scored_metric or not part.keeps or not len(part.validation):
        return None
    return EpochScores(fit, part.validation, schema)
