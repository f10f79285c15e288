"""Resumable versions of Keras's early stopping and learning-rate callbacks.

The rate itself is a variable of the optimizer: checkpoints hold it, and a
later execution over the same trace begins with that of its own fresh model.
"""

from dataclasses import asdict
from typing import Any, ClassVar

import keras

from experiments.training.messages import FitOrder


class Resumable:
    """A callback whose changing fields are stored in checkpoints."""

    changing: ClassVar[tuple[str, ...]]
    _resumed: dict[str, float] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Reset as Keras does, then take up the resumed state: once, for code may train several times."""
        super().on_train_begin(logs)  # type: ignore[misc]
        for name, value in (self._resumed or {}).items():
            setattr(self, name, value)
        self._resumed = None

    def resume(self, state: dict[str, float]) -> None:
        """Remember what `state` gave when the checkpoint was written."""
        self._resumed = state

    def state(self) -> dict[str, float]:
        """Return the fields that change; an untouched best is left out."""
        found = {name: getattr(self, name) for name in self.changing}
        return {
            name: float(value) if name == "best" else int(value)
            for name, value in found.items()
            if value is not None
        }


class EarlyStopping(Resumable, keras.callbacks.EarlyStopping):  # type: ignore[misc]
    """Restores no weights: `Progress` keeps those of the epoch that counts, stopped early or not."""

    changing = ("wait", "best", "best_epoch", "stopped_epoch")


class ReduceLROnPlateau(Resumable, keras.callbacks.ReduceLROnPlateau):  # type: ignore[misc]
    """Reports the rate of each epoch as `learning_rate`, as Keras does."""

    changing = ("wait", "best", "cooldown_counter")


def early_stopping(fit: FitOrder) -> EarlyStopping | None:
    """Return the callback that an order asks for."""
    return EarlyStopping(**asdict(fit.early_stopping)) if fit.early_stopping else None


def reduce_lr(fit: FitOrder) -> ReduceLROnPlateau | None:
    """Return the callback that an order asks for."""
    return ReduceLROnPlateau(**asdict(fit.reduce_lr)) if fit.reduce_lr else None


def schedule(fit: FitOrder, model: Any) -> keras.callbacks.LearningRateScheduler | None:
    """Return the schedule from the rate that `model` was built with: ask before it is resumed."""
    order = fit.schedule
    if order is None:
        return None
    start = float(model.optimizer.learning_rate)
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, _: start * order.factor(epoch, fit.epochs)
    )
