"""Dry run: builds a configuration, trains a few batches, measures memory and time.

Where epochs are short, it trains as a trial would until the time is up: that is better than extrapolation,
and shows how many epochs early stopping leaves. Trainer and callbacks are the real ones; the worker
deletes the folder with the files.
"""

import math
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import keras
import numpy as np

from experiments.training.child.callbacks import (
    Progress,
    StopIgnored,
    Timed,
    custom_objective,
    finite_metrics,
    has_diverged,
)
from experiments.training.child.channel import Channel
from experiments.training.child.code_program import prepared
from experiments.training.child.datasets import Part, Rows
from experiments.training.child.execution import configure, in_order, save_model, shuffles
from experiments.training.child.failures import Diverged, ModelProblem
from experiments.training.child.output_checks import output_checks
from experiments.training.child.predictions import predict, save_predictions
from experiments.training.child.resumable_callbacks import schedule
from experiments.training.child.trainers import Trainer, make_trainer
from experiments.training.dry_run_messages import DryRunResult
from experiments.training.messages import Message, StopReason, TrialOrder

BATCHES = 8
VALIDATED = 256  # rows
EPOCHS = 3  # over few batches; the first one holds what happens once
MORE = 2  # epochs over more batches
FORWARD = 1 / 3  # of the work on a row that is trained on
NUMBER = 4  # bytes
FIRST = 64  # rows whose loss before training is compared with the loss after it


@dataclass(frozen=True, slots=True)
class EpochTimes:
    """Times of more than a few batches, as in `DryRunResult`."""

    again_seconds: float
    epoch_seconds: float
    epochs_run: int = 0
    has_ended: bool = False
    is_finite: bool = True
    loss: float | None = None


class DryRun:
    """Runs the first execution of an order for a while. `current`: that execution."""

    def __init__(self, order: TrialOrder, channel: Channel) -> None:
        self._execution = order.executions[0]
        self.current = self._execution.execution
        self._fit = order.fit
        self._order = replace(order, fit=replace(order.fit, epochs=max(EPOCHS, order.fit.epochs)))
        self._channel = channel

    def run(self) -> StopReason | None:
        """Build, train a few batches, then longer, save, report."""
        configure(self._fit)
        os.chdir(self._order.directory)
        before, began = peak_bytes(), time.monotonic()
        data, self._builder = prepared(self._order)
        whole = data.part(self._execution.part)
        part = few_rows(whole, BATCHES * self._fit.batch_size, VALIDATED)
        self._trainer = make_trainer(self._order, self._execution, self._builder, part)
        checks = output_checks(self._trainer.model, part)
        first, rate = first_loss(self._trainer.model, part), learning_rate(self._trainer.model)
        try:
            clock = self._train(part, EPOCHS)
        except Exception as error:
            # What the check found says more than the error that follows from it.
            found = [each.words for each in checks if each.result == "found"]
            if not found:
                raise
            raise ModelProblem(" ".join(found)) from error
        build = time.monotonic() - began - sum(clock.seconds[1:])
        longer = self._train_longer(part, whole, min(clock.seconds[1:] or clock.seconds))
        saving = self._save(part)
        # Unless a trial's rows were in memory already.
        row_bytes = 0 if longer.epochs_run else 2 * (whole.train.nbytes + whole.validation.nbytes)
        model, method = self._trainer.model, self._trainer.method
        result = DryRunResult(
            parameters=int(model.count_params()),
            output_shape=output_shape(self._trainer, part),
            method=method,
            memory_bytes=peak_bytes() - before + row_bytes * (method == "fused"),
            activation_bytes=activation_bytes(model, self._fit.batch_size),
            build_seconds=build,
            again_seconds=longer.again_seconds,
            epoch_seconds=longer.epoch_seconds,
            saving_seconds=saving,
            epochs_run=longer.epochs_run,
            has_ended=longer.has_ended,
            child_seconds=time.monotonic() - began,
            is_finite=clock.is_finite and longer.is_finite,
            first_loss=first,
            last_loss=max(filter(None, (clock.loss, longer.loss)), default=None),
            learning_rate=rate,
            checks=checks,
        )
        self._channel.send(result)
        return None

    def _train_longer(self, part: Part, whole: Part, steady: float) -> EpochTimes:
        """Train as a trial, or over as many more batches as there is time for."""
        guess = steady * work(whole) / work(part)
        if guess <= self._order.dry_run_seconds:
            return self._train_as_a_trial(whole)
        times = max(1, int(self._order.dry_run_seconds / (MORE * steady)))
        more = few_rows(whole, times * len(part.train), times * len(part.validation))
        again = self._begin_again(more)
        seconds = min(self._train(more, MORE).seconds)
        added = work(more) - work(part)
        if added <= 0 or seconds <= steady:
            return EpochTimes(again, guess)
        # What an epoch costs whatever its rows has no part in the slope.
        whole_seconds = seconds + (seconds - steady) / added * (work(whole) - work(more))
        return EpochTimes(again, whole_seconds)

    def _train_as_a_trial(self, whole: Part) -> EpochTimes:
        """With early stopping and all that follows an epoch, until the time is up."""
        again = self._begin_again(whole)
        model = self._trainer.model
        progress = Progress(self._fit, self._execution, NoChannel(), Path.cwd())
        callbacks = in_order(
            custom_objective(self._fit, progress),
            schedule(self._fit, model),
            progress,
            self._builder.own_callbacks(whole),
        )
        is_finite = True
        clock = Clock(self._fit.epochs, time.monotonic() + self._order.dry_run_seconds)
        try:
            self._fit_with([*callbacks, clock], whole)
        except Diverged:
            is_finite = False
        # Where the first epoch's loss is NaN, the clock never saw its end.
        seconds = clock.seconds or [progress.seconds]
        # Keras's own fit traces each model anew, in its first epoch.
        steady = seconds[1:] if self._trainer.method == "fit" and len(seconds) > 1 else seconds
        again += sum(seconds) - fmean(steady) * len(seconds)
        epochs, mean = len(seconds), fmean(steady)
        return EpochTimes(again, mean, epochs, not clock.is_up, is_finite, clock.loss)

    def _begin_again(self, part: Part) -> float:
        """Prepare for these rows as a further execution does; return the seconds."""
        began = time.monotonic()
        if not self._trainer.take(self._execution, self._builder, part):
            self._trainer = make_trainer(self._order, self._execution, self._builder, part)
        return time.monotonic() - began

    def _train(self, part: Part, epochs: int) -> "Clock":
        clock = Clock(epochs)
        self._fit_with([clock], part)
        return clock

    def _fit_with(self, callbacks: list[Any], part: Part) -> None:
        self._trainer.fit(callbacks, shuffles(self._execution.seed, len(part.train), 0), 0)

    def _save(self, part: Part) -> float:
        """Save what an execution saves; return the seconds."""
        began = time.monotonic()
        save_model(self._trainer.saved_model, Path("dry-run.keras"))
        found = predict(self._trainer.saved_model, part.validation)
        if found is not None:
            save_predictions(found, part.validation, Path("dry-run.npz"), {})
        return time.monotonic() - began


