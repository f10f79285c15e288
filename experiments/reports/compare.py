"""Reports: two to ten trials side by side against a base. Imports models and sibling reports."""

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from experiments.evaluation.objectives import direction_of
from experiments.models import Experiment, Trial
from experiments.reports.experiments import executions_of, protocol_words
from experiments.reports.figures import finite

FEWEST, MOST = 2, 10


@dataclass(frozen=True, slots=True)
class Compared:
    """One column: a trial with its experiment and a name that is unique in the view."""

    trial: Trial
    experiment: Experiment
    key: str  # <experiment code>:<number>, as in the address
    colour: int

    @property
    def label(self) -> str:
        """How charts and heads call it."""
        return f"Trial {self.trial.number}"


@dataclass(frozen=True, slots=True)
class SettingCell:
    """A value and whether it differs from the base's."""

    value: Any
    differs: bool


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One hyperparameter over all columns."""

    name: str
    cells: tuple[SettingCell, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class ResultCell:
    """A measured value, its spread where one is known, and its difference to the base."""

    value: float | None
    spread: float | None = None
    n: int = 1
    difference: float | None = None
    is_better: bool | None = None  # None: no judgement
    is_tie: bool = False  # the difference lies within what the spreads allow


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One metric, cost or size over all columns. kind: score, count, seconds or parameters."""

    name: str
    kind: str
    cells: tuple[ResultCell, ...]


@dataclass(frozen=True, slots=True)
class Unlike:
    """Something that the trials do not share, so that their scores can't be ranked."""

    what: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole view; the first column is the base."""

    columns: tuple[Compared, ...]
    results: tuple[ResultRow, ...]
    settings: tuple[SettingRow, ...]
    unlike: tuple[Unlike, ...]

    @property
    def may_rank(self) -> bool:
        """Same data, split, protocol and objective: differences mean something."""
        return not self.unlike

    @property
    def differing(self) -> tuple[SettingRow, ...]:
        """Hyperparameters that differ."""
        return tuple(row for row in self.settings if row.differs)

    @property
    def equal(self) -> tuple[SettingRow, ...]:
        """Hyperparameters that all columns share."""
        return tuple(row for row in self.settings if not row.differs)


def compared(project_pk: int, wanted: list[tuple[UUID, int]]) -> tuple[Compared, ...]:
    """The named trials of the project in the order asked for; others are left out. Two queries."""
    experiments = {
        experiment.code: experiment
        for experiment in Experiment.objects.filter(
            project=project_pk, code__in={code for code, _ in wanted}
        ).select_related("dataset_version__dataset", "hypermodel_version__hypermodel")
    }
    trials = Trial.objects.filter(
        experiment__in=experiments.values(), number__in={number for _, number in wanted}
    ).defer("traceback")
    found = {(trial.experiment_id, trial.number): trial for trial in trials}
    columns: list[Compared] = []
    for code, number in dict.fromkeys(wanted):
        experiment = experiments.get(code)
        trial = found.get((experiment.pk, number)) if experiment else None
        if experiment and trial:
            colour = _free_colour(number, [column.colour for column in columns])
            columns.append(Compared(trial, experiment, f"{code}:{number}", colour))
    return tuple(columns[:MOST])


def comparison(columns: tuple[Compared, ...]) -> Comparison:
    """Set the columns against the first one."""
    unlike = _unlike(columns)
    return Comparison(columns, _results(columns, judged=not unlike), _settings(columns), unlike)


def _free_colour(number: int, taken: list[int]) -> int:
    """The trial's own colour, else the next one that no column has yet."""
    wanted = [(number + step) % 8 for step in range(8)]
    return next((colour for colour in wanted if colour not in taken), wanted[0])


def _unlike(columns: tuple[Compared, ...]) -> tuple[Unlike, ...]:
    aspects = {
        "Data": [_data_words(column) for column in columns],
        "Split": [column.trial.split_hash[:10] for column in columns],
        "Protocol": [protocol_words(column.experiment) for column in columns],
        "Objective": [
            f"{column.experiment.objective_words}, {column.experiment.score_words}"
            for column in columns
        ],
    }
    return tuple(
        Unlike(what, tuple(values)) for what, values in aspects.items() if len(set(values)) > 1
    )


