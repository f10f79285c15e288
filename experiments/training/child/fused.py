"""The fused epoch: one compiled function for all batches of an epoch and its validation.

Keras's `fit` goes through Python for every batch; for a small model that is
most of the time. Here the data lies in variables, and a loop inside the graph calls the model's own
`train_step` and `test_step`, so losses, metrics, masks and weights are those of `fit`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.training.child.callbacks import state_variables
from experiments.training.child.hidden_state import LentConstants

Logs = dict[str, Any]
VALIDATION_BATCH = 256
Structure = Any  # an array, or a dict, list or tuple of them


@dataclass(frozen=True, slots=True)
class Arrays:
    """Rows in memory: inputs, targets and, when rows weigh differently, their weights."""

    inputs: Structure
    targets: Structure
    weights: Structure = None

    def __len__(self) -> int:
        return len(keras.tree.flatten(self.targets)[0])

    @property
    def triple(self) -> tuple[Structure, ...]:
        """As `fit` takes it: no third entry when rows have no weights."""
        if self.weights is None:
            return (self.inputs, self.targets)
        return (self.inputs, self.targets, self.weights)


class OwnLogs(ValueError):
    """`fit` shows what the last step of an epoch returned; here only metrics leave the loop."""


class FusedEpochs:
    """One traced epoch of one model; other executions of the same shape share the trace.

    said: the model's outputs for the validation rows of the last epoch; None where they aren't kept.
    """

    def __init__(
        self,
        model: Any,
        train: Arrays,
        validation: Arrays,
        *,
        batch_size: int,
        keeps_outputs: bool = False,
    ) -> None:
        """Put the data on the device; nothing is traced yet. Without validation rows none is validated."""
        self.model = model
        self.said: np.ndarray | None = None
        self._keeps_outputs = keeps_outputs
        self._validates = len(validation) > 0
        self._batch_size = batch_size
        self.constants = LentConstants(model)
        self._validation_batch_size = validation_batch_size(model, batch_size)
        # No first length in the shape: parts of different size share the trace.
        self._train = keras.tree.map_structure(_variable, train.triple)
        self._validation = keras.tree.map_structure(_variable, validation.triple)
        self._epoch = tf.function(
            self._traced,
            input_signature=[tf.TensorSpec((None,), tf.int64)],
            autograph=False,
        )

    def trace(self) -> None:
        """Compile the epoch. Raises: what the model's own code raises when it can't be traced."""
        # Otherwise the first trace creates metrics' variables and TensorFlow traces a second time.
        with self.constants.in_place():
            self.model._symbolic_build(data_batch=self._specimen())
            self._epoch.get_concrete_function()

    def build(self, model: Any) -> None:
        """Create the variables of a model that is about to lend its start to the traced one."""
        if all(layer.built for layer in model._flatten_layers()):
            model.optimizer.build(model.trainable_variables)
        else:
            model._symbolic_build(data_batch=self._specimen())

    def assign(self, train: Arrays, validation: Arrays) -> None:
        """Replace the data by that of another part."""
        for variables, arrays in ((self._train, train), (self._validation, validation)):
            keras.tree.map_structure(lambda v, a: v.assign(a), variables, arrays.triple)

    def run(self, order: np.ndarray) -> Logs:
        """Train one epoch over the rows in this order, then validate; return both's metrics."""
        trained, validated, said = self._epoch(tf.constant(order, tf.int64))
        self.said = None if said is None else said.numpy()
        logs = {name: plain(value) for name, value in trained.items()}
        return logs | {f"val_{name}": plain(value) for name, value in validated.items()}

    def _traced(
        self, order: tf.Tensor
    ) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor], Structure]:
        model = self.model
        outputs = Outputs(model)

        def train(start: tf.Tensor, end: tf.Tensor) -> Any:
            rows = order[start:end]
            batch = keras.tree.map_structure(lambda v: v.sparse_read(rows), self._train)
            return model.train_step(batch)

        values = keras.tree.map_structure(lambda v: v.read_value(), self._validation)

        def validate(start: tf.Tensor, end: tf.Tensor) -> Any:
            batch = keras.tree.map_structure(lambda v: v[start:end], values)
            with outputs.seen():
                return model.test_step(batch)

        rows = tf.shape(order, out_type=tf.int64)[0]
        trained, _ = self._loop(train, rows, self._batch_size)
        if not self._validates:
            return trained, {}, None
        rows = tf.shape(keras.tree.flatten(values)[0], out_type=tf.int64)[0]
        kept = outputs if self._keeps_outputs else None
        return trained, *self._loop(validate, rows, self._validation_batch_size, kept)

    def _loop(
        self,
        step: Callable[[tf.Tensor, tf.Tensor], Any],
        rows: tf.Tensor,
        batch_size: int,
        kept: "Outputs | None" = None,
    ) -> tuple[dict[str, tf.Tensor], Structure]:
        """Call `step(start, end)` for each batch, the last one short; return metrics and kept outputs."""

        def body(start: tf.Tensor, said: Any) -> tuple[tf.Tensor, Any]:
            logs = step(start, tf.minimum(start + batch_size, rows))
            if set(logs) != set(self.model.get_metrics_result()):
                raise OwnLogs("The model's train step returns logs that aren't metrics.")
            if kept is not None and kept.of_step is not None:
                said = said.write(
                    tf.cast(start // batch_size, tf.int32), tf.cast(kept.of_step, tf.float32)
                )
            return start + batch_size, said

        self.model.reset_metrics()
        batches = tf.cast((rows + batch_size - 1) // batch_size, tf.int32)
        said = tf.TensorArray(tf.float32, size=batches, infer_shape=False)
        _, said = tf.while_loop(
            lambda start, _: start < rows,
            body,
            (tf.constant(0, tf.int64), said),
            parallel_iterations=1,  # batches follow each other: each one changes the weights
        )
        result: dict[str, tf.Tensor] = self.model.get_metrics_result()
        was_kept = kept is not None and kept.of_step is not None
        return result, said.concat() if was_kept else None

    def _specimen(self) -> Structure:
        return keras.tree.map_structure(lambda v: tf.TensorSpec(v.shape, v.dtype), self._train)


class Outputs:
    """What the model says inside of its own `test_step`, which hands it on to `compute_metrics`.

    of_step: the last one's, symbolic; None where the step computes no metrics, or of several outputs.
    """

    def __init__(self, model: Any) -> None:
        self.of_step: Any = None
        self._model = model

    @contextmanager
    def seen(self) -> Iterator[None]:
        """Look on while a step is traced."""
        compute = self._model.compute_metrics

        def compute_metrics(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            self.of_step = y_pred if isinstance(y_pred, tf.Tensor) else None
            return compute(x, y, y_pred, sample_weight)

        own = vars(self._model)  # not setattr: Keras would follow it
        own["compute_metrics"] = compute_metrics
        try:
            yield
        finally:
            del own["compute_metrics"]


def fit_fused(
    fused: FusedEpochs, orders: Iterator[np.ndarray], callbacks: list[Any], epochs: range
) -> None:
    """Do what `fit` does around its epochs: callbacks in their order, stop when one says so."""
    model = fused.model
    listeners = keras.callbacks.CallbackList(
        callbacks, model=model, epochs=epochs.stop, steps=1, verbose=0
    )
    model.stop_training = False
    listeners.on_train_begin()
    logs: Logs = {}
    for epoch in epochs:
        listeners.on_epoch_begin(epoch)
        logs = fused.run(next(orders))
        listeners.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_weights)
    listeners.on_train_end(logs)


def refusal(model: Any) -> str:
    """Say why this model needs Keras's own `fit`; empty: it does not."""
    for name in ("fit", "evaluate", "make_train_function", "make_test_function"):
        if getattr(type(model), name) is not getattr(keras.Model, name):
            return f"The model overrides {name}."
    if model.run_eagerly:
        return "The model is compiled with run_eagerly."
    return ""


def adopt(fused: FusedEpochs, fresh: Any) -> None:
    """Give the traced model the start of a freshly built one: weights, seeds, optimizer, constants."""
    fused.build(fresh)
    fused.constants.assign(fresh)
    pairs = zip(state_variables(fused.model), state_variables(fresh), strict=True)
    for mine, theirs in pairs:
        mine.assign(theirs.value)


def validation_batch_size(model: Any, batch_size: int) -> int:
    """Return how many rows are validated at once: more than are trained on, for it is quicker.

    Metrics do not depend on it, but for the losses of several outputs: Keras takes the plain mean
    over batches of each, the short last one too.
    """
    outputs = getattr(model, "outputs", None) or ()
    if len(outputs) > 1 or len(keras.tree.flatten(model.loss)) > 1:
        return batch_size
    return max(batch_size, VALIDATION_BATCH)


def plain(value: Any) -> Any:
    """Return a metric as `fit` gives it: a float, or an array where it counts each class alone."""
    array = value.numpy()
    return array if array.ndim else float(array)


def _variable(array: np.ndarray) -> tf.Variable:
    shape = (None, *array.shape[1:])
    return tf.Variable(array, shape=shape, trainable=False)
