"""A training loop of the code's own that pays no heed to `stop_training` ends when it is asked to."""

import pytest

from experiments.training.messages import EpochEnd, TrialEnd
from tests.training.orders import of

pytestmark = pytest.mark.training

LOOP = """
import keras
from keras_tuner import HyperModel


class Net(HyperModel):
    def build(self, hp):
        return keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)])

    def fit(self, hp, model, x, y, validation_data, callbacks=None, **kwargs):
        import time
        for epoch in range(400):
            try:
                time.sleep(0.05)
                for callback in callbacks:
                    callback.on_epoch_end(epoch, logs={"val_loss": 1.0 / (1 + epoch)})
            except Exception:
                pass
"""


def test_it_ends_at_the_next_epoch(walled, code_order):
    order = code_order(LOOP, entry="class:Net", fit={"epochs": 400})
    run = walled.run(order)
    seen = []
    try:
        while run.exit_status() is None:
            message = run.receive(0.5)
            if message is None:
                continue
            seen.append(message)
            if isinstance(message, EpochEnd) and message.epoch == 2:
                run.stop("prune")
    finally:
        run.close()
    assert seen[-1] == TrialEnd("prune"), seen[-3:]
    assert 2 <= len(of(seen, EpochEnd)) < 400
    assert {message.metrics["loss"] for message in of(seen, EpochEnd)} != {None}
