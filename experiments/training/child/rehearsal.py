"""A configuration tried for a few batches: does it build, how large is it, how long is an epoch?

Room: training child. The trainer is the real one, over few rows; nothing is written to the disk.
"""

import math
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.training.child.builders import Builder
from experiments.training.child.channel import Channel
from experiments.training.child.datasets import Data, Part, Rows
from experiments.training.child.execution import configure, shuffles
from experiments.training.child.trainers import Trainer, make_trainer
from experiments.training.messages import Rehearsed, StopReason, TrialOrder

BATCHES = 8
VALIDATED = 256  # rows
EPOCHS = 3  # the first one holds what happens once
FORWARD = 1 / 3  # of the work on a row that is trained on
NUMBER = 4  # bytes


class Rehearsal:
    """Runs the first execution of an order over few rows. `current`: that execution."""

    def __init__(self, order: TrialOrder, channel: Channel) -> None:
        """Read nothing yet."""
        self.current = order.executions[0].execution
        self._order = order
        self._channel = channel

    def run(self) -> StopReason | None:
        """Build, train a few batches, tell."""
        configure(self._order.fit)
        os.chdir(self._order.directory)
        before, began = peak_bytes(), time.monotonic()
        execution = self._order.executions[0]
        data = Data(self._order.data)
        whole = data.part(execution.part)
        part = Part(
            _first(whole.train, BATCHES * self._order.fit.batch_size),
            _first(whole.validation, VALIDATED),
        )
        fit = replace(self._order.fit, epochs=EPOCHS)
        order = replace(self._order, fit=fit)
        trainer = make_trainer(order, execution, Builder.of(order, data.schema), part)
        clock = Clock()
        trainer.fit([clock], shuffles(execution.seed, len(part.train), 0), 0)
        steady = min(clock.seconds[1:])
        held = 2 * (whole.train.nbytes + whole.validation.nbytes) * (trainer.method == "fused")
        told = Rehearsed(
            parameters=int(trainer.model.count_params()),
            output_shape=output_shape(trainer, part),
            method=trainer.method,
            memory_bytes=peak_bytes() - before + held,
            activation_bytes=activation_bytes(trainer.model, order.fit.batch_size),
            build_seconds=time.monotonic() - began - sum(clock.seconds[1:]),
            epoch_seconds=steady * _work(whole) / _work(part),
            is_finite=clock.is_finite,
        )
        self._channel.send(told)
        return None


class Clock(keras.callbacks.Callback):  # type: ignore[misc]
    """Takes the time of each epoch, and looks whether the loss stays a number."""

    def __init__(self) -> None:
        """Start with no epoch."""
        super().__init__()
        self.seconds: list[float] = []
        self.is_finite = True
        self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start."""
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Stop."""
        self.seconds.append(time.monotonic() - self._began)
        self.is_finite = self.is_finite and math.isfinite((logs or {}).get("loss", math.nan))


def output_shape(trainer: Trainer, part: Part) -> list[int]:
    """Return the shape of one row's prediction; of several outputs the first one's."""
    rows, _ = part.train.take(np.s_[:1])
    answer = trainer.model(keras.tree.map_structure(keras.ops.convert_to_tensor, rows))
    return [int(side) for side in keras.tree.flatten(answer)[0].shape[1:]]


def activation_bytes(model: Any, batch_size: int) -> int | None:
    """Estimate what a batch's layer outputs take, forwards and backwards; None: they don't tell."""
    numbers = 0
    for layer in model._flatten_layers(include_self=False, recursive=True):
        try:
            shapes = [tensor.shape for tensor in keras.tree.flatten(layer.output)]
        except (AttributeError, ValueError):  # a layer inside of one of the model's own
            continue
        numbers += sum(math.prod(side or 1 for side in shape[1:]) for shape in shapes)
    return 2 * numbers * batch_size * NUMBER if numbers else None


def peak_bytes() -> int:
    """Return the most memory that this process had so far; a fork starts at what it has."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _first(rows: Rows, count: int) -> Rows:
    return replace(rows, index=rows.index[:count])


def _work(part: Part) -> float:
    return len(part.train) + FORWARD * len(part.validation)
