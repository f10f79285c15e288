"""Fused epochs and plain `fit`, and the choice between them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import keras
import numpy as np
import tensorflow as tf

from experiments.training.child.builders import Builder
from experiments.training.child.datasets import Batches, Part, balanced_weights
from experiments.training.child.epoch_scores import crosses
from experiments.training.child.fused import (
    Arrays,
    FusedEpochs,
    adopt,
    fit_fused,
    refusal,
    validation_batch_size,
)
from experiments.training.child.hidden_state import differs
from experiments.training.child.own_fit import OwnFitTrainer
from experiments.training.child.predictions import predict
from experiments.training.messages import ExecutionOrder, TrialOrder

MEMORY_SHARE = 0.25  # of what is free, for data held twice while it is copied
MEMORY_MOST = 2 << 30
Orders = Iterator[np.ndarray]


class Trainer(Protocol):
    """`model` trains; `saved_model` takes the best weights and is saved."""

    model: Any
    saved_model: Any
    method: Literal["fused", "fit"]
    reason: str

    def take(self, execution: ExecutionOrder, builder: Builder, part: Part) -> bool:
        """Get ready for one more execution; False: this trainer can't, make another."""

    def fit(self, callbacks: list[Any], orders: Orders, epochs_done: int) -> None:
        """Train until the epochs are done or a callback stops it."""

    def outputs(self) -> np.ndarray | None:
        """What the model says of the validation rows as it stands after an epoch; None: unknown."""


class FusedTrainer:
    """Trains with fused epochs; later executions reuse the trace of the first."""

    method: Literal["fused", "fit"] = "fused"
    reason = ""

    def __init__(self, order: TrialOrder, model: Any, part: Part) -> None:
        self.model = self.saved_model = model
        self._fit = order.fit
        self._part = part
        skip_graph_optimizer(model)
        train, validation = arrays_of(part, class_weight=order.fit.class_weight)
        self._fused = FusedEpochs(
            model,
            train,
            validation,
            batch_size=order.fit.batch_size,
            keeps_outputs=crosses(order.fit, len(part.validation)),
        )
        self._fused.trace()

    def take(self, execution: ExecutionOrder, builder: Builder, part: Part) -> bool:
        """Build the next start and assign it, unless the trace holds something of the last one."""
        fresh = builder.build(execution.seed, part.train)
        if differs(self.model, fresh):
            return False
        adopt(self._fused, fresh)
        if part is not self._part:
            self._fused.assign(*arrays_of(part, class_weight=self._fit.class_weight))
            self._part = part
        self.saved_model = fresh
        return True

    def fit(self, callbacks: list[Any], orders: Orders, epochs_done: int) -> None:
        fit_fused(self._fused, orders, callbacks, range(epochs_done, self._fit.epochs))

    def outputs(self) -> np.ndarray | None:
        return self._fused.said


class PlainTrainer:
    """Trains with Keras's own `fit`; `reason` says why."""

    method: Literal["fused", "fit"] = "fit"

    def __init__(self, order: TrialOrder, model: Any, part: Part, reason: str) -> None:
        self.model = self.saved_model = model
        self.reason = reason
        self._fit = order.fit
        self._part = part
        if not model.optimizer.built and model.built:
            model.optimizer.build(model.trainable_variables)

    def take(self, execution: ExecutionOrder, builder: Builder, part: Part) -> bool:
        """Every execution has a model of its own."""
        return False

    def fit(self, callbacks: list[Any], orders: Orders, epochs_done: int) -> None:
        fit, part = self._fit, self._part
        weights = balanced_weights(part.train.labels) if fit.class_weight else None
        self.model.fit(
            Batches(part.train, fit.batch_size, weights=weights, orders=orders),
            validation_data=self._validation(),
            initial_epoch=epochs_done,
            epochs=fit.epochs,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )

    def outputs(self) -> np.ndarray | None:
        return predict(self.model, self._part.validation)

    def _validation(self) -> Batches | None:
        rows = self._part.validation
        size = validation_batch_size(self.model, self._fit.batch_size)
        return Batches(rows, size) if len(rows) else None


def make_trainer(
    order: TrialOrder, execution: ExecutionOrder, builder: Builder, part: Part
) -> Trainer:
    """Return fused epochs wherever they apply, else plain `fit` with the reason."""
    model = builder.build(execution.seed, part.train)
    own = builder.own_fit()
    if own is not None:
        return OwnFitTrainer(order, model, part, own)
    reason = _refusal(order, model, part)
    if reason:
        return PlainTrainer(order, model, part, reason)
    try:
        return FusedTrainer(order, model, part)
    # What a model's own code raises inside a graph (reading a tensor's value, branching on it).
    except (TypeError, ValueError, AttributeError, NotImplementedError, RuntimeError) as error:
        if order.fit.method == "fused":
            raise
        words = str(error).strip().splitlines() or [""]
        reason = f"The model can't be traced: {type(error).__name__}: {words[0]}"
    return PlainTrainer(order, builder.build(execution.seed, part.train), part, reason)


def skip_graph_optimizer(model: Any) -> None:
    """Leave TensorFlow's graph passes out where they take longer (0.06 s) than they ever save.

    They pay for convolutions, attention, recurrence and GPUs; not for dense layers on a CPU.
    """
    is_dense = all(len(weight.shape) <= 2 for weight in model.weights)
    recurrent = any(isinstance(layer, keras.layers.RNN) for layer in model._flatten_layers())
    if is_dense and not recurrent and not tf.config.list_physical_devices("GPU"):
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


def arrays_of(part: Part, *, class_weight: bool) -> tuple[Arrays, Arrays]:
    """Read a part's rows into memory."""
    inputs, targets = part.train.take(np.s_[:])
    weights = balanced_weights(targets) if class_weight else None
    return Arrays(inputs, targets, weights), Arrays(*part.validation.take(np.s_[:]))


def _refusal(order: TrialOrder, model: Any, part: Part) -> str:
    if order.fit.method == "fit":
        return "The experiment uses plain fit."
    size, budget = part.train.nbytes + part.validation.nbytes, memory_budget()
    if size > budget:
        return f"The data takes {size >> 20} MB, more than the limit of {budget >> 20} MB."
    return refusal(model)


def memory_budget() -> int:
    """Return how many bytes of data may be held in memory, as it stands now."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return min(MEMORY_MOST, int(int(line.split()[1]) * 1024 * MEMORY_SHARE))
    return MEMORY_MOST
