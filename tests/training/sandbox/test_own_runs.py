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
from tests.training.sources import UNTIL_TOLD

pytestmark = pytest.mark.training

EPOCHS = 8
HEAD = (
    DATA
    + UNTIL_TOLD
    + """

class Waits(keras.callbacks.Callback):
    begun = 0  # epochs, in all fits

    def on_epoch_begin(self, epoch, logs=None):
        Waits.begun += 1
        if Waits.begun == WAITS_AT:
            until_told()


class Own(kt.RandomSearch):
    def run_trial(self, trial, *args, **kwargs):
"""
)
TAIL = f"""

tuner = Own(build_model, objective="val_accuracy", max_trials=2)
tuner.search(x_train, y_train, epochs={EPOCHS}, validation_data=(x_val, y_val), callbacks=[Waits()])
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
        until_told()
        model = self.hypermodel.build(trial.hyperparameters)
        return model.fit(*args, **kwargs)
"""


@pytest.fixture
def paused(play):
    """Both parts of an execution that was paused after an epoch, at the end of the next one."""

    def run(body, *, after=2, at=EpochEnd, **changes):
        source = HEAD + body + TAIL
        recipe = {"script": {"kind": "search"}, "names": {"units": "units"}, "entry": "script:"}
        fit = {"objective": "val_accuracy", "direction": "maximize", "epochs": EPOCHS}
        settings = {"recipe": recipe, "values": {"units": 8}, "fit": fit} | changes
        waits = f"WAITS_AT = {after + 1}\n"
        first = play(waits + source, until="pause", after=after, at=at, **settings)
        if not of(first, CheckpointSaved):
            return first, []
        saved = of(first, CheckpointSaved)[-1]
        execution = ExecutionOrder(7, 0, 0, 11, saved.directory, saved.epoch)
        return first, play("WAITS_AT = 0\n" + source, executions=[execution], **settings)

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


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(2, id="first fold", marks=pytest.mark.thorough),
        pytest.param(EPOCHS + 2, id="second fold"),
    ],
)
def test_several_fits_begin_anew_and_are_counted_through(paused, after):
    first, rest = paused(IN_FOLDS, after=after)
    assert first[-1] == TrialEnd("pause"), first[-3:]
    done = numbers(first)[-1]
    assert of(rest, ExecutionStarted) == [ExecutionStarted(7, done), ExecutionStarted(7, 0)]
    assert numbers(rest)[-2 * EPOCHS :] == list(range(1, 2 * EPOCHS + 1))
    assert "restarts at epoch 1" in "".join(line.text for line in of(rest, LogLine))
    assert rest[-1] == TrialEnd() and of(rest, ExecutionEnd)


def test_one_that_keeps_the_callbacks_from_its_fit_is_seen_at_its_end(paused):
    first, rest = paused(UNSEEN, at=ExecutionStarted)
    assert first[-1] == TrialEnd() and numbers(first) == list(range(1, EPOCHS + 1)), first[-3:]
    assert rest == []
