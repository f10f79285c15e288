"""Follows an execution's row scores of the objective over its epochs.

They are stored beside the predictions: `scores` at the epoch whose weights are kept, `cross_scores` at epochs
that other rows chose (`evaluation/cross_epochs.py`), and at the same epochs `metric_<name>` of every other
metric of the task, so that each can be expected on new rows.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from experiments.data_schema import DataSchema
from experiments.evaluation.cross_epochs import MOST_ROWS, CrossEpochs
from experiments.evaluation.metrics import of_task
from experiments.evaluation.row_scores import AS_ACCURACY, METRIC, row_scores
from experiments.training.child.datasets import Part
from experiments.training.child.predictions import shaped
from experiments.training.messages import FitOrder

# Numbers that the outputs of one epoch may be, for other metrics: up to eleven epochs are held at a time.
MOST_OUTPUTS: Final = 2_000_000


def crosses(fit: FitOrder, rows: int) -> bool:
    """Whether epochs are scored row by row; other weights than the best epoch's have nothing to cross."""
    return bool(fit.scored_metric) and fit.keep == "best" and rows <= MOST_ROWS


class EpochScores:
    """One execution's. outputs: gives what the model says of the validation rows after an epoch."""

    def __init__(
        self, fit: FitOrder, part: Part, schema: DataSchema, outputs: Callable[[], Any]
    ) -> None:
        self._metric = fit.scored_metric
        self._rows = part.validation
        self._targets = part.validation.classes
        self._schema = schema
        higher, units = fit.direction == "maximize", part.units
        self._crossed = CrossEpochs(len(self._rows), higher_is_better=higher, units=units)
        self._outputs = outputs
        self._said: dict[int, np.ndarray] = {}  # by epoch that a block chose
        self._follows = crosses(fit, len(self._rows))
        self._crosses = self._follows and self._crossed.is_possible

    def see(self) -> None:
        """Take an epoch; one without outputs or metric ends the crossing for good."""
        outputs = self._outputs() if self._crosses else None
        said = None if outputs is None else shaped(outputs, self._rows)
        found = None if said is None else self._of(self._metric, said)
        self._crosses = found is not None
        if said is not None and found is not None:
            self._crossed.see(found)
            if said.size <= MOST_OUTPUTS:
                self._hold(said)

    def stored(self, predictions: np.ndarray) -> dict[str, np.ndarray]:
        """What is stored with these predictions, by name; nothing where the metric isn't defined."""
        found = self._of(self._metric, predictions)
        if found is None:
            return {}
        kept = {"scores": found}
        # Nothing was seen of epochs that people's code reports when they are over.
        is_whole = self._crosses and bool(np.isfinite(self._crossed.scores).all())
        if is_whole:
            kept["cross_scores"] = self._crossed.scores
        said = self._said if is_whole else {} if self._follows else {0: predictions}
        if said and predictions.size <= MOST_OUTPUTS:
            kept |= self._of_other_metrics(said)
        with np.errstate(over="ignore"):
            rounded = {name: each.astype("float32") for name, each in kept.items()}
        return {name: each for name, each in rounded.items() if np.isfinite(each).all()}

    def state(self) -> list[np.ndarray]:
        """What a checkpoint stores."""
        if not self._crosses:
            return []
        crossed = self._crossed
        said = [self._said[epoch] for epoch in sorted(self._said)]
        return [crossed.best, crossed.epochs, crossed.scores, *said]

    def resume(self, arrays: Sequence[np.ndarray]) -> None:
        """Continue from a checkpoint; one from before there were scores of all metrics has too few arrays."""
        self._crosses = self._crosses and len(arrays) > 2
        if self._crosses:
            best, epochs, scores, *said = arrays
            self._crossed.resume(best, epochs, scores)
            self._said = dict(zip(np.unique(epochs).tolist(), said, strict=False))

    def _hold(self, said: np.ndarray) -> None:
        """Keep the outputs of epochs that are still chosen."""
        chosen = np.unique(self._crossed.epochs).tolist()
        self._said = {epoch: self._said.get(epoch, said) for epoch in chosen}

    def _of_other_metrics(self, said: dict[int, np.ndarray]) -> dict[str, np.ndarray]:
        """Each row at its epoch; a single epoch is that of all rows."""
        epochs = self._crossed.row_epochs if len(said) > 1 else np.full(len(self._rows), min(said))
        found = {}
        for metric in of_task(self._schema.task):
            if metric.name == self._metric or metric.name in AS_ACCURACY:
                continue
            scored = {
                epoch: scores
                for epoch, each in said.items()
                if (scores := self._of(metric.name, each)) is not None
            }
            if len(scored) == len(said):
                at = [epochs == epoch for epoch in scored]
                found[f"{METRIC}{metric.name}"] = np.select(at, [*scored.values()])
        return found

    def _of(self, metric: str, predictions: np.ndarray) -> np.ndarray | None:
        classes = self._schema.classes_count
        return row_scores(metric, self._schema.task, self._targets, predictions, classes)


def epoch_scores(
    fit: FitOrder, part: Part, schema: DataSchema, outputs: Callable[[], Any]
) -> EpochScores | None:
    """Of an execution that stores predictions and whose objective is an exact metric; else None."""
    if not fit.scored_metric or not part.keeps or not len(part.validation):
        return None
    return EpochScores(fit, part, schema, outputs)
