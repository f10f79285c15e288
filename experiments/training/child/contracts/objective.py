"""Contract of `objective(y_true, y_pred)`: a custom objective."""

from typing import Any

import numpy as np

from experiments.number_words import plain
from experiments.training.child.contracts.contract import (
    Bench,
    Contract,
    Found,
    demand_arguments,
    functions_named,
)
from experiments.training.child.failures import ModelProblem


def value_of(function: Any, y_true: np.ndarray, y_pred: np.ndarray) -> float:
    """Ask it. Raises: ModelProblem."""
    told = function(np.asarray(y_true), np.asarray(y_pred))
    number = np.asarray(told)
    if number.dtype.kind not in "biuf" or number.size != 1:
        raise ModelProblem(f"objective returned {type(told).__name__}. Return a number.")
    return float(number.ravel()[0])


def _check(found: Found, bench: Bench) -> str:
    demand_arguments(found, ("y_true", "y_pred"))
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


CONTRACT = Contract(
    "objective",
    "Objective",
    "def objective(y_true, y_pred) → float",
    functions_named("objective"),
    _check,
)
