"""Contract of `load_data()`: the code's own rows instead of the form's dataset."""

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

MEND = "Return (x, y), or ((x, y), (x_validation, y_validation))."


def loaded(function: Any) -> dict[str, Any]:
    """What it gives, as arguments of `fit`. Raises: ModelProblem."""
    told = function()
    if not isinstance(told, tuple | list) or len(told) not in (2, 4):
        raise ModelProblem(f"It returned {type(told).__name__}. {MEND}")
    if len(told) == 4:
        return {"x": told[0], "y": told[1], "validation_data": (told[2], told[3])}
    first, second = told
    pairs = all(isinstance(each, tuple) and len(each) == 2 for each in told)
    if pairs:
        return {"x": first[0], "y": first[1], "validation_data": tuple(second)}
    return {"x": first, "y": second}


def _check(found: Found, bench: Bench) -> str:
    demand_arguments(found, ())
    told = loaded(found.value)
    for name in ("x", "y"):
        try:
            array = np.asarray(told[name])
        except ValueError as error:
            raise ModelProblem(
                f"{name} is ragged: rows differ in length. Pad them to equal lengths."
            ) from error
        if array.dtype == object:
            raise ModelProblem(
                f"{name} is ragged: rows differ in length. Pad them to equal lengths."
            )
    rows, labels = len(np.asarray(told["x"])), len(np.asarray(told["y"]))
    if rows != labels:
        raise ModelProblem(
            f"x has {rows:,} rows, but y has {labels:,}. Both need the same number of rows."
        )
    held = told.get("validation_data")
    more = f", {len(np.asarray(held[1])):,} for validation" if held else ""
    return f"{rows:,} rows{more}."


CONTRACT = Contract(
    "data", "Data loader", "def load_data() → (x, y)", functions_named("load_data"), _check
)