class NoChannel:
    """Drops messages: a dry run reports once, at its end."""

    stop_reason: StopReason | None = None

    def send(self, message: Message) -> None:
        """Drop it."""


class Clock(Timed):
    """Times each epoch, ends the training in time, and checks that the loss is finite.

    is_up: whether the deadline ended it. loss: the last finite one.
    """

    def __init__(self, most: int, deadline: float = math.inf) -> None:
        """most: epochs. deadline: by the monotonic clock."""
        super().__init__()
        self.seconds: list[float] = []
        self.is_finite = True
        self.loss: float | None = None
        self.is_up = False
        self._most = most
        self._deadline = deadline
        self._is_over = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._check_loop()
        self.begin()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._check_loop()
        self.seconds.append(self.epoch_seconds())
        metrics = finite_metrics(logs)
        self.is_finite = self.is_finite and not has_diverged(metrics)
        self.loss = metrics.get("loss") or self.loss
        if self.known_seconds is not None:
            return
        is_last = self.model.stop_training or len(self.seconds) >= self._most
        self.is_up = not is_last and time.monotonic() >= self._deadline
        self._is_over = is_last or self.is_up
        if self._is_over:
            self.model.stop_training = True
        self.begin()

    def _check_loop(self) -> None:
        """End a loop that ignores `stop_training`."""
        if self._is_over:
            raise StopIgnored


def first_loss(model: Any, part: Part) -> float | None:
    """Return the loss of some training rows before training; None where it has none or is not finite."""
    if model.loss is None:
        return None
    inputs, targets = part.train.take(np.s_[:FIRST])
    inputs, targets = keras.tree.map_structure(keras.ops.convert_to_tensor, (inputs, targets))
    try:
        loss = float(model.compute_loss(inputs, targets, model(inputs, training=True)))
    except Exception:  # a loss of the code's own, which its training calls in its own way
        return None
    return loss if math.isfinite(loss) else None


def learning_rate(model: Any) -> float | None:
    """Return what the optimizer begins with; None where it has none."""
    rate = getattr(model.optimizer, "learning_rate", None)
    return None if rate is None else float(rate)


def output_shape(trainer: Trainer, part: Part) -> list[int]:
    """Return the shape of one row's prediction; of several outputs the first one's."""
    rows, _ = part.train.take(np.s_[:1])
    answer = trainer.model(keras.tree.map_structure(keras.ops.convert_to_tensor, rows))
    return [int(side) for side in keras.tree.flatten(answer)[0].shape[1:]]


def activation_bytes(model: Any, batch_size: int) -> int | None:
    """Estimate the bytes of a batch's layer outputs, forward and backward; None: unknown."""
    numbers = 0
    for layer in model._flatten_layers(include_self=False, recursive=True):
        try:
            shapes = [tensor.shape for tensor in keras.tree.flatten(layer.output)]
        except (AttributeError, ValueError):  # a layer inside of one of the model's own
            continue
        numbers += sum(math.prod(side or 1 for side in shape[1:]) for shape in shapes)
    return 2 * numbers * batch_size * NUMBER if numbers else None


def peak_bytes() -> int:
    """Return the peak memory of this process; a fork starts at its present one."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def few_rows(part: Part, train: int, validation: int) -> Part:
    """Return the first rows of a part, at most so many."""
    few = _first(part.train, train), _first(part.validation, validation)
    return replace(part, train=few[0], validation=few[1])


def work(part: Part) -> float:
    """Return what an epoch over these rows costs, in rows that are trained on."""
    return len(part.train) + FORWARD * len(part.validation)


def _first(rows: Rows, count: int) -> Rows:
    return replace(rows, index=rows.index[:count])
