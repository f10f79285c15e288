"""Records the learning-curve tables of the search bench by training every network of a small space.

A program of its own, since it needs TensorFlow: `python -m benchmarks.search.curves_side [DATA …]`
trains what is not yet recorded and writes `recorded/DATA.npz`. Networks that differ only in learning
rate, dropout and seed are one Keras model with a leading axis, so that one step trains 36 of them;
each keeps its own weights, row order, dropout and rate. A run that is cut off goes on where it was.
"""

import itertools
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf

from benchmarks.search.curves import CURVES, EPOCHS, RATES, SEEDS, SPACE, path_of
from benchmarks.search.curves_data import Data, load_data

CAP = 5.0  # a regression's loss is relative to the variance; a diverged one is held here
NETWORKS = list(itertools.product(RATES, SPACE["dropout"], range(SEEDS)))
OPTIMIZERS = {
    "adam": (keras.optimizers.Adam, {}),
    "rmsprop": (keras.optimizers.RMSprop, {}),
    "sgd": (keras.optimizers.SGD, {"momentum": 0.9}),
}


class OwnDropout(keras.layers.Layer):  # type: ignore[misc]
    """Dropout with a rate for each network."""

    def __init__(self, rates: np.ndarray) -> None:
        """Keep the rates, shape (networks,)."""
        super().__init__()
        self.rates = rates.astype("float32")[:, None, None]

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Drop and scale up what stays."""
        if not training:
            return inputs
        kept = tf.cast(tf.random.uniform(tf.shape(inputs)) >= self.rates, inputs.dtype)
        return inputs * kept / (1.0 - self.rates)


class Dense(keras.layers.Layer):  # type: ignore[misc]
    """A dense layer for each network."""

    def __init__(self, units: int, start: Any) -> None:
        """Keep the width and how weights start."""
        super().__init__()
        self.units, self.start = units, start

    def build(self, shape: Any) -> None:
        """Add the weights of every network."""
        kernel = (len(NETWORKS), shape[-1], self.units)
        self.kernel = self.add_weight(shape=kernel, initializer=self.start)
        self.bias = self.add_weight(shape=(len(NETWORKS), 1, self.units), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """Multiply and add."""
        return tf.matmul(inputs, self.kernel) + self.bias


def make_model(data: Data, layers: int, units: int) -> Any:
    """All networks of one shape: networks × rows × features in, networks × rows × outputs out."""
    dropout = np.array([network[1] for network in NETWORKS])
    here = inputs = keras.Input((None, data.features), batch_size=len(NETWORKS))
    for _ in range(layers):
        here = _dense(units, here)
        here = OwnDropout(dropout)(keras.ops.relu(here))
    return keras.Model(inputs, _dense(data.outputs, here))


def _dense(units: int, inputs: Any) -> Any:
    """One dense layer for each network: He's uniform start, by the width of one network."""
    limit = float(np.sqrt(6.0 / inputs.shape[-1]))
    start = keras.initializers.RandomUniform(-limit, limit)
    return Dense(units, start)(inputs)


def make_optimizer(name: str) -> Any:
    """Keras's own optimizer, its step with one learning rate for each network."""
    kind, options = OPTIMIZERS[name]
    rates = np.array([network[0] for network in NETWORKS], dtype="float32")

    class Own(kind):  # type: ignore[misc, valid-type]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            own = tf.reshape(rates, (-1, *[1] * (len(variable.shape) - 1)))
            super().update_step(gradient, variable, learning_rate * own)

    return Own(learning_rate=1.0, **options)


