"""Reports: which trials a table shows and in what order, without reading whole records.

Imports models. Sorting is the database's; a filter reads the columns that it names and no others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KeyTransform

from experiments.models import Experiment, PruningDecision, Trial
from experiments.reports.figures import finite

# key -> field of the record
OWN_COLUMNS = {
    "number": "number",
    "state": "state",
    "score": "score",
    "spread": "spread",
    "smoothed": "estimate",
    "epochs": "epochs",
    "time": "seconds",
    "parameters": "parameters",
}
PLANNED = "planned_epochs"  # the hyperparameter `epochs`, beside the epochs that were trained
_LAST_DECISION = PruningDecision.objects.filter(trial=OuterRef("pk")).order_by("-pk")
_AT_LAST_RUNG = Case(
    When(
        Q(score=None) & ~Q(state=Trial.State.FAILED),
        then=Subquery(_LAST_DECISION.values("value")[:1]),
    )
)
BY_KEY = 200  # up to here trials are named in a query; beyond, the whole experiment is read
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in filters and addresses; `equal`: every trial has the same value.

    is_text: some values are words; is_mixed: others are numbers. is_whole: all are whole numbers, in
    every version of the space. metric, figure: of a metric's column,
    which is there only where it is asked for, or always: is_objective, of a further objective.
    """

    key: str
    label: str
    hyper: bool = False
    equal: bool = False
    is_text: bool = False
    is_mixed: bool = False
    is_whole: bool = False
    metric: str = ""
    figure: str = ""
    is_objective: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON for tables and charts in the browser."""
        return {
            "key": self.key,
            "label": self.label,
            "hyper": self.hyper,
            "equal": self.equal,
            "text": self.is_text,
        }


def has_whole_numbers(row: Mapping[str, Any]) -> bool:
    """Whether each value of a hyperparameter's row is a whole number."""
    values = {"choice": row.get("choices", []), "fixed": [row.get("value")]}.get(row["type"], [])
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return row["type"] == "int" or (bool(values) and whole)


def key_of(name: str) -> str:
    """A hyperparameter's column."""
    return PLANNED if name == "epochs" else name


def name_of(key: str) -> str:
    """The hyperparameter of a column."""
    return "epochs" if key == PLANNED else key


@dataclass(frozen=True, slots=True)
class Order:
    """How rows are sorted; an empty key: best score first."""

    key: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Sieve:
    """A filter, and the columns that it reads."""

    names: frozenset[str]
    keeps: Callable[[Row], bool]


def value_of(values: Mapping[str, Any], key: str) -> Any:
    """A hyperparameter's value by its column; None where it is not active."""
    return values.get(name_of(key))


def metric_column(metric: str, figure: str) -> Column:
    """The column of a metric's `last`, `best` or `mean`: over executions, each at its scored epoch."""
    return Column(f"{metric}.{figure}", f"{metric} {figure}", metric=metric, figure=figure)


def metric_value(record: Row, column: Column) -> Any:
    """A metric column's value in a record that holds `metrics` and `epoch_figures`."""
    if column.figure == "mean":
        return record["metrics"].get(column.metric)
    return record["epoch_figures"].get(column.metric, {}).get(column.figure)


def values_of(values: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    """`value_of` of many trials."""
    name = name_of(key)
    return [each.get(name) for each in values]


def metric_values(found: Mapping[str, Sequence[Any]], column: Column) -> list[Any]:
    """`metric_value` of many trials, whose `metrics` and `epoch_figures` are in `found`."""
    if column.figure == "mean":
        return [each.get(column.metric) for each in found["metrics"]]
    return [each.get(column.metric, {}).get(column.figure) for each in found["epoch_figures"]]


def at_last_rung(
    experiment: Experiment, keys: Sequence[int], scores: Sequence[float | None]
) -> dict[int, float | None]:
    """The objective when the pruner last judged the trials without a score, by key; one query.

    A pruned or paused trial was not trained to its end: what it had reached tells more than a gap.
    """
    unscored = [key for key, score in zip(keys, scores, strict=True) if finite(score) is None]
    may_be_pruned = experiment.pruner != "none" or experiment.protocol.races
    if not unscored or not may_be_pruned:
        return {}
    decisions = PruningDecision.objects.order_by("pk")
    if len(unscored) <= BY_KEY:
        decisions = decisions.filter(trial__in=unscored)
    else:
        kept = Trial.objects.filter(experiment=experiment, score=None)
        decisions = decisions.filter(trial__in=kept)
    # A failed trial was no better for having passed a rung before.
    decisions = decisions.exclude(trial__state=Trial.State.FAILED)
    return {key: finite(value) for key, value in decisions.values_list("trial", "value")}


def sorts_in_database(order: Order, columns: tuple[Column, ...]) -> bool:
    """Whether the database's order is ours: they differ in where words and null stand in JSON."""
    return all(
        column.key != order.key or not (column.is_mixed or column.metric) for column in columns
    )


def in_order(
    trials: QuerySet[Trial], order: Order, columns: tuple[Column, ...], *, maximize: bool
) -> QuerySet[Trial]:
    """Sorted by any column; rows without a value last either way, then by number.

    Trials without a score follow in the order of what their pruner saw last.
    """
    key = order.key or "score"
    falling = order.descending if order.key else maximize
    fields = [_expression(key, columns), *([_AT_LAST_RUNG] if key == "score" else [])]
    sides = [
        field.desc(nulls_last=True) if falling else field.asc(nulls_last=True) for field in fields
    ]
    return trials.order_by(*sides, "number")


def kept_keys(
    trials: QuerySet[Trial],
    order: Order,
    columns: tuple[Column, ...],
    sieve: Sieve | None,
    *,
    maximize: bool,
) -> list[int]:
    """Primary keys of the rows that pass, in order."""
    in_database = sorts_in_database(order, columns)
    plain_order = order if in_database else Order("", descending=False)
    plain = in_order(trials, plain_order, columns, maximize=maximize)
    names = sorted((sieve.names if sieve else frozenset()) | {order.key} - {""})
    rows = list(_read(plain, names, columns))
    if sieve is not None:
        rows = [row for row in rows if sieve.keeps(row[1])]
    if not in_database:
        rows = _sorted_here(rows, order)
    return [key for key, _ in rows]


def _read(
    trials: QuerySet[Trial], names: list[str], columns: tuple[Column, ...]
) -> Iterator[tuple[int, Row]]:
    expressions = [_expression(name, columns) for name in names]
    for key, *values in trials.values_list("pk", *expressions):
        yield key, dict(zip(names, values, strict=True))


def _sorted_here(rows: list[tuple[int, Row]], order: Order) -> list[tuple[int, Row]]:
    """Numbers before words, each among themselves."""
    present = [row for row in rows if row[1][order.key] is not None]
    present.sort(
        key=lambda row: (isinstance(row[1][order.key], str), row[1][order.key]),
        reverse=order.descending,
    )
    return present + [row for row in rows if row[1][order.key] is None]


def _expression(key: str, columns: tuple[Column, ...]) -> F | KeyTransform:
    if key in OWN_COLUMNS:
        return F(OWN_COLUMNS[key])
    column = next((each for each in columns if each.key == key and each.metric), None)
    if column is None:
        return KeyTransform(name_of(key), "values")
    if column.figure == "mean":
        return KeyTransform(column.metric, "metrics")
    return KeyTransform(column.figure, KeyTransform(column.metric, "epoch_figures"))
