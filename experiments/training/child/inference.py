"""The inference graph of a trained model."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import (
    convert_variables_to_constants_v2,
)

from experiments.data_schema import DataSchema

Rows = dict[str, np.ndarray]

ONE_INPUT = "rows"


@dataclass(frozen=True, slots=True)
class Inference:
    """A model with its inputs by name: `rows`, or a table's `numbers` and `categories`.

    outputs: keys of several outputs, whose columns stand beside one another in the answer.
    """

    model: Any
    inputs: dict[str, tf.TensorSpec]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, model: Any, schema: DataSchema) -> "Inference":
        """Take any number of rows of the schema's shape: pictures as floats, texts as word numbers."""
        if schema.kind != "table":
            kind = tf.int32 if schema.kind == "text" else tf.float32
            return cls(model, {ONE_INPUT: _spec(ONE_INPUT, schema.shape, kind)}, schema.keys)
        inputs = {}
        if schema.numbers:
            inputs["numbers"] = _spec("numbers", (len(schema.numbers),), tf.float32)
        if schema.categories:
            inputs["categories"] = _spec("categories", (len(schema.categories),), tf.int32)
        return cls(model, inputs, schema.keys)

    @property
    def signature(self) -> Any:
        """What the model is called with: one tensor's description, or a dict of them."""
        return self.inputs.get(ONE_INPUT, self.inputs)

    def __call__(self, rows: Any) -> Any:
        """Predict. Augmentation and dropout stay away, which `model.export` would leave open."""
        return beside(self.model(rows, training=False), self.outputs)

    def frozen(self) -> Any:
        """Trace one graph with the weights as constants, a Normalization's scales among them.

        Converters find no variable in it, and no layer that is at work in training only.
        """
        traced = tf.function(lambda **named: self(named.get(ONE_INPUT, named)))
        return convert_variables_to_constants_v2(traced.get_concrete_function(**self.inputs))

    def rows(self, sample: Any) -> Rows:
        """Return sample rows by input name, in the types that the graph takes."""
        named = sample if isinstance(sample, dict) else {ONE_INPUT: sample}
        return {
            name: np.asarray(named[name], dtype=spec.dtype.as_numpy_dtype)
            for name, spec in self.inputs.items()
        }


def beside(answers: Any, keys: tuple[str, ...]) -> Any:
    """Return several outputs as one, their columns in the order of the keys; one output as it is."""
    if not isinstance(answers, dict):
        return answers
    return keras.ops.concatenate([answers[key] for key in keys], axis=-1)


def as_called(rows: Rows) -> Any:
    """Return rows by name as the model is called with them."""
    tensors = keras.tree.map_structure(tf.constant, rows)
    return tensors.get(ONE_INPUT, tensors)


def _spec(name: str, shape: tuple[int, ...], kind: tf.DType) -> tf.TensorSpec:
    return tf.TensorSpec((None, *shape), kind, name=name)
