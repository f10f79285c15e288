"""Reports: every trial as columns: what charts and the table in the browser work on. Imports models.

`values(*fields)` decodes the JSON of each row by itself, which for 10,000 trials is most of the time
that an address takes. Read as text, a column is decoded in one go.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F, JSONField, QuerySet, TextField
from django.db.models.functions import Cast

from experiments.models import Experiment, Trial
from experiments.reports.figures import finite_list
from experiments.reports.trials.order import (
    OWN_COLUMNS,
    Column,
    at_last_rung,
    metric_values,
    values_of,
)
from experiments.reports.trials.table import FIGURE_FIELDS, row_fields, trial_columns

Found = Mapping[str, Sequence[Any]]  # by field, an entry for each trial


def trial_columns_json(
    experiment: Experiment, columns: tuple[Column, ...], numbers: Collection[int] | None = None
) -> dict[str, Any]:
    """Trials as columns of numbers, all or those named: what charts and tables in browsers read."""
    trials = Trial.objects.filter(experiment=experiment).order_by("number")
    trials = trials if numbers is None else trials.filter(number__in=numbers)
    return columns_of(experiment, read_columns(trials, row_fields(columns)), columns)


def metrics_json(
    experiment: Experiment, columns: tuple[Column, ...], numbers: Collection[int] | None
) -> dict[str, Any]:
    """Metrics' columns of the named trials, or of all: one query that reads no curve."""
    trials = Trial.objects.filter(experiment=experiment).order_by("number")
    if numbers is not None:
        trials = trials.filter(number__in=numbers)
    found = read_columns(trials, ("number", *FIGURE_FIELDS))
    return {
        "numbers": list(found["number"]),
        "columns": {
            column.key: finite_list(metric_values(found, column), 7) for column in columns
        },
    }


def columns_of(
    experiment: Experiment, found: Found, columns: tuple[Column, ...]
) -> dict[str, Any]:
    """`found`, the fields of `row_fields`, for JSON; floats keep seven significant digits, NaN is null."""
    own = {key: finite_list(found[field], 7) for key, field in OWN_COLUMNS.items()}
    values = {
        column.key: finite_list(values_of(found["values"], column.key), 7)
        for column in columns
        if column.hyper
    } | {
        column.key: finite_list(metric_values(found, column), 7)
        for column in columns
        if column.is_objective
    }
    judged = at_last_rung(experiment, found["pk"], found["score"])
    own["failure"] = list(found["failure_kind"])
    own["set_aside"] = list(found["set_aside"])
    own["at_last_rung"] = finite_list([judged.get(key) for key in found["pk"]], 7)
    return {"n": len(found["pk"]), "own": own, "values": values}


def read_columns(trials: QuerySet[Trial], fields: Sequence[str]) -> Found:
    """What `trials.values(*fields)` holds, in the order of `trials`, by field."""
    expressions = [Cast(name, TextField()) if _is_json(name) else F(name) for name in fields]
    rows = list(trials.values_list(*expressions))
    if not rows:
        return {name: () for name in fields}
    return {
        name: json.loads(f"[{','.join(column)}]") if _is_json(name) else column
        for name, column in zip(fields, zip(*rows, strict=True), strict=True)
    }


def _is_json(name: str) -> bool:
    return name != "pk" and isinstance(Trial._meta.get_field(name), JSONField)


def history_report(
    experiment: Experiment, numbers: Collection[int] | None = None
) -> dict[str, Any]:
    """As JSON (docs/guide/chart-data.md); numbers: of the trials to read, None for all."""
    return {
        "serial": experiment.event_serial,
        "objective": experiment.objective,
        "direction": experiment.direction,
        "max_trials": experiment.max_trials,
        "trials": trial_columns_json(experiment, trial_columns(experiment), numbers),
    }
