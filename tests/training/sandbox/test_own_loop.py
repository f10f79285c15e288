"""Training of the code's own: what is seen of it, when it ends, and how it goes on after a pause."""

import re
import time
from dataclasses import replace

import pytest

from experiments.training.messages import (
    CheckpointSaved,
    DryRunResult,
    EarlyStoppingOrder,
    EpochEnd,
    ExecutionEnd,
    ExecutionOrder,
    ExecutionStarted,
    Failure,
    LogLine,
    TrialEnd,
)
from tests.training.orders import of
from tests.training.sources import UNTIL_TOLD

pytestmark = pytest.mark.training

FIRST = ExecutionOrder(7, part=0, repeat=0, seed=11)
NET = """
import math
import time

import keras
from keras_tuner import HyperModel


class Net(HyperModel):
    def build(self, hp):
        model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

"""
FIT = "    def fit(self, hp, model, x, y, validation_data, callbacks=None, **kwargs):\n"
HEEDLESS = (
    NET
    + FIT
    + """
        for epoch in range(400):
            try:
                time.sleep(0.05)
                for callback in callbacks:
                    callback.on_epoch_end(epoch, logs={"val_loss": 1.0 / (1 + epoch)})
            except Exception:
                pass
"""
)
KEEN = NET + "    def fit(self, hp, model, *args, **kwargs):\n        "


def telling(logs: str, *, epochs: int = 3, seconds: float = 0.0, waits_at: int = 0) -> str:
    """A loop that trains with train_on_batch and tells `logs`. waits_at: an epoch that lasts till it is stopped."""
    return f"""{UNTIL_TOLD}{NET}{FIT}
        for callback in callbacks:
            callback.set_model(model)
        for epoch in range({epochs}):
            time.sleep({seconds})
            if epoch + 1 == {waits_at}:
                until_told()
            model.train_on_batch(x[:16], y[:16])
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs={logs})
"""


def curve(seen, name):
    return [epoch.metrics.get(name, "missing") for epoch in of(seen, EpochEnd)]


def log_of(seen):
    return "\n".join(line.text for line in of(seen, LogLine))


def test_it_ends_at_the_next_epoch(play):
    seen = play(HEEDLESS, fit={"epochs": 400}, until="prune")
    assert seen[-1] == TrialEnd("prune"), seen[-3:]
    assert 2 <= len(of(seen, EpochEnd)) < 400


def test_a_loss_that_was_not_told_is_missing(play):
    told = {"objective": "my_metric", "epochs": 3}
    seen = play(telling('{"my_metric": 1.0 / (epoch + 1)}'), fit=told)
    assert seen[-1] == TrialEnd(), seen[-3:]
    assert [set(epoch.metrics) for epoch in of(seen, EpochEnd)] == [{"my_metric"}] * 3
    (end,) = of(seen, ExecutionEnd)
    assert end.best_epoch == 3


def test_nor_is_the_loss_of_the_validation_rows_taken_for_it(play):
    seen = play(telling('{"val_loss": 1.0}'))
    assert curve(seen, "loss") == ["missing"] * 3 and curve(seen, "val_loss") == [1.0] * 3


@pytest.mark.parametrize("name", ["loss", "val_loss"])
def test_a_cost_that_is_told_as_nan_stays_so_and_ends_the_trial(play, name):
    seen = play(telling(f'{{"{name}": math.nan}}'))
    assert curve(seen, name) == [None]
    (failure,) = of(seen, Failure)
    assert failure.kind == "nan"


def test_a_number_that_is_returned_is_one_epoch_of_that_number_alone(play):
    source = NET + FIT.replace("callbacks=None", "callbacks") + "        return 0.5\n"
    seen = play(source, fit={"objective": "my_metric"})
    (epoch,) = of(seen, EpochEnd)
    assert epoch.metrics == {"my_metric": 0.5}


def test_the_clock_runs_where_no_epoch_is_begun(play):
    began = time.monotonic()
    seen = play(telling('{"val_loss": 1.0}', epochs=4, seconds=0.1))
    seconds = [epoch.seconds for epoch in of(seen, EpochEnd)]
    assert len(seconds) == 4 and min(seconds) >= 0.1
    assert sum(seconds) < time.monotonic() - began  # counted from the start, each would be longer


def test_a_dry_run_ends_it_and_finds_no_fault_in_a_loss_that_is_not_told(play):
    source = HEEDLESS.replace("time.sleep(0.05)", "time.sleep(0.2)")
    seen = play(source, fit={"epochs": 400}, dry_run_seconds=0.01)
    (told,) = of(seen, DryRunResult)
    assert told.is_finite and told.epoch_seconds < 40, told  # of 80


def test_a_dry_run_of_a_loss_that_is_no_number_from_the_first_epoch_on_tells_so(play):
    source = telling('{"val_loss": math.nan}', epochs=1, seconds=0.2)
    seen = play(source, dry_run_seconds=20.0)
    (told,) = of(seen, DryRunResult)
    assert not told.is_finite and told.has_ended and told.epochs_run == 1, told
    assert 0.2 <= told.epoch_seconds < 20