class Group:
    """The networks of one shape and optimizer, traced once."""

    def __init__(self, data: Data, layers: int, units: int, optimizer: str) -> None:
        """Build, and keep the first weights for each batch size."""
        keras.utils.set_random_seed(1)
        self.data = data
        self.model = make_model(data, layers, units)
        self.optimizer = make_optimizer(optimizer)
        self.optimizer.build(self.model.trainable_variables)
        self.first = [[v.numpy() for v in each] for each in self._variables()]
        self.step_all = tf.function(self._epoch, reduce_retracing=True)
        self.answer = tf.function(lambda inputs: self.model(inputs, training=False))

    def _variables(self) -> tuple[list[Any], list[Any]]:
        return self.model.variables, self.optimizer.variables

    def _losses(self, outputs: Any, targets: Any) -> Any:
        if self.data.is_classification:
            return tf.nn.sparse_softmax_cross_entropy_with_logits(targets, outputs)
        return (outputs[..., 0] - targets) ** 2

    def _epoch(self, order: Any, batch: Any) -> None:
        """Train on the rows in `order`, shape (networks, rows)."""
        inputs, targets = tf.constant(self.data.x_train), tf.constant(self.data.y_train)
        for start in tf.range(0, tf.shape(order)[1], batch):
            rows = order[:, start : start + batch]
            with tf.GradientTape() as tape:
                outputs = self.model(tf.gather(inputs, rows), training=True)
                losses = self._losses(outputs, tf.gather(targets, rows))
                total = tf.reduce_sum(tf.reduce_mean(losses, axis=1))
            variables = self.model.trainable_variables
            self.optimizer.apply(tape.gradient(total, variables), variables)

    def _validate(self) -> np.ndarray:
        """Shape (networks,): the share of wrong answers, or the squared error."""
        count = len(NETWORKS)
        inputs = np.repeat(self.data.x_validation[None], count, axis=0)
        outputs = self.answer(tf.constant(inputs)).numpy()
        if self.data.is_classification:
            return np.asarray((outputs.argmax(-1) != self.data.y_validation).mean(1))
        with np.errstate(over="ignore", invalid="ignore"):
            errors = ((outputs[..., 0] - self.data.y_validation) ** 2).mean(1)
        return np.asarray(np.minimum(np.nan_to_num(errors, nan=CAP, posinf=CAP), CAP))

    def train(self, batch: int) -> tuple[np.ndarray, float]:
        """Curves, shape (networks, epochs), and the seconds that one network took."""
        for variables, values in zip(self._variables(), self.first, strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        rng = np.random.default_rng(2)
        curves, seconds = [], 0.0
        for _ in range(EPOCHS):
            orders = [rng.permutation(len(self.data.x_train)) for _ in range(SEEDS)]
            order = np.stack([orders[seed] for _, _, seed in NETWORKS])
            begun = time.perf_counter()
            self.step_all(tf.constant(order), tf.constant(batch))
            seconds += time.perf_counter() - begun
            curves.append(self._validate())
        return np.stack(curves, axis=1), seconds / len(NETWORKS)


def record(name: str, folder: Path) -> None:
    """Train what `folder` lacks, then write the table."""
    folder.mkdir(parents=True, exist_ok=True)
    data = load_data(name)
    shapes = itertools.product(SPACE["layers"], SPACE["units"], SPACE["optimizer"])
    curves, seconds = [], []
    for layers, units, optimizer in shapes:
        part = folder / f"{name}-{layers}-{units}-{optimizer}.npz"
        if not part.exists():
            group = Group(data, layers, units, optimizer)
            trained = [group.train(batch) for batch in SPACE["batch_size"]]
            written = part.with_suffix(".part")
            with written.open("wb") as file:
                np.savez(file, curves=[t[0] for t in trained], seconds=[t[1] for t in trained])
            written.replace(part)
            keras.backend.clear_session()
        found = np.load(part)
        best = found["curves"][..., -1].min()
        print(f"{part.stem} best {best:.4f}", file=sys.stderr, flush=True)  # noqa: T201
        curves.append(found["curves"])
        seconds.append(found["seconds"])
    counts = [len(values) for values in SPACE.values()]
    shape = (*counts, SEEDS, EPOCHS)  # learning rate and dropout are the last two of SPACE
    path_of(name).parent.mkdir(exist_ok=True)
    np.savez_compressed(
        path_of(name),
        curves=np.stack(curves).reshape(shape).astype(np.float16),
        seconds=np.stack(seconds).reshape(counts[:4]).astype(np.float32),
    )


def main() -> None:
    """Record the tables that are named, or all."""
    folder = Path(tempfile.gettempdir()) / "search-curves"
    for name in sys.argv[1:] or list(CURVES):
        record(name, folder)


if __name__ == "__main__":
    main()