def _data_words(column: Compared) -> str:
    version = column.experiment.dataset_version
    return f"{version.dataset.name} v{version.number}"


def _settings(columns: tuple[Compared, ...]) -> tuple[SettingRow, ...]:
    names: dict[str, None] = {"model": None}
    for column in columns:
        names |= dict.fromkeys(column.trial.values)
    rows = []
    for name in names:
        values = [_setting(column, name) for column in columns]
        cells = tuple(SettingCell(value, value != values[0]) for value in values)
        rows.append(SettingRow(name, cells, any(cell.differs for cell in cells)))
    return tuple(rows)


def _setting(column: Compared, name: str) -> Any:
    if name == "model":
        return column.experiment.hypermodel_version.hypermodel.name
    return column.trial.values.get(name)


def _results(columns: tuple[Compared, ...], *, judged: bool) -> tuple[ResultRow, ...]:
    base = columns[0].experiment
    metrics: dict[str, None] = {base.objective: None}
    for column in columns:
        metrics |= dict.fromkeys(
            sorted(column.trial.metrics, key=lambda name: (not name.startswith("val_"), name))
        )
    metrics.pop("parameters", None)  # they have a row of their own below
    rows = [_metric_row(columns, name, judged=judged) for name in metrics]
    rows.append(_cost_row(columns, "parameters", "parameters"))
    rows.append(_cost_row(columns, "time", "seconds"))
    rows.append(_cost_row(columns, "epochs", "count"))
    return tuple(rows)


def _metric_row(columns: tuple[Compared, ...], name: str, *, judged: bool) -> ResultRow:
    values = [_metric(column, name) for column in columns]
    larger_is_better = _larger_is_better(columns[0].experiment, name)
    cells = []
    for column, (value, spread) in zip(columns, values, strict=True):
        gap = None if value is None or values[0][0] is None else value - values[0][0]
        tie = (
            _is_tie(columns[0], column, gap) if name == columns[0].experiment.objective else False
        )
        better = None if not gap or not judged or tie else (gap > 0) == larger_is_better
        cells.append(
            ResultCell(
                value=value,
                spread=spread,
                n=executions_of(column.experiment),
                difference=gap if judged else None,
                is_better=better,
                is_tie=tie,
            )
        )
    return ResultRow(name, "score", tuple(cells))


def _is_tie(base: Compared, other: Compared, gap: float | None) -> bool:
    """Whether the gap is below two standard errors of a difference of means."""
    spreads = [column.trial.spread for column in (base, other)]
    if base is other or gap is None or any(spread is None for spread in spreads):
        return False
    n = [executions_of(column.experiment) for column in (base, other)]
    variance = sum((spread or 0.0) ** 2 / count for spread, count in zip(spreads, n, strict=True))
    return abs(gap) <= 2 * math.sqrt(variance)


def _larger_is_better(experiment: Experiment, name: str) -> bool:
    """The objective says so itself; the others are better as their metric is."""
    if name == experiment.objective:
        return experiment.direction == "maximize"
    return direction_of(name) == "maximize"


def _metric(column: Compared, name: str) -> tuple[float | None, float | None]:
    """The objective with its spread; other metrics are means without one."""
    trial = column.trial
    if name == column.experiment.objective:
        return finite(trial.score), finite(trial.spread)
    return finite(trial.metrics.get(name)), None


def _cost_row(columns: tuple[Compared, ...], name: str, kind: str) -> ResultRow:
    """Costs differ by a share of the base's; less is better."""
    field = {"parameters": "parameters", "seconds": "seconds", "count": "epochs"}[kind]
    values = [getattr(column.trial, field) for column in columns]
    cells = []
    for value in values:
        share = (value / values[0] - 1) if value is not None and values[0] else None
        better = None if not share or kind == "count" else share < 0
        cells.append(ResultCell(value, difference=share, is_better=better))
    return ResultRow(name, kind, tuple(cells))
