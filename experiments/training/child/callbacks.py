"""Work after each epoch: report, keep the best weights, checkpoint, stop.

The same Keras callback serves the fused epochs and Keras's own `fit`.
"""

import math
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.training.child.channel import Upwards
from experiments.training.child.checkpoints import (
    Checkpoint,
    CheckpointState,
    write_checkpoint,
)
from experiments.training.child.failures import Diverged, ModelProblem
from experiments.training.child.resumable_callbacks import early_stopping, reduce_lr
from experiments.training.messages import (
    CheckpointSaved,
    EpochEnd,
    ExecutionOrder,
    FitOrder,
    Metrics,
    StopReason,
)


class Halted(BaseException):
    """A loop of the code's own goes on although it was asked to stop; no `except Exception` holds it."""


class Anew(BaseException):
    """Training of the code's own was to go on after a pause and can't: it begins at its first epoch, or trains twice."""


class Timed(keras.callbacks.Callback):  # type: ignore[misc]
    """Takes the time of epochs, also where a loop of the code's own only tells that one has ended.

    told_seconds: what each epoch took, where they are told when all of them were trained; else None.
    """

    told_seconds: float | None = None

    def __init__(self) -> None:
        super().__init__()
        self.began = time.monotonic()

    def begin(self) -> None:
        self.began = time.monotonic()

    def passed(self) -> float:
        return time.monotonic() - self.began if self.told_seconds is None else self.told_seconds


