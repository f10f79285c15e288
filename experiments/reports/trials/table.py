"""Reports: the trial table of an experiment: its columns and first rows. Imports models.

Histories are read only for the rows that are shown (their sparklines).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.models import Experiment, Trial
from experiments.reports.figures import finite
from experiments.reports.trials.curves import sparklines
from experiments.reports.trials.order import (
    OWN_COLUMNS,
    Column,
    Order,
    Sieve,
    at_last_rung,
    has_whole_numbers,
    in_order,
    kept_keys,
    key_of,
    metric_column,
    metric_value,
    sorts_in_database,
    value_of,
)
from experiments.reports.winner.recommended import recommended

FIRST_ROWS = 50
FEW_TRIALS = 200  # up to here equal hyperparameters are found by looking at every value
ROW_FIELDS = (
    *("pk", "number", "state", "score", "spread", "estimate", "values", "epochs", "seconds"),
    *("parameters", "failure_kind", "set_aside"),
)
FIGURES = ("last", "best", "mean")
FIGURE_FIELDS = ("metrics", "epoch_figures")


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial in the table. `behind`: difference of its score to the best one's.

    smoothed: the score that models of all trials expect. at_last_rung: the objective where the pruner judged it last; None with a score.

    cells: values of the hyperparameters by column, None where one is not active, and of further
    objectives, None where one has no number.
    """

    number: int
    state: str
    score: float | None
    at_last_rung: float | None
    spread: float | None
    smoothed: float | None
    behind: float | None
    cells: Mapping[str, Any]
    epochs: int
    seconds: float
    parameters: int | None
    failure_kind: str
    set_aside: str
    is_best: bool
    is_recommended: bool
    spark: str


@dataclass(frozen=True, slots=True)
class TrialTable:
    """The rows first shown, and how many there are in all."""

    rows: tuple[TrialRow, ...]
    matching: int
    total: int


def best_values(columns: tuple[Column, ...], experiment: Experiment) -> dict[str, Any]:
    """The best trial's values of the hyperparameters that vary."""
    values = experiment.best_trial.values if experiment.best_trial else {}
    varied = [column.label for column in columns if column.hyper and not column.equal]
    return {name: values[name] for name in varied if name in values}


def metric_columns(experiment: Experiment) -> tuple[Column, ...]:
    """Last, best and mean of each metric that a trial has so far; none before the first epoch ends."""
    best = experiment.best_trial
    if best is None:
        known = Trial.objects.filter(experiment=experiment).exclude(epoch_figures={})
        best = known.only("epoch_figures", "metrics").order_by("number").first()
    if best is None:
        return ()
    names = dict.fromkeys([*best.epoch_figures, *best.metrics])
    return tuple(metric_column(name, figure) for name in sorted(names) for figure in FIGURES)


def trial_columns(experiment: Experiment, more: Collection[str] = ()) -> tuple[Column, ...]:
    """The table's own columns, one for each hyperparameter of the newest space, and metrics' in `more`."""
    metrics = metric_columns(experiment) if more else ()
    versions = experiment.space_versions.order_by("-number").values_list("space", flat=True)
    spaces = [space.get("hyperparameters", []) for space in versions]
    hyperparameters = spaces[0] if spaces else []
    broken = {row["name"] for space in spaces for row in space if not has_whole_numbers(row)}
    varied = _varied(experiment, hyperparameters)
    hyper = tuple(
        Column(
            key=key_of(row["name"]),
            label="max epochs" if row["name"] == "epochs" else row["name"],
            hyper=True,
            equal=row["name"] not in varied,
            is_text=any(isinstance(choice, str) for choice in _choices(row)),
            is_mixed=len({isinstance(choice, str) for choice in _choices(row)}) > 1,
            is_whole=row["name"] not in broken,
        )
        for row in hyperparameters
        if row["name"] not in OWN_COLUMNS or row["name"] == "epochs"
    )
    smoothed = [Column("smoothed", "smoothed")] * (experiment.winner.get("estimate") is not None)
    return (
        Column("number", "#"),
        Column("state", "State", is_text=True),
        Column("score", experiment.objective),
        *smoothed,
        *_further(experiment, {*OWN_COLUMNS, *(column.key for column in hyper)}),
        *hyper,
        Column("epochs", "epochs"),
        Column("time", "time"),
        Column("parameters", "parameters"),
        *(column for column in metrics if column.key in more),
    )


