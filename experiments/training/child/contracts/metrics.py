"""Contract of `metrics()`: further epoch metrics."""

import math
from typing import Any

import keras
import numpy as np

from experiments.training.child.contracts.contract import (
    Bench,
    Contract,
    Found,
    demand_arguments,
    functions_named,
)
from experiments.training.child.failures import ModelProblem

MEND = (
    "Return a list of keras.metrics.Metric objects, names of Keras metrics, or "
    "functions (y_true, y_pred)."
)


def metrics_of(function: Any) -> list[Any]:
    """Call it; a single metric is a list of one. Raises: ModelProblem."""
    told = function()
    listed = list(told) if isinstance(told, list | tuple) else [told]
    if not listed:
        raise ModelProblem(f"metrics returned nothing. {MEND}")
    for each in listed:
        if not (isinstance(each, str | keras.metrics.Metric) or callable(each)):
            raise ModelProblem(f"It returned {type(each).__name__}. {MEND}")
    return listed


def _check(found: Found, bench: Bench) -> str:
    demand_arguments(found, ())
    x, y = bench.rows()
    inputs = keras.Input((bench.classes or 1,))
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    loss = "sparse_categorical_crossentropy" if bench.classes else "mse"
    model.compile("sgd", loss, metrics=metrics_of(found.value))
    logs = model.evaluate(bench.answers(), y, batch_size=len(x), verbose=0, return_dict=True)
    told = {name: np.asarray(value) for name, value in logs.items() if name != "loss"}
    for name, value in told.items():
        if value.ndim == 0 and not math.isfinite(float(value)):
            raise ModelProblem(
                f"{name} is {float(value)} for typical predictions; it must be a finite number."
            )
    return f"Measured {', '.join(told)}."


CONTRACT = Contract(
    "metrics", "Metrics", "def metrics() → a list of metrics", functions_named("metrics"), _check
)
