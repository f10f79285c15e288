"""All metrics with definition and direction, and the objectives that they are.

An exact metric is computed by scikit-learn from the predictions of an execution's best model
(`final_metrics.py`). An epoch metric is Keras's, added up over batches while the model trains
(`catalog/metric_source.py`); it can be an objective. `precision`, `recall` and `f1` are those of the
second class where there are two, else the plain mean over classes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from experiments.search.history import Direction

Task = Literal["classification", "regression"]
Value = TypeVar("Value")

AS_EXACT: Final = "Each epoch's value is exact."
APPROXIMATE: Final = "The epoch metric is approximate (200 thresholds); the exact metric isn't."
IN_FLOATS: Final = (
    "The epoch metric is computed in float32, so it is inaccurate if the target's "
    "mean is much larger than its deviation."
)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `definition`: a sentence for people; `epoch`: how exact it is while training,
    empty where it is measured at the end only. `is_share`: from 0 to 1.
    """

    name: str
    task: Task
    direction: Direction
    definition: str
    epoch: str = ""
    is_share: bool = False

    @property
    def help(self) -> str:
        """Definition and exactness."""
        return f"{self.definition} {self.epoch}".strip()

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest value that it can have."""
        least = 0.0 if self.is_share or self.direction == "minimize" else -math.inf
        return least, 1.0 if self.is_share else math.inf


def _share(name: str, definition: str, epoch: str = AS_EXACT) -> Metric:
    return Metric(name, "classification", "maximize", definition, epoch, is_share=True)


def _number(name: str, direction: Direction, definition: str, epoch: str = AS_EXACT) -> Metric:
    return Metric(name, "regression", direction, definition, epoch)


_PRECISION = "true positives / (true positives + false positives)"
_RECALL = "true positives / (true positives + false negatives)"
_F1 = "2 · precision · recall / (precision + recall)"
_MEAN = "Of the second class with two classes, otherwise the mean over classes."
_WEIGHTED = "weighted mean over classes, by number of rows"
_MICRO = "over the pooled counts of all classes"

METRICS: Final[dict[str, Metric]] = {
    metric.name: metric
    for metric in (
        _share("accuracy", "Share of rows whose most probable class is the true class."),
        _share(
            "balanced_accuracy",
            "Mean recall over classes: rare classes count as much as frequent ones.",
        ),
        _share("precision", f"{_PRECISION}. {_MEAN}"),
        _share("recall", f"{_RECALL}. {_MEAN}"),
        _share("f1", f"{_F1}. {_MEAN}"),
        _share("precision_weighted", f"Precision, {_WEIGHTED}."),
        _share("recall_weighted", f"Recall, {_WEIGHTED}. Equals the accuracy.", ""),
        _share("f1_weighted", f"F1, {_WEIGHTED}."),
        _share("precision_micro", f"Precision {_MICRO}. Equals the accuracy.", ""),
        _share("recall_micro", f"Recall {_MICRO}. Equals the accuracy.", ""),
        _share("f1_micro", f"F1 {_MICRO}. Equals the accuracy.", ""),
        _share(
            "auc",
            "Area under the ROC curve: probability that a row of the class gets a "
            "higher predicted probability than a row of another class. With more than "
            "two classes: one against the rest, averaged.",
            APPROXIMATE,
        ),
        Metric(
            "log_loss",
            "classification",
            "minimize",
            "Mean of -ln(probability of the true class).",
            AS_EXACT,
        ),
        _share("top_3_accuracy", "Share of rows whose true class is among the 3 most probable."),
        _share("top_5_accuracy", "Share of rows whose true class is among the 5 most probable."),
        _number("mse", "minimize", "Mean of (prediction - target)²."),
        _number("rmse", "minimize", "Square root of the mean of (prediction - target)²."),
        _number("mae", "minimize", "Mean of |prediction - target|."),
        _number(
            "r2",
            "maximize",
            "1 - Σ(target - prediction)² / Σ(target - mean target)²: 1 is perfect, 0 "
            "equals predicting the mean, below 0 is worse.",
            IN_FLOATS,
        ),
    )
}


def of_task(task: str) -> tuple[Metric, ...]:
    """The metrics of a task in their order."""
    return tuple(metric for metric in METRICS.values() if metric.task == task)


def in_order(values: Mapping[str, Value]) -> dict[str, Value]:
    """Values by metric in the order of the metrics: a database may keep them in another one."""
    known = {name: values[name] for name in METRICS if name in values}
    return known | {name: value for name, value in values.items() if name not in known}


def epoch_metrics(task: str) -> tuple[str, ...]:
    """Names of the task's metrics that can be measured each epoch."""
    return tuple(metric.name for metric in of_task(task) if metric.epoch)


def objectives(metrics: Sequence[str]) -> tuple[str, ...]:
    """Names that a search can be judged by, the validation ones first."""
    names = ("loss", *metrics)
    return (*(f"val_{name}" for name in names), *names)


def metric_of(objective: str) -> Metric | None:
    """The metric that an objective names, “price_rmse” of one among several targets too.

    None for losses.
    """
    name = objective.removeprefix("val_")
    if name in METRICS:
        return METRICS[name]
    ends = [known for known in METRICS if name.endswith(f"_{known}")]
    return METRICS[max(ends, key=len)] if ends else None


def direction_of(objective: str) -> Direction:
    """Whether the metric is better when it is higher or lower."""
    metric = metric_of(objective)
    return "minimize" if metric is None else metric.direction


def is_share(objective: str) -> bool:
    """Whether the objective goes from 0 to 1."""
    metric = metric_of(objective)
    return metric is not None and metric.is_share
