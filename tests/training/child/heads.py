"""Models by their last layer, loss and target, and what the checks of their outputs find; in a child with TensorFlow."""

import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from experiments.training.child.datasets import Part, Rows
from experiments.training.child.output_checks import output_checks

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 6)).astype("float32")
TEN = RNG.integers(0, 10, 200)
TWO = RNG.integers(0, 2, 200)
PRICES = RNG.uniform(-50, 150, 200).astype("float32")
ONE_HOT = np.eye(10, dtype="float32")[TEN]
SPARSE = "sparse_categorical_crossentropy"
logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
two_logits = keras.losses.BinaryCrossentropy(from_logits=True)


def sequential(*last: Any) -> keras.Model:
    return keras.Sequential([keras.Input((6,)), layers.Dense(8, activation="relu"), *last])


def functional(*last: Any) -> keras.Model:
    start = answer = keras.Input((6,), name="numbers")
    for each in last:
        answer = each(answer)
    return keras.Model(start, answer)


class Subclass(keras.Model):  # type: ignore[misc]
    """A model whose layers nobody can follow."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        super().__init__()
        self.dense = layers.Dense(10)
        self.answer = answer

    def call(self, inputs: Any) -> Any:
        return self.answer(self.dense(inputs))


def shifted(activation: str) -> keras.Model:
    return sequential(layers.Dense(1, activation=activation), layers.Rescaling(40.0, offset=50.0))


CASES: dict[str, tuple[Any, Any, np.ndarray]] = {
    # name: model, loss, targets
    "softmax missing": (sequential(layers.Dense(10)), SPARSE, TEN),
    "sigmoid for softmax": (sequential(layers.Dense(10, activation="sigmoid")), SPARSE, TEN),
    "softmax missing in a subclass": (Subclass(lambda x: x), SPARSE, TEN),
    "softmax doubled": (sequential(layers.Dense(10, activation="softmax")), logits, TEN),
    "softmax doubled in a subclass": (Subclass(keras.ops.softmax), logits, TEN),
    "softmax twice": (
        sequential(layers.Dense(10, activation="softmax"), layers.Softmax()),
        SPARSE,
        TEN,
    ),
    "sigmoid missing": (sequential(layers.Dense(1)), "binary_crossentropy", TWO),
    "functional": (functional(layers.Dense(1)), "binary_crossentropy", TWO),
    "nested": (functional(sequential(layers.Dense(10))), SPARSE, TEN),
    "sigmoid doubled": (sequential(layers.Dense(1, activation="sigmoid")), two_logits, TWO),
    "softmax over one": (
        sequential(layers.Dense(1, activation="softmax")),
        "binary_crossentropy",
        TWO,
    ),
    "too few units": (sequential(layers.Dense(3, activation="softmax")), SPARSE, TEN),
    "one unit for ten": (
        sequential(layers.Dense(1, activation="sigmoid")),
        "binary_crossentropy",
        TEN,
    ),
    "error against indices": (sequential(layers.Dense(10, activation="softmax")), "mse", TEN),
    "two units, binary": (
        sequential(layers.Dense(2, activation="softmax")),
        "binary_crossentropy",
        TWO,
    ),
    "sigmoid for prices": (sequential(layers.Dense(1, activation="sigmoid")), "mse", PRICES),
    "relu for prices": (sequential(layers.Dense(1, activation="relu")), "mae", PRICES),
    "classes' loss for prices": (sequential(layers.Dense(1)), "binary_crossentropy", PRICES),
    "three numbers for one": (sequential(layers.Dense(3)), "mse", PRICES),
    "an axis too many": (
        keras.Sequential(
            [keras.Input((6,)), layers.Reshape((3, 2)), layers.Dense(10, activation="softmax")]
        ),
        SPARSE,
        TEN,
    ),
}
HEALTHY: dict[str, tuple[Any, Any, np.ndarray]] = {
    "softmax": (sequential(layers.Dense(10, activation="softmax")), SPARSE, TEN),
    "logits": (sequential(layers.Dense(10)), logits, TEN),
    "logits in a subclass": (Subclass(lambda x: x), logits, TEN),
    "softmax in a subclass": (Subclass(keras.ops.softmax), SPARSE, TEN),
    "softmax layer": (sequential(layers.Dense(10), layers.Softmax()), SPARSE, TEN),
    "one-hot": (
        sequential(layers.Dense(10, activation="softmax")),
        "categorical_crossentropy",
        ONE_HOT,
    ),
    "half precision": (
        sequential(layers.Dense(10, activation="softmax", dtype="mixed_float16")),
        SPARSE,
        TEN,
    ),
    "sigmoid": (sequential(layers.Dense(1, activation="sigmoid")), "binary_crossentropy", TWO),
    "several labels": (
        sequential(layers.Dense(4, activation="sigmoid")),
        "binary_crossentropy",
        RNG.integers(0, 2, (200, 4)),
    ),
    "one logit": (sequential(layers.Dense(1)), two_logits, TWO),
    "nested softmax": (
        functional(sequential(layers.Dense(10, activation="softmax"))),
        SPARSE,
        TEN,
    ),
    "two classes": (sequential(layers.Dense(2, activation="softmax")), SPARSE, TWO),
    "prices": (sequential(layers.Dense(1)), "mse", PRICES),
    "scaled prices": (shifted("linear"), "huber", PRICES),
    "scaled shares": (shifted("sigmoid"), "huber", PRICES),
    "counts": (sequential(layers.Dense(1, activation="relu")), "mse", RNG.integers(0, 40, 200)),
    "shares": (
        sequential(layers.Dense(1, activation="sigmoid")),
        "mse",
        RNG.random(200).astype("float32"),
    ),
    "probability as a number": (sequential(layers.Dense(1, activation="sigmoid")), "mse", TWO),
    "autoencoder": (sequential(layers.Dense(6)), "mse", X),
}


def found(model: keras.Model, loss: Any, targets: np.ndarray) -> dict[str, list[str]]:
    """The result and words of each check."""
    model.compile("adam", loss)
    index = np.arange(len(X))
    part = Part(Rows(X, targets, index), Rows(X, targets, index[:20]))
    return {each.name: [each.result, each.words] for each in output_checks(model, part)}


def print_all() -> None:
    """Print what was found, a line of JSON for each model."""
    for name, case in {**CASES, **HEALTHY}.items():
        print("FOUND " + json.dumps([name, found(*case)]))  # noqa: T201
