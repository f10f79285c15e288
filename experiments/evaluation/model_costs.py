"""Costs of a model as further objectives.

Each is a number of an execution, kept among its metrics where the search asks for it; a trial's is
the mean of its executions, as with every metric. All are better when lower.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from experiments.evaluation.metrics import METRICS, metric_of

FINAL: Final = "final_"  # before an exact metric's name: computed at the end, from the predictions


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost. label: for people, with its unit. batch: rows of a call, where a call is timed."""

    name: str
    label: str
    help: str
    batch: int = 0


COSTS: Final[dict[str, Cost]] = {
    cost.name: cost
    for cost in (
        Cost("parameters", "parameters", "Weights of the model, frozen ones included."),
        Cost(
            "seconds",
            "training time, s",
            "Seconds of training per execution, validation included.",
        ),
        Cost("model_bytes", "model size, bytes", "Size of the .keras file with the best weights."),
        Cost(
            "latency_1_ms",
            "latency of 1 row, ms",
            "Median time to predict 1 row on the CPU, after warm-up.",
            batch=1,
        ),
        Cost(
            "latency_32_ms",
            "latency of 32 rows, ms",
            "Median time to predict 32 rows on the CPU, after warm-up.",
            batch=32,
        ),
    )
}


def exact_name(objective: str) -> str:
    """The exact metric that an objective such as final_f1 names; empty where it names none."""
    name = objective.removeprefix(FINAL)
    return name if name != objective and name in METRICS else ""


def epoch_metric(objective: str) -> str:
    """The metric that has to be measured each epoch for this objective; empty where none has to."""
    metric = None if exact_name(objective) or objective in COSTS else metric_of(objective)
    return metric.name if metric else ""


def latency_batches(objectives: Iterable[str]) -> list[int]:
    """The batch sizes whose calls are to be timed."""
    return [COSTS[name].batch for name in objectives if name in COSTS and COSTS[name].batch]


def latency_name(batch: int) -> str:
    """The cost that a batch size's median is kept as."""
    return next(cost.name for cost in COSTS.values() if cost.batch == batch)
