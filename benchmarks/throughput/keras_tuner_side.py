"""KerasTuner's side of the throughput bench: the seed article's first sample over given arrays.

A program of its own: `python -m benchmarks.throughput.keras_tuner_side ARRAYS.npz TRIALS EXECUTIONS EPOCHS SEED`. Prints one
JSON object last: seconds and CPU seconds of `search` alone, and the best validation accuracy.
"""

import json
import os
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
import numpy as np


class MyHyperModel(keras_tuner.HyperModel):
    """The seed's model, its space included."""

    def __init__(self, num_classes: int) -> None:
        """Keep the number of classes."""
        super().__init__()
        self.num_classes = num_classes

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """Flatten, one dense layer, dropout, softmax; Adam with one of three rates."""
        model = keras.Sequential(
            [
                keras.layers.Flatten(),
                keras.layers.Dense(
                    units=hp.Int("units", min_value=32, max_value=512, step=32), activation="relu"
                ),
                keras.layers.Dropout(
                    rate=hp.Float("dropout", min_value=0.0, max_value=0.5, default=0.2, step=0.1)
                ),
                keras.layers.Dense(units=self.num_classes, activation="softmax"),
            ]
        )
        model.compile(
            optimizer=keras.optimizers.Adam(hp.Choice("learning_rate", values=[1e-2, 1e-3, 1e-4])),
            loss="categorical_crossentropy",
            metrics=["accuracy"],
        )
        return model


def main() -> None:
    """Search once and print the figures."""
    arrays_path, trials, executions, epochs, seed = sys.argv[1:6]
    arrays = np.load(arrays_path)
    classes = int(arrays["y_train"].max()) + 1
    x_train = arrays["x_train"].astype("float32") / float(arrays["scale"])
    x_validation = arrays["x_validation"].astype("float32") / float(arrays["scale"])
    y_train = keras.utils.to_categorical(arrays["y_train"], classes)
    y_validation = keras.utils.to_categorical(arrays["y_validation"], classes)
    with tempfile.TemporaryDirectory() as directory:
        tuner = keras_tuner.RandomSearch(
            hypermodel=MyHyperModel(classes),
            objective="val_accuracy",
            max_trials=int(trials),
            executions_per_trial=int(executions),
            directory=directory,
            project_name="helloworld",
            seed=int(seed),
        )
        started, cpu = time.monotonic(), sum(os.times()[:4])
        tuner.search(
            x=x_train,
            y=y_train,
            epochs=int(epochs),
            validation_data=(x_validation, y_validation),
            verbose=0,
        )
        seconds, cpu_seconds = time.monotonic() - started, sum(os.times()[:4]) - cpu
        scores = [trial.score for trial in tuner.oracle.trials.values()]
    figures = {
        "trials": len(scores),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu_seconds, 3),
        "best_val_accuracy": max(scores),
        "mean_val_accuracy": float(np.mean(scores)),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
