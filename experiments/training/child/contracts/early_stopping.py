"""Contract of `early_stopping(history)`: a custom stopping rule."""

from typing import Any

import numpy as np

from experiments.training.child.contracts.contract import (
    Bench,
    Contract,
    Found,
    demand_arguments,
    functions_named,
)
from experiments.training.child.failures import ModelProblem

FALLING = [{"loss": 1 / n, "val_loss": 1 / n, "val_accuracy": 1 - 1 / n} for n in range(1, 11)]


def should_stop(function: Any, history: list[dict[str, float]]) -> bool:
    """Ask it. Raises: ModelProblem."""
    told = function([dict(each) for each in history])
    if not isinstance(told, bool | np.bool_):
        raise ModelProblem(
            f"early_stopping returned {type(told).__name__}. Return True to stop, "
            "False to continue."
        )
    return bool(told)


def _check(found: Found, bench: Bench) -> str:
    demand_arguments(found, ("history",))
    stops = [n for n in range(1, len(FALLING) + 1) if should_stop(found.value, FALLING[:n])]
    return (
        "Called after each of 10 epochs with falling loss; stops "
        f"{(f'at epoch {stops[0]}' if stops else 'at none')}."
    )


CONTRACT = Contract(
    "early_stopping",
    "Early stopping",
    "def early_stopping(history) → bool",
    functions_named("early_stopping"),
    _check,
)
