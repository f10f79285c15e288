"""A file of a repository whose folder is named keras, in a child that has loaded Keras."""

import pytest

from experiments.catalog.repository_files import composed, neighbours_of
from experiments.training.messages import TrialEnd

pytestmark = pytest.mark.training

FILES = {
    "keras/net.py": """
import keras
from keras_tuner import HyperModel

from . import optimizers
from .layers import Scale


class Net(HyperModel):
    def build(self, hp):
        model = keras.Sequential([keras.layers.Flatten(), Scale(), keras.layers.Dense(10, "softmax")])
        model.compile(optimizers.NAME, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
""",
    "keras/layers.py": """
from keras import layers


class Scale(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(name="scale", shape=(), initializer="ones")

    def call(self, x):
        return x * self.scale
""",
    "keras/optimizers.py": 'NAME = "adam"\n',
}


@pytest.mark.parametrize("more", [{}, {"keras/__init__.py": ""}])
def test_its_relative_imports_are_its_own_and_keras_stays_keras(play, more):
    files = FILES | more
    neighbours = neighbours_of("keras/net.py", files, files.__getitem__)
    seen = play(composed(files["keras/net.py"], neighbours))
    assert seen[-1] == TrialEnd(), seen[-3:]
