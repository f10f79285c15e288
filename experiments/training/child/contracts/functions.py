"""Contracts of the functions that custom code may bring beside its model."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from experiments.catalog.tuned_values import HyperParameters
from experiments.number_words import plain
from experiments.training.child.contracts.contract import (
    Bench,
    Contract,
    Found,
    demand_arguments,
    function_named,
)
from experiments.training.child.failures import ModelProblem
from experiments.training.child.model_entry import required_arguments

DATA_FIX = "Return (x, y), or ((x, y), (x_validation, y_validation))."
METRICS_FIX = (
    "Return a list of keras.metrics.Metric objects, names of Keras metrics, or "
    "functions (y_true, y_pred)."
)
CALLBACKS_FIX = "Return a list of keras.callbacks.Callback objects."
FALLING = [{"loss": 1 / n, "val_loss": 1 / n, "val_accuracy": 1 - 1 / n} for n in range(1, 11)]


def loaded(function: Any) -> dict[str, Any]:
    """The data of `load_data`, as arguments of `fit`. Raises: ModelProblem."""
    returned = function()
    if not isinstance(returned, tuple | list) or len(returned) not in (2, 4):
        raise ModelProblem(f"It returned {type(returned).__name__}. {DATA_FIX}")
    if len(returned) == 4:
        return {"x": returned[0], "y": returned[1], "validation_data": (returned[2], returned[3])}
    first, second = returned
    pairs = all(isinstance(each, tuple) and len(each) == 2 for each in returned)
    if pairs:
        return {"x": first[0], "y": first[1], "validation_data": tuple(second)}
    return {"x": first, "y": second}


def _check_data(found: Found, bench: Bench) -> str:
    demand_arguments(found)
    returned = loaded(found.value)
    for name in ("x", "y"):
        try:
            is_ragged = np.asarray(returned[name]).dtype == object
        except ValueError:
            is_ragged = True
        if is_ragged:
            raise ModelProblem(
                f"{name} is ragged: rows differ in length. Pad them to equal lengths."
            )
    rows, labels = len(np.asarray(returned["x"])), len(np.asarray(returned["y"]))
    if rows != labels:
        raise ModelProblem(
            f"x has {rows:,} rows, but y has {labels:,}. Both need the same number of rows."
        )
    pair = returned.get("validation_data")
    more = f", {len(np.asarray(pair[1])):,} for validation" if pair else ""
    return f"{rows:,} rows{more}."


def _check_loss(found: Found, bench: Bench) -> str:
    demand_arguments(found, "y_true", "y_pred")
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


def metrics_of(function: Any) -> list[Any]:
    """The metrics; a single one becomes a list. Raises: ModelProblem."""
    returned = function()
    listed = list(returned) if isinstance(returned, list | tuple) else [returned]
    if not listed:
        raise ModelProblem(f"metrics returned nothing. {METRICS_FIX}")
    for each in listed:
        if not (isinstance(each, str | keras.metrics.Metric) or callable(each)):
            raise ModelProblem(f"It returned {type(each).__name__}. {METRICS_FIX}")
    return listed


def _check_metrics(found: Found, bench: Bench) -> str:
    demand_arguments(found)
    x, y = bench.rows()
    inputs = keras.Input((bench.classes or 1,))
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    loss = "sparse_categorical_crossentropy" if bench.classes else "mse"
    model.compile("sgd", loss, metrics=metrics_of(found.value))
    logs = model.evaluate(bench.answers(), y, batch_size=len(x), verbose=0, return_dict=True)
    values = {name: np.asarray(value) for name, value in logs.items() if name != "loss"}
    for name, value in values.items():
        if value.ndim == 0 and not math.isfinite(float(value)):
            raise ModelProblem(
                f"{name} is {float(value)} for typical predictions; it must be a finite number."
            )
    return f"Measured {', '.join(values)}."


def value_of(function: Any, y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Ask it. Raises: ModelProblem."""
    returned = function(np.asarray(y_true), np.asarray(y_pred))
    number = np.asarray(returned)
    if number.dtype.kind not in "biuf" or number.size != 1:
        raise ModelProblem(f"objective returned {type(returned).__name__}. Return a number.")
    return float(number.ravel()[0])


def _check_objective(found: Found, bench: Bench) -> str:
    demand_arguments(found, "y_true", "y_pred")
    _, y = bench.rows()
    value = value_of(found.value, y, bench.answers())
    if value != value:
        raise ModelProblem("objective is NaN for typical predictions.")
    if value != value_of(found.value, y, bench.answers()):
        raise ModelProblem(
            "objective gives different numbers for the same predictions. It must not be random."
        )
    direction = getattr(bench.module, "OBJECTIVE_DIRECTION", "maximize")
    if direction not in ("minimize", "maximize"):
        raise ModelProblem(
            f'OBJECTIVE_DIRECTION is {direction!r}. Write "minimize" or "maximize".'
        )
    return (
        f"Value {plain(value)} for test predictions; "
        f"{('lower' if direction == 'minimize' else 'higher')} is better."
    )


def callbacks_of(function: Any, hp: Any) -> list[Any]:
    """The callbacks; a single one becomes a list. Raises: ModelProblem."""
    returned = function(hp) if required_arguments(function) else function()
    listed = list(returned) if isinstance(returned, list | tuple) else [returned]
    for each in listed:
        if not isinstance(each, keras.callbacks.Callback):
            raise ModelProblem(f"It returned {type(each).__name__}. {CALLBACKS_FIX}")
    return listed


def _check_callbacks(found: Found, bench: Bench) -> str:
    if len(required_arguments(found.value)) > 1:
        raise ModelProblem("callbacks has too many arguments. Write def callbacks(hp):")
    first = callbacks_of(found.value, HyperParameters())
    second = callbacks_of(found.value, HyperParameters())
    if any(one is other for one in first for other in second):
        raise ModelProblem(
            "callbacks returned the same object twice. Create callbacks inside the "
            "function: each execution needs its own."
        )
    return f"Created {', '.join(type(each).__name__ for each in first) or 'none'}."


def should_stop(function: Any, history: list[dict[str, float]]) -> bool:
    """Ask it. Raises: ModelProblem."""
    returned = function([dict(each) for each in history])
    if not isinstance(returned, bool | np.bool_):
        raise ModelProblem(
            f"early_stopping returned {type(returned).__name__}. Return True to stop, "
            "False to continue."
        )
    return bool(returned)


def _check_early_stopping(found: Found, bench: Bench) -> str:
    demand_arguments(found, "history")
    stops = [n for n in range(1, len(FALLING) + 1) if should_stop(found.value, FALLING[:n])]
    return (
        "Called after each of 10 epochs with falling loss; stops "
        f"{(f'at epoch {stops[0]}' if stops else 'at none')}."
    )


FUNCTIONS = (
    Contract("data", "Data loader", function_named("load_data"), _check_data),
    Contract("loss", "Loss", function_named("loss"), _check_loss),
    Contract("metrics", "Metrics", function_named("metrics"), _check_metrics),
    Contract("objective", "Objective", function_named("objective"), _check_objective),
    Contract("callbacks", "Callbacks", function_named("callbacks"), _check_callbacks),
    Contract(
        "early_stopping", "Early stopping", function_named("early_stopping"), _check_early_stopping
    ),
)
