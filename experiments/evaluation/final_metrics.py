"""Exact metrics of one execution from its predictions."""

import math
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.evaluation.diagnostics import class_probabilities

Numbers = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class FinalMetrics:
    """values: by name; missing: why a metric of the task has none, as a sentence."""

    values: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON: no NaN and no infinity is among the values."""
        return asdict(self)


def final_metrics(
    task: str, targets: npt.NDArray[Any], predictions: Numbers, classes: int
) -> FinalMetrics:
    """Compute every metric of the task.

    targets: (n,) class indices or numbers. predictions: (n, classes) probabilities, (n, 1) or (n,)
    the probability of the second of two classes, or (n,) numbers.
    """
    bad = int(np.count_nonzero(~np.isfinite(predictions).reshape(len(predictions), -1).all(1)))
    if bad:
        words = f"{bad:,} of {len(predictions):,} predictions are NaN."
        return FinalMetrics(missing={"*": words})
    if task == "regression" and predictions.size != len(targets):
        return FinalMetrics(
            missing={"*": "The model has more than one output per row; expected one."}
        )
    from experiments.evaluation.scores import scores_of  # see there: pages load without it

    if task == "regression":
        found = scores_of(task, targets, predictions.reshape(-1).astype(float))
    else:
        found = scores_of(task, targets, class_probabilities(predictions, classes))
    return _sorted_out(found)


def _sorted_out(found: dict[str, float | str]) -> FinalMetrics:
    numbers = {name: float(v) for name, v in found.items() if not isinstance(v, str)}
    missing = {name: v for name, v in found.items() if isinstance(v, str)}
    infinite = [name for name, value in numbers.items() if not math.isfinite(value)]
    for name in infinite:
        del numbers[name]
        missing[name] = "Overflow: the value is too large."
    return FinalMetrics(numbers, missing)