def test_a_fit_that_takes_no_callbacks_is_refused_with_the_mend(play):
    source = (
        NET + "    def fit(self, hp, model, x, y, epochs=1):\n        return model.fit(x, y)\n"
    )
    seen = play(source)
    (failure,) = of(seen, Failure)
    assert failure.kind == "user_code"
    assert "accepts no callbacks" in failure.message and "**kwargs" in failure.message
    assert not of(seen, EpochEnd)


def test_a_fit_that_gives_callbacks_of_its_own_beside_ours_is_told_how(play):
    seen = play(KEEN + "return model.fit(*args, callbacks=[], **kwargs)\n")
    (failure,) = of(seen, Failure)
    assert 'kwargs.pop("callbacks"' in failure.message


def test_callbacks_may_be_taken_out_and_given_on_with_more(play):
    more = 'callbacks=[*kwargs.pop("callbacks"), keras.callbacks.TerminateOnNaN()]'
    seen = play(KEEN + f"return model.fit(*args, {more}, **kwargs)\n")
    assert seen[-1] == TrialEnd(), seen[-3:]
    assert len(of(seen, EpochEnd)) == 3


def test_epochs_may_be_taken_out_too(play):
    seen = play(KEEN + 'return model.fit(*args, epochs=kwargs.pop("epochs") - 1, **kwargs)\n')
    assert seen[-1] == TrialEnd() and len(of(seen, EpochEnd)) == 2, seen[-3:]


def test_what_of_the_form_a_fit_has_no_use_for_is_told_in_the_log(play):
    source = NET + (
        "    def fit(self, hp, model, x, y, callbacks, validation_data):\n"
        "        model.fit(x, y, epochs=2, callbacks=callbacks, validation_data=validation_data, verbose=0)\n"
    )
    seen = play(source)
    assert len(of(seen, EpochEnd)) == 2
    assert re.search("fit has no argument epochs, batch_size", log_of(seen))


def resumed(play, source, *, fit):
    """An execution that was paused in its third epoch, and goes on. source: of the epoch that waits for the pause."""
    first = play(source(3), fit=fit, until="pause")
    assert first[-1] == TrialEnd("pause"), first[-3:]
    saved = of(first, CheckpointSaved)[-1]
    execution = replace(FIRST, checkpoint=saved.directory, epochs_done=saved.epoch)
    return saved.epoch, play(source(0), fit=fit, executions=[execution])


def test_a_fit_that_passes_kwargs_on_goes_on_where_it_was_paused(play):
    def source(epoch):
        waits = f"lambda at, logs: until_told() if at + 1 == {epoch} else None"
        more = f"keras.callbacks.LambdaCallback(on_epoch_begin={waits})"
        body = f'return model.fit(*args, callbacks=[*kwargs.pop("callbacks"), {more}], **kwargs)\n'
        return UNTIL_TOLD + KEEN + body

    done, rest = resumed(play, source, fit={"epochs": 12})
    assert of(rest, ExecutionStarted) == [ExecutionStarted(7, done)], log_of(rest)
    assert [epoch.epoch for epoch in of(rest, EpochEnd)] == list(range(done + 1, 13))
    assert rest[-1] == TrialEnd()


def test_a_loop_that_begins_anew_after_a_pause_is_counted_anew(play):
    def source(epoch):
        return telling('{"val_loss": 1.0 / (epoch + 1)}', epochs=12, waits_at=epoch)

    done, rest = resumed(play, source, fit={"epochs": 12})
    assert of(rest, ExecutionStarted) == [ExecutionStarted(7, done), ExecutionStarted(7, 0)]
    assert [epoch.epoch for epoch in of(rest, EpochEnd)] == list(range(1, 13))
    assert "initial_epoch" in log_of(rest) and rest[-1] == TrialEnd()


def test_a_loop_that_trains_several_times_is_counted_through(play):
    body = "model.fit(*args, **kwargs)\n        return model.fit(*args, **kwargs)\n"
    seen = play(KEEN + body)
    assert [epoch.epoch for epoch in of(seen, EpochEnd)] == [1, 2, 3, 4, 5, 6]
    assert seen[-1] == TrialEnd()


def test_early_stopping_ends_a_loop_that_pays_no_heed_to_it(play):
    stopping = EarlyStoppingOrder("val_loss", patience=2)
    source = telling('{"val_loss": 1.0}', epochs=40)
    seen = play(source, fit={"epochs": 40, "early_stopping": stopping})
    assert seen[-1] == TrialEnd() and len(of(seen, EpochEnd)) == 3, seen[-3:]


def test_a_fit_that_only_returns_its_epochs_comes_to_its_end_before_a_pause(play):
    body = (
        "        time.sleep(0.5)\n"
        "        return model.fit(x, y, epochs=3, validation_data=validation_data, verbose=0)\n"
    )
    seen = play(NET + FIT + body, until="pause", at=ExecutionStarted)
    assert [epoch.epoch for epoch in of(seen, EpochEnd)] == [1, 2, 3]
    assert all(epoch.seconds > 0.15 for epoch in of(seen, EpochEnd))
    assert not of(seen, CheckpointSaved) and seen[-1] == TrialEnd()
