"""Room: evaluation (standard library only). What a search can be judged by, and which way is better."""

from collections.abc import Sequence

from experiments.evaluation.metrics import METRICS
from experiments.search.history import Direction


def objectives(metrics: Sequence[str]) -> tuple[str, ...]:
    """Names that a search can be judged by, the validation ones first."""
    names = ("loss", *metrics)
    return (*(f"val_{name}" for name in names), *names)


def direction_of(objective: str) -> Direction:
    """Whether the metric is better when it is higher or lower."""
    metric = METRICS.get(objective.removeprefix("val_"))
    return "minimize" if metric is None else metric.direction


def is_share(objective: str) -> bool:
    """Whether the objective goes from 0 to 1."""
    metric = METRICS.get(objective.removeprefix("val_"))
    return metric is not None and metric.is_share
