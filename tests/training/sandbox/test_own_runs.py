"""A pasted tuner's own `run_trial`, paused in the midst of its training and taken up again."""

import pytest

from experiments.training.messages import (
    CheckpointSaved,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    ExecutionStarted,
    Failure,
    LogLine,
    TrialEnd,
)
from tests.pasted_tuners import DATA
from tests.training.orders import of

pytestmark = pytest.mark.training

EPOCHS = 8
SLOW = "keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: time.sleep(0.2))"
HEAD = (
    DATA
    + """
import time


class Own(kt.RandomSearch):
    def run_trial(self, trial, *args, **kwargs):
"""
)
TAIL = f"""

tuner = Own(build_model, objective="val_accuracy", max_trials=2)
tuner.search(x_train, y_train, epochs={EPOCHS}, validation_data=(x_val, y_val), callbacks=[{SLOW}])
"""
THROUGH_KERAS_TUNER = "        return super().run_trial(trial, *args, **kwargs)\n"
BY_ITSELF = """
        model = self.hypermodel.build(trial.hyperparameters)
        history = model.fit(*args, **kwargs)
        return max(history.history["val_accuracy"])
"""
IN_FOLDS = """
        scores = []
        for fold in range(2):
            model = self.hypermodel.build(trial.hyperparameters)
            history = model.fit(*args, **kwargs)
            scores.append(max(history.history["val_accuracy"]))
        return float(np.mean(scores))
"""
UNSEEN = """
        kwargs.pop("callbacks")
        time.sleep(1)
        model = self.hypermodel.build(trial.hyperparameters)
        return model.fit(*args, **kwargs)
"""


@pytest.fixture
def paused(play):
    """Both parts of an execution that was paused after an epoch, as soon as it could be."""

    def run(body, *, after=2, **changes):
        recipe = {"script": {"kind": "search"}, "names": {"units": "units"}, "entry": "script:"}
        fit = {"objective": "val_accuracy", "direction": "maximize", "epochs": EPOCHS}
        settings = {"recipe": recipe, "values": {"units": 8}, "fit": fit} | changes
        first = play(HEAD + body + TAIL, until="pause", after=after, **settings)
        if not of(first, CheckpointSaved):
            return first, []
        saved = of(first, CheckpointSaved)[-1]
        execution = ExecutionOrder(7, 0, 0, 11, saved.directory, saved.epoch)
        return first, play(HEAD + body + TAIL, executions=[execution], **settings)

    return run


def numbers(seen):
    return [epoch.epoch for epoch in of(seen, EpochEnd)]


@pytest.mark.parametrize("body", [THROUGH_KERAS_TUNER, BY_ITSELF], ids=["super", "own"])
def test_one_fit_goes_on_where_it_was_paused(paused, body):
    first, rest = paused(body)
    assert first[-1] == TrialEnd("pause") and not of(first, Failure), first[-3:]
    done = numbers(first)[-1]
    assert of(rest, ExecutionStarted) == [ExecutionStarted(7, done)]
    assert numbers(rest) == list(range(done + 1, EPOCHS + 1)) and rest[-1] == TrialEnd()


@pytest.mark.parametrize("after", [2, EPOCHS + 2], ids=["first fold", "second fold"])
def test_several_fits_begin_anew_and_are_counted_through(paused, after):
    first, rest = paused(IN_FOLDS, after=after)
    assert first[-1] == TrialEnd("pause"), first[-3:]
    done = numbers(first)[-1]
    assert of(rest, ExecutionStarted) == [ExecutionStarted(7, done), ExecutionStarted(7, 0)]
    assert numbers(rest)[-2 * EPOCHS :] == list(range(1, 2 * EPOCHS + 1))
    assert "begins anew" in "".join(line.text for line in of(rest, LogLine))
    assert rest[-1] == TrialEnd() and of(rest, ExecutionEnd)


def test_one_that_keeps_the_callbacks_from_its_fit_is_seen_at_its_end(paused):
    first, rest = paused(UNSEEN)
    assert first[-1] == TrialEnd() and numbers(first) == list(range(1, EPOCHS + 1)), first[-3:]
    assert rest == []
