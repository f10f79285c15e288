"""Work after each epoch: report, keep the best weights, checkpoint, stop.

The same Keras callback serves the fused epochs and Keras's own `fit`.
"""

import math
import re
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.evaluation.expression import CUSTOM, Expression, parse_expression
from experiments.search.formula import NoValue
from experiments.training.child.channel import Upwards
from experiments.training.child.checkpoints import (
    Checkpoint,
    CheckpointState,
    write_checkpoint,
)
from experiments.training.child.epoch_scores import EpochScores
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

NAME = re.compile(r"[A-Za-z_]\w*")


class StopIgnored(BaseException):
    """A custom loop continues although it was asked to stop; no `except Exception` catches this."""


class CannotResume(BaseException):
    """Custom training can't resume after a pause: it begins at its first epoch, or trains twice."""


class Timed(keras.callbacks.Callback):  # type: ignore[misc]
    """Times epochs, also where a custom loop only reports their ends.

    known_seconds: of each epoch, where all are reported after training; else None.
    """

    known_seconds: float | None = None

    def __init__(self) -> None:
        super().__init__()
        self.began = time.monotonic()

    def begin(self) -> None:
        self.began = time.monotonic()

    def epoch_seconds(self) -> float:
        return time.monotonic() - self.began if self.known_seconds is None else self.known_seconds


class Progress(Timed):
    """Follows one execution; the last callback in the list, so that it knows of early stopping."""

    def __init__(
        self,
        fit: FitOrder,
        execution: ExecutionOrder,
        channel: Upwards,
        directory: Path,
        *,
        scores: EpochScores | None = None,
    ) -> None:
        """scores: follows the validation rows' scores, where they are kept."""
        super().__init__()
        self.epochs = execution.epochs_done
        self.best_epoch = 0
        self.best_metrics: Metrics = {}
        self.best_weights: list[np.ndarray] = []
        self.stopped: StopReason | None = None
        self.seconds = 0.0
        self.stopping, self.plateau = early_stopping(fit), reduce_lr(fit)
        self._scores = scores
        self._fit = fit
        self._execution = execution
        self._channel = channel
        self._directory = directory
        self._best_value: float | None = None
        self._saved = time.monotonic()
        self._resumed_at = self._fits = 0
        self._ends = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Custom code may train several times, and nobody knows which was paused. Raises: CannotResume."""
        self._fits += 1
        if self._resumed_at and self._fits > 1:
            raise CannotResume

    def on_train_end(self, logs: Any = None) -> None:
        """A fit without epochs: a later one was paused. Raises: CannotResume."""
        if self._resumed_at and self.epochs == self._resumed_at:
            raise CannotResume

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the epoch's clock. Raises: StopIgnored, CannotResume."""
        self._check_loop(epoch)
        self.begin()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Report, keep the best weights, and decide whether to continue. Raises: StopIgnored, CannotResume, Diverged, ModelProblem."""
        self._check_loop(epoch)
        seconds = self.epoch_seconds()
        metrics = finite_metrics(logs)
        if has_diverged(metrics) and self._fit.on_nan == "stop" and self.best_epoch:
            self._end_before(self.epochs + 1)
            return
        self.seconds += seconds
        # Counted here: a custom loop may count epochs from 1, or train several times.
        self.epochs += 1
        self._channel.send(EpochEnd(self._execution.execution, self.epochs, metrics, seconds))
        if has_diverged(metrics):
            raise Diverged(f"The loss became NaN or infinite after epoch {self.epochs}.")
        self._remember_best(metrics)
        if self._scores is not None and self.known_seconds is None:
            self._scores.see()
        if self.known_seconds is None:
            # The last planned epoch is the end; a loop that continues after it can be stopped.
            if not (self.model.stop_training or self.epochs == self._fit.epochs):
                self._between_epochs()
            self._ends = self.model.stop_training
            self.begin()

    @property
    def seconds_so_far(self) -> float:
        """Training time of this execution up to now."""
        return self.seconds + time.monotonic() - self.began

    def resume(self, checkpoint: Checkpoint) -> None:
        """Continue from a checkpoint; `model` already has its variables."""
        state = checkpoint.state
        self.epochs, self.seconds = state.epoch, state.seconds
        self._resumed_at = state.epoch
        self.best_epoch, self.best_metrics = state.best_epoch, dict(state.best_metrics)
        self._best_value, self.best_weights = state.best_value, checkpoint.best
        if self._scores is not None:
            self._scores.resume(checkpoint.scores)
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
        """Discard an epoch that diverged: its score, curve and weights don't count."""
        print(  # noqa: T201 - the execution's log
            f"The loss became NaN or infinite in epoch {epoch}, so training ends after "
            f"epoch {epoch - 1}. The best earlier epoch counts."
        )
        self.model.stop_training = True

    def _check_loop(self, epoch: int) -> None:
        """End a loop that ignores `stop_training` or `initial_epoch`; Keras stops by itself."""
        # A second fit resets `stop_training`.
        self._ends = self._ends and self.model.stop_training
        if self.stopped is not None or self._ends:
            raise StopIgnored
        if epoch < self._resumed_at:
            raise CannotResume

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
        scores = self._scores.state() if self._scores else []
        checkpoint = Checkpoint(state, variables, self.best_weights, scores)
        number = self._execution.execution
        folder = write_checkpoint(self._directory, number, checkpoint)
        self._saved = time.monotonic()
        self._channel.send(CheckpointSaved(number, self.epochs, str(folder)))


class CustomObjective(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds `custom` to the logs; the first callback in the list. `problem`: why it had no value."""

    def __init__(self, expression: Expression, progress: Progress) -> None:
        super().__init__()
        self.problem = ""
        self._expression = expression
        self._progress = progress

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compute it from this epoch's metrics; NaN where it has no value."""
        values = finite_metrics(logs) | {
            "parameters": float(self.model.count_params()),
            "seconds": self._progress.seconds_so_far,
        }
        try:
            logs[CUSTOM] = self._expression.value(values)
        except NoValue as reason:
            self.problem = str(reason)
            logs[CUSTOM] = math.nan


def custom_objective(fit: FitOrder, progress: Progress) -> CustomObjective | None:
    """The callback of an order, if it has an expression."""
    if not fit.expression:
        return None
    names = ("loss", *fit.metrics)
    # The plan checked all names; metrics of custom code aren't in the order.
    known = [*names, *(f"val_{name}" for name in names), *NAME.findall(fit.expression)]
    return CustomObjective(parse_expression(fit.expression, known), progress)


def state_variables(model: Any) -> list[Any]:
    """Return model and optimizer variables in their order; metrics start anew each epoch."""
    metrics = {id(variable) for variable in model.metrics_variables}
    own = [variable for variable in model.variables if id(variable) not in metrics]
    return [*own, *model.optimizer.variables]


def has_diverged(metrics: Metrics) -> bool:
    """Whether the loss, or val_loss in its place, is NaN or infinite; without either: no."""
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
