"""Parts that code brings, at work in trials: a fit, a loader, an objective, callbacks, and what is wrong with them."""

from dataclasses import replace

import pytest

from experiments.plan import Budget
from tests.searches import make_dataset
from tests.tuner.conftest import plan_in_form

pytestmark = pytest.mark.training

MODEL = """
import keras
import numpy as np
from keras_tuner import HyperModel


class Net(HyperModel):
    def build(self, hp):
        model = keras.Sequential([keras.layers.Rescaling(1 / 16), keras.layers.Flatten()])
        model.add(keras.layers.Dense(hp.Choice("units", [8, 16]), activation="relu"))
        model.add(keras.layers.Dense(10, activation="softmax"))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
"""
FIT = """
    def fit(self, hp, model, *args, **kwargs):
        return model.fit(*args, batch_size=hp.Choice("batch", [16, 32]), shuffle=True, **kwargs)
"""
NUMBER = """
    def fit(self, hp, model, x, y, validation_data=None, **kwargs):
        model.train_on_batch(x, y)
        return float(model.evaluate(*validation_data, verbose=0)[1])
"""
PARTS = """

def objective(y_true, y_pred):
    return float(np.mean(np.argmax(y_pred, -1) == y_true))


OBJECTIVE_DIRECTION = "maximize"


def metrics():
    return [keras.metrics.SparseTopKCategoricalAccuracy(k=3, name="top_three")]


class Says(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch + 1, sorted(logs))


def callbacks(hp):
    return [Says()]


def early_stopping(history):
    return len(history) == 3
"""
LOADER = """

def load_data():
    rng = np.random.default_rng(0)
    x = rng.random((120, 8, 8, 1)).astype("float32") * 16
    return x, (x.mean(axis=(1, 2, 3)) * 10 % 10).astype(int)
"""


@pytest.fixture
def trial_of(project, pasted, searched):
    """The one trial of five epochs that a source makes."""

    def trial_of(source):
        dataset = make_dataset(project)
        plan = plan_in_form(project, pasted(source), dataset)
        space = plan.space.to_dict()
        for row in space["hyperparameters"]:
            if row["name"] == "epochs":
                row.update(type="fixed", value=5, default=None, min=None, max=None, step=None)
        plan = replace(
            plan,
            baselines=False,
            space=type(plan.space).from_dict(space),
            protocol=replace(plan.protocol, kind="holdout", repeats=1),
            budget=Budget(max_trials=1),
        )
        return searched(plan).trials.get()

    return trial_of


def test_a_fit_of_ones_own_trains_with_curves(trial_of):
    trial = trial_of(MODEL + FIT)
    assert trial.state == "completed", trial.failure_message
    assert len(trial.executions.get().history["val_accuracy"]) == 5
    assert "batch" in trial.values


def test_a_fit_that_returns_the_objective_is_one_epoch(trial_of):
    trial = trial_of(MODEL + NUMBER)
    assert trial.state == "completed", trial.failure_message
    assert len(trial.executions.get().history["val_accuracy"]) == 1


def test_a_fit_that_returns_nothing_says_what_to_do(trial_of):
    empty = "\n    def fit(self, hp, model, *args, **kwargs):\n        pass\n"
    trial = trial_of(MODEL + empty)
    assert (trial.state, trial.failure_kind) == ("failed", "user_code")
    assert "Pass **kwargs to model.fit" in trial.failure_message


def test_a_fit_that_raises_fails_with_its_line(trial_of):
    wrong = "\n    def fit(self, hp, model, *args, **kwargs):\n        raise KeyError('rate')\n"
    trial = trial_of(MODEL + wrong)
    assert (trial.state, trial.failure_kind) == ("failed", "user_code")
    assert "KeyError: 'rate'" in trial.failure_message


def test_objective_metrics_callbacks_and_early_stopping_work_together(trial_of):
    trial = trial_of(MODEL + PARTS)
    assert trial.state == "completed", trial.failure_message
    execution = trial.executions.get()
    history = execution.history
    assert len(history["val_objective"]) == 3
    assert history["val_objective"] == pytest.approx(history["val_accuracy"], abs=1e-6)
    assert history["custom"] == history["val_objective"]
    assert "val_top_three" in history
    assert "epoch 3" in execution.log
    experiment = trial.experiment
    assert (experiment.expression, experiment.direction) == ("val_objective", "maximize")


def test_rows_of_a_loader_of_ones_own_train(trial_of):
    trial = trial_of(MODEL + LOADER)
    assert trial.state == "completed", trial.failure_message
    assert "120 rows of the code" in trial.executions.get().log
    assert not trial.artifacts.filter(kind="predictions").exists()


def test_a_loader_of_ragged_rows_says_so(trial_of):
    ragged = "\n\ndef load_data():\n    return [[1, 2], [3]], [0, 1]\n"
    trial = trial_of(MODEL + ragged)
    assert (trial.state, trial.failure_kind) == ("failed", "user_code")
    assert "x is ragged" in trial.failure_message
