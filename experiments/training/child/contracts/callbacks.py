"""Contract of `callbacks(hp)`: a list of Keras callbacks for each execution."""

from typing import Any

import keras

from experiments.catalog.tuned_values import HyperParameters
from experiments.training.child.contracts.contract import (
    Bench,
    Contract,
    Found,
    arguments_of,
    functions_named,
)
from experiments.training.child.failures import ModelProblem

MEND = "Return a list of keras.callbacks.Callback objects."


def callbacks_of(function: Any, hp: Any) -> list[Any]:
    """Call it, with hp where it asks for one. Raises: ModelProblem."""
    told = function(hp) if arguments_of(function) else function()
    listed = list(told) if isinstance(told, list | tuple) else [told]
    for each in listed:
        if not isinstance(each, keras.callbacks.Callback):
            raise ModelProblem(f"It returned {type(each).__name__}. {MEND}")
    return listed


def _check(found: Found, bench: Bench) -> str:
    if len(arguments_of(found.value)) > 1:
        raise ModelProblem("callbacks has too many arguments. Write def callbacks(hp):")
    first = callbacks_of(found.value, HyperParameters())
    second = callbacks_of(found.value, HyperParameters())
    if any(one is other for one in first for other in second):
        raise ModelProblem(
            "callbacks returned the same object twice. Create callbacks inside the "
            "function: each execution needs its own."
        )
    return f"Created {', '.join(type(each).__name__ for each in first) or 'none'}."


CONTRACT = Contract(
    "callbacks",
    "Callbacks",
    "def callbacks(hp) → a list of callbacks",
    functions_named("callbacks"),
    _check,
)