class Progress(Timed):
    """Follows one execution; the last callback in the list, so that it knows of early stopping."""

    def __init__(
        self, fit: FitOrder, execution: ExecutionOrder, channel: Upwards, directory: Path
    ) -> None:
        super().__init__()
        self.epochs = execution.epochs_done
        self.best_epoch = 0
        self.best_metrics: Metrics = {}
        self.best_weights: list[np.ndarray] = []
        self.stopped: StopReason | None = None
        self.seconds = 0.0
        self.stopping, self.plateau = early_stopping(fit), reduce_lr(fit)
        self._fit = fit
        self._execution = execution
        self._channel = channel
        self._directory = directory
        self._best_value: float | None = None
        self._saved = time.monotonic()
        self._resumed_at = self._fits = 0
        self._ends = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Code may train several times; which of them was paused, nobody knows. Raises: Anew."""
        self._fits += 1
        if self._resumed_at and self._fits > 1:
            raise Anew

    def on_train_end(self, logs: Any = None) -> None:
        """Nothing was left to train where a later one was paused. Raises: Anew."""
        if self._resumed_at and self.epochs == self._resumed_at:
            raise Anew

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the epoch's clock. Raises: Halted, Anew."""
        self._hold(epoch)
        self.begin()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Report, remember, and decide whether the execution goes on. Raises: Halted, Anew, Diverged, ModelProblem."""
        self._hold(epoch)
        seconds = self.passed()
        metrics = finite_metrics(logs)
        if has_diverged(metrics) and self._fit.on_nan == "stop" and self.best_epoch:
            self._end_before(self.epochs + 1)
            return
        self.seconds += seconds
        # Counted here: a loop of the code's own may number its epochs from 1, or train several times.
        self.epochs += 1
        self._channel.send(EpochEnd(self._execution.execution, self.epochs, metrics, seconds))
        if has_diverged(metrics):
            raise Diverged(f"The loss became NaN or infinite after epoch {self.epochs}.")
        self._remember_best(metrics)
        if self.told_seconds is None:
            # The last epoch that was asked for is the end; a loop that goes on after it can be stopped.
            if not (self.model.stop_training or self.epochs == self._fit.epochs):
                self._between_epochs()
            self._ends = self.model.stop_training
            self.begin()

    @property
    def seconds_so_far(self) -> float:
        """Training time of this execution up to now."""
        return self.seconds + time.monotonic() - self.began

    def resume(self, checkpoint: Checkpoint) -> None:
        """Take up where a checkpoint was written; `model` already has its variables."""
        state = checkpoint.state
        self.epochs, self.seconds = state.epoch, state.seconds
        self._resumed_at = state.epoch
        self.best_epoch, self.best_metrics = state.best_epoch, dict(state.best_metrics)
        self._best_value, self.best_weights = state.best_value, checkpoint.best
        if self.stopping is not None:
            self.stopping.resume(state.stopping)
        if self.plateau is not None:
            self.plateau.resume(state.plateau)

    def _remember_best(self, metrics: Metrics) -> None:
        objective = self._fit.objective
        if objective not in metrics:
            raise ModelProblem(
                f"The objective “{objective}” isn't among the metrics: {', '.join(metrics)}."
            )
        value = metrics[objective]
        if value is None:
            return
        sign = 1.0 if self._fit.direction == "minimize" else -1.0
        best = self._best_value
        if self._fit.keep == "last" or best is None or sign * value < sign * best:
            self._best_value, self.best_epoch, self.best_metrics = value, self.epochs, metrics
            self.best_weights = [np.array(weight) for weight in self.model.get_weights()]

    def _end_before(self, epoch: int) -> None:
        """Leave out an epoch that diverged: no score, curve or weights of it count."""
        print(  # noqa: T201 - the execution's log
            f"The loss became NaN or infinite in epoch {epoch}, so training ends after "
            f"epoch {epoch - 1}. The best earlier epoch counts."
        )
        self.model.stop_training = True

    def _hold(self, epoch: int) -> None:
        """Keras stops by itself; what pays no heed to `stop_training` or `initial_epoch` ends here."""
        # A second `fit` of the code's own takes its `stop_training` back.
        self._ends = self._ends and self.model.stop_training
        if self.stopped is not None or self._ends:
            raise Halted
        if epoch < self._resumed_at:
            raise Anew

    def _between_epochs(self) -> None:
        self.stopped = self._channel.stop_reason
        due = time.monotonic() - self._saved >= self._fit.checkpoint_seconds
        if self.stopped == "pause" or (self.stopped is None and due):
            self._save()
        if self.stopped is not None:
            self.model.stop_training = True

    def _save(self) -> None:
        state = CheckpointState(
            epoch=self.epochs,
            seed=self._execution.seed,
            best_epoch=self.best_epoch,
            best_value=self._best_value,
            best_metrics=self.best_metrics,
            stopping=self.stopping.state() if self.stopping else {},
            seconds=self.seconds,
            plateau=self.plateau.state() if self.plateau else {},
        )
        variables = [np.array(variable) for variable in state_variables(self.model)]
        checkpoint = Checkpoint(state, variables, self.best_weights)
        number = self._execution.execution
        folder = write_checkpoint(self._directory, number, checkpoint)
        self._saved = time.monotonic()
        self._channel.send(CheckpointSaved(number, self.epochs, str(folder)))


def state_variables(model: Any) -> list[Any]:
    """Return model and optimizer variables in their order; metrics start anew each epoch."""
    metrics = {id(variable) for variable in model.metrics_variables}
    own = [variable for variable in model.variables if id(variable) not in metrics]
    return [*own, *model.optimizer.variables]


def has_diverged(metrics: Metrics) -> bool:
    """Whether the loss, or what is told in its place, is no finite number; none at all has not diverged."""
    costs = [metrics[name] for name in ("loss", "val_loss") if name in metrics]
    return bool(costs) and costs[0] is None


def finite_metrics(logs: Any) -> Metrics:
    """Return logs as plain floats; NaN and infinity become None, an array one entry a class."""
    metrics: Metrics = {}
    for name, value in (logs or {}).items():
        numbers = np.asarray(value, dtype="float64").ravel()
        names = [name] if numbers.size == 1 else [f"{name}_{i}" for i in range(numbers.size)]
        for own_name, number in zip(names, numbers.tolist(), strict=True):
            metrics[own_name] = number if math.isfinite(number) else None
    return metrics
