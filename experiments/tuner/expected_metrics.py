"""What other exact metrics than the objective are expected to be on new rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import fmean
from zipfile import BadZipFile

import numpy as np

from experiments.changed_files import artifact_file
from experiments.evaluation.expected import Choice, Expected, MetricScores
from experiments.evaluation.metrics import METRICS, Metric
from experiments.evaluation.row_estimates import Measure, Vector, estimate_around
from experiments.evaluation.row_scores import METRIC
from experiments.models import Artifact
from experiments.tuner.row_tables import Tables


@dataclass(frozen=True, slots=True)
class MetricRows:
    """What one execution's rows add to a metric at epochs that other rows chose, (n,), and its exact value."""

    rows: Vector
    exact: float


def expected_metrics(
    trials: Mapping[int, int],
    tables: Tables,
    choice: Choice,
    found: Mapping[int, Expected],
    *,
    also: Collection[int],
    is_partial: bool,
) -> dict[int, dict[str, MetricScores]]:
    """By number and name, of the trials that bootstrap samples chose and of these.

    The objective chose, the other metrics pay: the same share of the price as the trial's own score does.
    trials: number to primary key. found: of the objective, from rows. is_partial: as of `expected_scores`.
    """
    table = tables.table
    if table is None:
        return {}
    own_places = {table.numbers.index(number) for number in also if number in table.numbers}
    numbers = {place: table.numbers[place] for place in sorted({*choice.chosen, *own_places})}
    runs = {place: _metric_rows(trials[number]) for place, number in numbers.items()}
    whole = choice.price({place: table.fair[place] for place in numbers})
    scores: dict[int, dict[str, MetricScores]] = {number: {} for number in numbers.values()}
    for metric in METRICS.values():
        known = {
            place: [each[metric.name] for each in run if metric.name in each]
            for place, run in runs.items()
        }
        if any(len(run) != len(tables.executions) for run in known.values()):
            continue
        measure = _measure(metric)
        scored = [
            np.stack([measure.sign * run[place].rows for run in known.values()])
            for place in range(len(tables.executions))
        ]
        fair = dict(zip(known, tables.beside(scored).fair, strict=True))
        price = choice.price(fair)
        for place, number in numbers.items():
            share = 1.0 if place == choice.place else _share(found[number].choice, whole)
            search = fmean(each.exact for each in known[place])
            estimate = estimate_around(
                float(fair[place] @ table.weights) - share * price,
                fair[place],
                table.weights,
                measure,
                shown=measure.sign * search,
                is_partial=is_partial,
            )
            scores[number][metric.name] = MetricScores(search, estimate)
    return scores


def _share(paid: float, whole: float) -> float:
    return min(1.0, paid / whole) if whole > 0 else 0.0


def _metric_rows(trial: int) -> list[dict[str, MetricRows]]:
    """Of each scored execution in order; of a file that is gone or damaged, none.

    Code could have written it: a metric counts whose every row has a number.
    """
    files = Artifact.objects.filter(
        execution__trial=trial, execution__score__isnull=False, kind=Artifact.Kind.PREDICTIONS
    )
    found = []
    for file in files.select_related("execution").order_by("execution__index"):
        values = file.execution.exact.get("values", {}) if file.execution else {}
        try:
            with np.load(artifact_file(file), allow_pickle=False) as arrays:
                count = len(arrays["rows"])
                stored = {
                    name: arrays[f"{METRIC}{name}"].astype(float)
                    for name in METRICS
                    if f"{METRIC}{name}" in arrays and name in values
                }
                found.append(
                    {
                        name: MetricRows(rows, values[name])
                        for name, rows in stored.items()
                        if rows.shape == (count,) and np.isfinite(rows).all()
                    }
                )
        except (OSError, EOFError, ValueError, KeyError, BadZipFile):
            found.append({})
    return found


def _measure(metric: Metric) -> Measure:
    is_loss = metric.direction == "minimize"
    return Measure(not is_loss, "share" if metric.is_share else "loss" if is_loss else "number")
