"""Computes a custom objective from each epoch's metrics."""

import math
import re
from typing import Any

import keras

from experiments.evaluation.expression import CUSTOM, Expression, parse_expression
from experiments.search.formula import NoValue
from experiments.training.child.callbacks import Progress, finite_metrics
from experiments.training.messages import FitOrder

NAME = re.compile(r"[A-Za-z_]\w*")


class CustomObjective(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds `custom` to the logs; the first callback in the list. `problem`: why it had no value."""

    def __init__(self, expression: Expression, progress: Progress) -> None:
        super().__init__()
        self.problem = ""
        self._expression = expression
        self._progress = progress

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compute it of this epoch's metrics; NaN where it has no value."""
        values = finite_metrics(logs) | {
            "parameters": float(self.model.count_params()),
            "seconds": self._progress.seconds_so_far,
        }
        try:
            logs[CUSTOM] = self._expression.value(values)
        except NoValue as reason:
            self.problem = str(reason)
            logs[CUSTOM] = math.nan


def custom_objective(fit: FitOrder, progress: Progress) -> CustomObjective | None:
    """The callback that an order asks for; its names are checked where the plan was."""
    if not fit.expression:
        return None
    names = ("loss", *fit.metrics)
    # The plan was checked against all names; those that code brings are none of the order's metrics.
    known = [*names, *(f"val_{name}" for name in names), *NAME.findall(fit.expression)]
    return CustomObjective(parse_expression(fit.expression, known), progress)
