"""Models that misbehave or need something special, as source."""

CRASHING = (
    499  # units of a catalog model that crashes its process instead, in tests.training.warm_host
)
CRASH = "import ctypes\n\n\ndef build_model(*_, **__):\n    ctypes.string_at(0)\n"

DENSE = """
import keras
from keras import layers

def build_model(adapt=None):
    {before}
    model = {model}([
        keras.Input((8, 8, 1)),
        layers.Rescaling(1 / 16),
        layers.Flatten(),
        {layer},
        layers.Dense(10, activation="softmax"),
    ])
    model.compile({optimizer}, "sparse_categorical_crossentropy", metrics=["accuracy"], {compile})
    {after}
    return model
"""


def dense(*, top="", **changes):
    pieces = {
        "before": "pass",
        "model": "keras.Sequential",
        "layer": "layers.Dense(8, activation='relu')",
        "optimizer": "'adam'",
        "compile": "",
        "after": "pass",
    }
    return top + DENSE.format(**(pieces | changes))


EAGER_STEP = """
import keras

class Eager(keras.Sequential):
    def train_step(self, data):
        logs = super().train_step(data)
        if float(logs["loss"]) > 1e9:
            raise ValueError("too large")
        return logs
"""

OWN_FIT = """
import keras

class OwnFit(keras.Sequential):
    def fit(self, *args, **kwargs):
        print("my own fit")
        return super().fit(*args, **kwargs)
"""

GRANDCHILD = """
import os, time

def leave_a_process_behind():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    time.sleep(0.3)
"""

OWN_LOGS = """
import keras

class OwnLogs(keras.Sequential):
    def train_step(self, data):
        return super().train_step(data) | {"rate": self.optimizer.learning_rate}
"""

PER_CLASS = """
import keras

class PerClass(keras.metrics.Metric):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.total = self.add_weight(shape=(10,), initializer="zeros", name="total")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(keras.ops.sum(y_pred, axis=0))

    def result(self):
        return self.total / keras.ops.sum(self.total)

    def reset_state(self):
        self.total.assign(keras.ops.zeros((10,)))
"""

# What a trial calls that must not end before it was told to: the worker may be slow to say so.
UNTIL_TOLD = """
import gc, time
from experiments.training.child.channel import Channel

def until_told():
    channel = next(each for each in gc.get_objects() if isinstance(each, Channel))
    while channel.stop_reason is None:
        time.sleep(0.01)
"""
