"""A KerasTuner script as people write it; which tuner it uses is its first argument, its folder the second."""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import keras_tuner as kt
import numpy as np

KIND, FOLDER = sys.argv[1:3]
STEPWISE = KIND in ("steps", "held")
X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("int32")


def build(hp):
    model = keras.Sequential([keras.layers.Input((4,))])
    kind = hp.Choice("kind", ["small", "wide"])
    with hp.conditional_scope("kind", ["wide"]):
        if kind == "wide":
            model.add(keras.layers.Dense(hp.Int("units", 4, 16, step=4)))
    model.add(keras.layers.Dense(2, activation="softmax"))
    rate = hp.Float("lr", 1e-3, 1e-1, sampling="log")
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(rate), loss, metrics=["accuracy"])
    return model


class Stepwise(kt.Tuner):
    """A tuner of one's own that trains no model and reports each step."""

    def run_trial(self, trial, *args, **kwargs):
        x = trial.hyperparameters.Float("x", -1.0, 1.0)
        for step in range(4):
            if KIND == "held" and step == 1:
                hold()
            time.sleep(0.4)
            value = float(x * x + 1 / (1 + step))
            self.oracle.update_trial(trial.trial_id, {"loss": value}, step=step)
        return value


def hold():
    """Between two calls, until it is let go."""
    Path(FOLDER, "held").touch()
    while not Path(FOLDER, "go").exists():
        time.sleep(0.05)


def tuner():
    place = {"directory": FOLDER, "project_name": "p"}
    if KIND == "hyperband":
        return kt.Hyperband(build, objective="val_accuracy", max_epochs=4, **place)
    if KIND == "bayesian":
        return kt.BayesianOptimization(build, objective="val_accuracy", max_trials=2, **place)
    if KIND == "several":
        both = [kt.Objective("val_accuracy", "max"), kt.Objective("val_loss", "min")]
        return kt.RandomSearch(build, objective=both, max_trials=2, **place)
    if STEPWISE:
        oracle = kt.oracles.RandomSearchOracle(kt.Objective("loss", "min"), max_trials=2)
        return Stepwise(oracle=oracle, **place)
    return kt.RandomSearch(build, objective="val_accuracy", max_trials=2, **place)


def main():
    search = tuner()
    search.search_space_summary()
    given = {} if STEPWISE or KIND == "hyperband" else {"epochs": 2}
    data = () if STEPWISE else (X, Y)
    if data:
        given |= {"validation_split": 0.25, "verbose": 0}
    search.search(*data, **given)
    search.results_summary(1)
    best = search.get_best_hyperparameters()[0].values
    sys.stdout.write(f"BEST {sorted(best)}\n")


if __name__ == "__main__":
    main()