def _further(experiment: Experiment, taken: set[str]) -> list[Column]:
    """A column for each further objective but `parameters`, which has one anyway."""
    return [
        Column(
            key=f"objective_{name}" if name in taken else name,
            label=name,
            metric=name,
            figure="mean",
            is_objective=True,
        )
        for name in (each.name for each in experiment.further)
        if name != "parameters"
    ]


def row_fields(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """What is read of a trial for its row."""
    if not any(column.metric for column in columns):
        return ROW_FIELDS
    objectives_alone = all(column.is_objective for column in columns if column.metric)
    return (*ROW_FIELDS, "metrics") if objectives_alone else (*ROW_FIELDS, *FIGURE_FIELDS)


def _choices(row: Mapping[str, Any]) -> list[Any]:
    return list(row["choices"]) if row["type"] == "choice" else []


def _varied(experiment: Experiment, hyperparameters: list[dict[str, Any]]) -> set[str]:
    """Names whose values differ: read from the trials while they are few, else from the space."""
    free = {row["name"] for row in hyperparameters if row["type"] != "fixed"}
    trials = Trial.objects.filter(experiment=experiment).order_by("number")
    values = list(trials.values_list("values", flat=True)[: FEW_TRIALS + 1])
    if not 2 <= len(values) <= FEW_TRIALS:
        return free
    return {name for name in free if len({repr(each.get(name)) for each in values}) > 1}


def trial_table(
    experiment: Experiment, columns: tuple[Column, ...], order: Order, sieve: Sieve | None = None
) -> TrialTable:
    """The first rows in the order asked for. Whole records are read for those alone."""
    trials = Trial.objects.filter(experiment=experiment)
    total = trials.count()
    maximize = experiment.direction == "maximize"
    fields = row_fields(columns)
    if sieve is None and sorts_in_database(order, columns):
        ordered = in_order(trials, order, columns, maximize=maximize)
        records = list(ordered[:FIRST_ROWS].values(*fields))
        return TrialTable(_rows(experiment, records, columns), total, total)
    kept = kept_keys(trials, order, columns, sieve, maximize=maximize)
    found = {row["pk"]: row for row in trials.filter(pk__in=kept[:FIRST_ROWS]).values(*fields)}
    records = [found[key] for key in kept if key in found]
    return TrialTable(_rows(experiment, records, columns), len(kept), total)


def _rows(
    experiment: Experiment, records: list[dict[str, Any]], columns: tuple[Column, ...]
) -> tuple[TrialRow, ...]:
    best = experiment.best_trial
    best_score = finite(best.score) if best else None
    picked = recommended(experiment)
    keys, scores = [each["pk"] for each in records], [each["score"] for each in records]
    judged = at_last_rung(experiment, keys, scores)
    curves = sparklines(keys, experiment.objective)
    return tuple(
        TrialRow(
            number=record["number"],
            state=record["state"],
            score=finite(record["score"]),
            at_last_rung=judged.get(record["pk"]),
            spread=finite(record["spread"]),
            smoothed=finite(record["estimate"]),
            behind=_behind(finite(record["score"]), best_score),
            cells=cells_of(record, columns),
            epochs=record["epochs"],
            seconds=record["seconds"],
            parameters=record["parameters"],
            failure_kind=record["failure_kind"],
            set_aside=record["set_aside"],
            is_best=best is not None and record["number"] == best.number,
            is_recommended=picked is not None and record["number"] == picked.number,
            spark=spark_points(curves.get(record["pk"], [])),
        )
        for record in records
    )


def cells_of(record: Mapping[str, Any], columns: tuple[Column, ...]) -> dict[str, Any]:
    """A record's hyperparameters and metrics by column."""
    hyper = {
        column.key: value_of(record["values"], column.key) for column in columns if column.hyper
    }
    return hyper | {
        column.key: finite(metric_value(record, column)) for column in columns if column.metric
    }


def _behind(score: float | None, best: float | None) -> float | None:
    return None if score is None or best is None else score - best


def spark_points(values: list[float | None], width: int = 72, height: int = 20) -> str:
    """Points of an SVG polyline; diverged epochs are left out."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return ""
    low = min(value for _, value in known)
    scale = (height - 4) / ((max(value for _, value in known) - low) or 1.0)
    step = width / (len(values) - 1)
    return " ".join(f"{i * step:.1f},{height - 2 - (v - low) * scale:.1f}" for i, v in known)
