"""The script of the chief bench, as a person writes it: KerasTuner decides by its own variables where it asks.

`python chief_script.py FOLDER TRIALS`. With KERASTUNER_TUNER_ID "chief…" it is KerasTuner's own chief.
"""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner
import numpy as np


def build(hp: keras_tuner.HyperParameters) -> keras.Model:
    """Two classes of 20 numbers; a layer, its width and a rate are searched."""
    model = keras.Sequential([keras.layers.Input((20,))])
    model.add(keras.layers.Dense(hp.Int("units", 16, 128, step=16), activation="relu"))
    model.add(keras.layers.Dense(2, activation="softmax"))
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def main() -> None:
    """Search to the end of the budget, whoever holds it."""
    folder, trials = sys.argv[1], int(sys.argv[2])
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 20)).astype("float32")
    y = (x[:, :5].sum(axis=1) > 0).astype("int32")
    tuner = keras_tuner.RandomSearch(
        build,
        objective="val_accuracy",
        max_trials=trials,
        seed=0,
        directory=folder,
        project_name="bench",
    )
    began = time.time()
    tuner.search(x, y, validation_split=0.25, epochs=6, batch_size=32, verbose=0)
    sys.stdout.write(json.dumps([began, time.time()]) + "\n")


if __name__ == "__main__":
    main()
