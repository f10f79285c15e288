"""All possible objectives and their directions."""

from collections.abc import Sequence

from experiments.evaluation.metrics import METRICS, Metric
from experiments.search.history import Direction


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
