"""Models of the equality bench that no template is: weights, counts, heads, masks, classes."""

from typing import Any

import keras


def classifier(middle: list[Any]) -> Any:
    """Return a small dense classifier of digits with layers in its middle."""
    dense = keras.layers.Dense(32, activation="relu", kernel_regularizer="l2")
    last = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((64,)), dense, *middle, last])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def with_auc() -> Any:
    """Return a binary classifier with metrics that keep counts."""
    layers = [keras.Input((64,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile(
        keras.optimizers.RMSprop(1e-3),
        "binary_crossentropy",
        metrics=[keras.metrics.AUC(name="auc"), keras.metrics.F1Score("micro", 0.5, name="f1")],
        weighted_metrics=[keras.metrics.Precision(name="precision")],
    )
    return model


def two_headed() -> Any:
    """Return a model of two inputs and two outputs."""
    inputs = {name: keras.Input((32,), name=name) for name in ("left", "right")}
    hidden = keras.layers.Dense(32, "relu")(keras.layers.concatenate(list(inputs.values())))
    outputs = {
        "digit": keras.layers.Dense(10, "softmax", name="digit")(hidden),
        "sum": keras.layers.Dense(1, name="sum")(hidden),
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.SGD(1e-3, momentum=0.9),
        {"digit": "sparse_categorical_crossentropy", "sum": "mse"},
        loss_weights={"digit": 1.0, "sum": 0.1},
        metrics={"digit": ["accuracy"], "sum": ["mae"]},
    )
    return model


def recurrent() -> Any:
    """Return a model that masks its zeros."""
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Embedding(17, 8, mask_zero=True),
            keras.layers.GRU(12),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class OwnStep(keras.Model):  # type: ignore[misc]
    """A model class with a training step of its own."""

    def __init__(self) -> None:
        """Create the layers; their weights come at first use."""
        super().__init__()
        self.hidden = keras.layers.Dense(16, "relu")
        self.noise = keras.layers.GaussianNoise(0.1)
        self.answer = keras.layers.Dense(10, "softmax")

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Predict."""
        return self.answer(self.noise(self.hidden(inputs), training=training))

    def train_step(self, data: Any) -> Any:
        """Train on halved inputs."""
        inputs, targets = data
        return super().train_step((inputs * 0.5, targets))


def subclassed() -> Any:
    """Return an unbuilt model of a class, with a rate that falls from step to step."""
    model = OwnStep()
    rate = keras.optimizers.schedules.ExponentialDecay(1e-2, 10, 0.9)
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model
