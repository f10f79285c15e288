"""Contract of `loss(y_true, y_pred)`: a custom loss."""

import keras
import numpy as np
import tensorflow as tf

from experiments.number_words import plain
from experiments.training.child.contracts.contract import (
    Bench,
    Contract,
    Found,
    demand_arguments,
    functions_named,
)
from experiments.training.child.failures import ModelProblem


def _check(found: Found, bench: Bench) -> str:
    demand_arguments(found, ("y_true", "y_pred"))
    _, y = bench.rows()
    answers = tf.constant(bench.answers())
    with tf.GradientTape() as tape:
        tape.watch(answers)
        value = found.value(tf.constant(y), answers)
        if value is None:
            raise ModelProblem("loss returned nothing. End it with `return`.")
        mean = keras.ops.mean(value)
    if not np.isfinite(float(mean)):
        raise ModelProblem(
            f"loss is {float(mean)} for typical predictions; it must be a finite number."
        )
    if tape.gradient(mean, answers) is None:
        raise ModelProblem("loss has no gradient. Use keras.ops instead of numpy or argmax.")
    return f"Value {plain(float(mean))} for test predictions; it has a gradient."


CONTRACT = Contract(
    "loss", "Loss", "def loss(y_true, y_pred) → a tensor", functions_named("loss"), _check
)
