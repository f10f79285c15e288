"""Follows an execution's row scores of the objective over its epochs.

They are stored beside the predictions: `scores` at the epoch whose weights are kept, `cross_scores` at epochs
that other rows chose (`evaluation/cross_epochs.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from experiments.data_schema import DataSchema
from experiments.evaluation.cross_epochs import MOST_ROWS, CrossEpochs
from experiments.evaluation.row_scores import row_scores
from experiments.training.child.datasets import Part, Rows
from experiments.training.child.predictions import shaped
from experiments.training.messages import FitOrder


def crosses(fit: FitOrder, rows: int) -> bool:
    """Whether epochs are scored row by row; other weights than the best epoch's have nothing to cross."""
    return bool(fit.scored_metric) and fit.keep == "best" and rows <= MOST_ROWS


class EpochScores:
    """One execution's. outputs: gives what the model says of the validation rows after an epoch."""

    def __init__(
        self, fit: FitOrder, rows: Rows, schema: DataSchema, outputs: Callable[[], Any]
    ) -> None:
        self._metric = fit.scored_metric
        self._rows = rows
        self._targets = rows.classes
        self._schema = schema
        self._crossed = CrossEpochs(len(rows), higher_is_better=fit.direction == "maximize")
        self._outputs = outputs
        self._crosses = crosses(fit, len(rows))

    def see(self) -> None:
        """Take an epoch; one without outputs or metric ends the crossing for good."""
        outputs = self._outputs() if self._crosses else None
        found = None if outputs is None else self._of(shaped(outputs, self._rows))
        self._crosses = found is not None
        if found is not None:
            self._crossed.see(found)

    def stored(self, predictions: np.ndarray) -> dict[str, np.ndarray]:
        """What is stored with these predictions, by name; nothing where the metric isn't defined."""
        found = self._of(predictions)
        if found is None:
            return {}
        # Nothing was seen of epochs that people's code reports when they are over.
        is_whole = self._crosses and bool(np.isfinite(self._crossed.scores).all())
        crossed = {"cross_scores": self._crossed.scores} if is_whole else {}
        return {
            name: each.astype("float32") for name, each in {"scores": found, **crossed}.items()
        }

    def state(self) -> list[np.ndarray]:
        """What a checkpoint stores."""
        return [self._crossed.best, self._crossed.scores] if self._crosses else []

    def resume(self, arrays: Sequence[np.ndarray]) -> None:
        """Continue from a checkpoint; one from before there were scores has none."""
        self._crosses = self._crosses and len(arrays) > 0
        if self._crosses:
            self._crossed.resume(*arrays)

    def _of(self, predictions: np.ndarray) -> np.ndarray | None:
        classes = self._schema.classes_count
        return row_scores(self._metric, self._schema.task, self._targets, predictions, classes)


def epoch_scores(
    fit: FitOrder, part: Part, schema: DataSchema, outputs: Callable[[], Any]
) -> EpochScores | None:
    """Of an execution that stores predictions and whose objective is an exact metric; else None."""
    if not fit.scored_metric or not part.keeps or not len(part.validation):
        return None
    return EpochScores(fit, part.validation, schema, outputs)
