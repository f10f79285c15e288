"""Reports: exact metrics of a trial, over its executions. Imports models and evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.evaluation.intervals import Interval, interval
from experiments.evaluation.metrics import of_task
from experiments.evaluation.row_estimates import Estimate
from experiments.models import Execution
from experiments.reports.figures import finite


@dataclass(frozen=True, slots=True)
class ExactMetric:
    """One metric: each execution's value, in their order, and how sure their mean is.

    values: None where an execution has none. interval: of those that have one. expected: on new rows,
    where that is known.
    """

    name: str
    help: str
    values: tuple[float | None, ...]
    interval: Interval | None
    expected: Estimate | None = None


@dataclass(frozen=True, slots=True)
class ExactMetrics:
    """executions: numbers, counted from 1, of those with predictions. notes: why a value is missing."""

    executions: tuple[int, ...]
    metrics: tuple[ExactMetric, ...]
    notes: tuple[str, ...]

    @property
    def are_expected(self) -> bool:
        """Whether it is known of any metric what to expect on new rows."""
        return any(metric.expected for metric in self.metrics)


def exact_metrics(
    executions: Sequence[Execution], task: str, overlap: float, expected: Mapping[str, Estimate]
) -> ExactMetrics:
    """Shape what was stored; a metric that no execution has is left out. expected: by metric."""
    known = [each for each in executions if each.exact]
    found = []
    for metric in of_task(task):
        values = tuple(finite(each.exact["values"].get(metric.name)) for each in known)
        numbers = [value for value in values if value is not None]
        if numbers:
            sure = interval(numbers, overlap=overlap, metric=metric)
            found.append(
                ExactMetric(
                    metric.name, metric.definition, values, sure, expected.get(metric.name)
                )
            )
    notes = [
        (
            f"Execution {each.index + 1}: "
            if name == "*"
            else f"{name}, execution {each.index + 1}: "
        )
        + words
        for each in known
        for name, words in each.exact["missing"].items()
    ]
    return ExactMetrics(tuple(each.index + 1 for each in known), tuple(found), tuple(notes))
