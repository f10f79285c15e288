"""Runs the parts of custom code other than the model in a trial.

What each has to look like, `contracts` says; the check of the code page tries it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import keras
import numpy as np

from experiments.training.child.contracts.functions import (
    callbacks_of,
    metrics_of,
    should_stop,
    value_of,
)
from experiments.training.child.datasets import Part
from experiments.training.child.script.labels import compiled_again

OBJECTIVE = "val_objective"


@dataclass(frozen=True, slots=True)
class CodeParts:
    """Functions of known names that a module defines; None where it has none of that name."""

    metrics: Callable[..., Any] | None = None
    loss: Callable[..., Any] | None = None
    callbacks: Callable[..., Any] | None = None
    early_stopping: Callable[..., Any] | None = None
    objective: Callable[..., Any] | None = None
    load_data: Callable[..., Any] | None = None

    @classmethod
    def of(cls, module: ModuleType) -> "CodeParts":
        """Look for them; what the module only imported is none of its parts."""
        found = {
            name: getattr(module, name, None)
            for name in (
                "metrics",
                "loss",
                "callbacks",
                "early_stopping",
                "objective",
                "load_data",
            )
        }
        own = {
            name: value
            for name, value in found.items()
            if callable(value) and getattr(value, "__module__", "") == module.__name__
        }
        return cls(**own)

    def measured(self, model: Any) -> Any:
        """The model, compiled once more with the code's own loss and metrics beside those it has."""
        changes: dict[str, Any] = {}
        if self.metrics is not None:
            changes["metrics"] = metrics_of(self.metrics)
        if self.loss is not None:
            changes["loss"] = self.loss
        return compiled_again(model, changes) if changes else model

    def listeners(self, hp: Any, part: Part) -> list[Any]:
        """Fresh callbacks for one execution; what measures comes first."""
        listed: list[Any] = []
        if self.objective is not None and len(part.validation):
            listed.append(OwnObjective(self.objective, part))
        if self.early_stopping is not None:
            listed.append(OwnStopping(self.early_stopping))
        return listed + (callbacks_of(self.callbacks, hp) if self.callbacks is not None else [])


class OwnObjective(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds `val_objective`: the code's function of the validation labels and the model's answers."""

    measures = True

    def __init__(self, function: Callable[..., Any], part: Part) -> None:
        """`function`: (y_true, y_pred) → a number."""
        super().__init__()
        self._function = function
        self._part = part

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Predict the validation rows and ask; NaN where it is no finite number."""
        rows = self._part.validation
        x, y = rows.take(np.s_[:])[0], rows.labels
        answers = self.model.predict(x, verbose=0, batch_size=1024)
        value = value_of(self._function, y, answers)
        logs[OBJECTIVE] = value if math.isfinite(value) else math.nan


class OwnStopping(keras.callbacks.Callback):  # type: ignore[misc]
    """Asks the code after each epoch whether the execution should end."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """`function`: the epochs' logs so far → whether to stop."""
        super().__init__()
        self._function = function
        self._history: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._history.append(
            {name: float(v) for name, v in (logs or {}).items() if np.ndim(v) == 0}
        )
        if should_stop(self._function, self._history):
            self.model.stop_training = True
