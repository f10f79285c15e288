"""Reports: what compared trials measured and cost, each against the base. Imports sibling reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from experiments.evaluation.metrics import metric_of
from experiments.evaluation.model_costs import COSTS as MEASURED_COSTS
from experiments.evaluation.paired_differences import Difference, paired, unpaired
from experiments.reports.compare.trials import EXACT, Compared
from experiments.reports.figures import finite

Kind = Literal["score", "count", "seconds", "parameters"]
COSTS: tuple[tuple[str, Kind, str], ...] = (
    ("parameters", "parameters", "parameters"),
    ("time", "seconds", "seconds"),
    ("epochs", "count", "epochs"),
)


@dataclass(frozen=True, slots=True)
class ResultCell:
    """A measured value and how it lies to the base's.

    spread: standard deviation over `n` executions. difference: to the base, with its interval; of a
    cost a share of the base's. is_better: than the base; None where nothing may be said. is_best,
    is_worst: of its row; the worst from three columns on, as of two the other one is it.
    """

    value: float | None
    spread: float | None = None
    n: int = 1
    difference: float | None = None
    apart: Difference | None = None
    is_better: bool | None = None
    is_best: bool = False
    is_worst: bool = False

    @property
    def is_tie(self) -> bool:
        """Whether the interval of the difference holds 0."""
        return self.apart is not None and self.apart.is_open

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.apart is not None and self.apart.is_tested and not self.apart.is_open


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One metric, cost or size over all columns."""

    name: str
    kind: Kind
    cells: tuple[ResultCell, ...]

    @property
    def is_exact(self) -> bool:
        """Whether it was measured from the predictions."""
        return self.name.startswith(EXACT)

    @property
    def differs(self) -> bool:
        """Whether any two columns have other values."""
        return len({cell.value for cell in self.cells}) > 1


def result_rows(columns: Sequence[Compared], *, judged: bool) -> tuple[ResultRow, ...]:
    """The objective, then validation metrics, the others, exact ones, and costs.

    judged: whether all were judged alike; else there are neither differences nor best cells.
    """
    names: dict[str, None] = {columns[0].experiment.objective: None}
    for column in columns:
        known = {*column.trial.metrics, *column.measured}
        names |= dict.fromkeys(sorted(known, key=_place))
    names.pop("parameters", None)  # they have a row of their own below
    metrics = [_metric_row(columns, name, judged=judged) for name in sorted(names, key=_place)]
    metrics.sort(key=lambda row: row.name != columns[0].experiment.objective)
    return (*metrics, *(_cost_row(columns, *cost, judged=judged) for cost in COSTS))


def _place(name: str) -> tuple[bool, bool, str]:
    return name.startswith(EXACT), not name.startswith("val_"), name


def difference(base: Compared, other: Compared, name: str) -> Difference | None:
    """Paired over the parts that both have; over other parts unpaired; None without numbers."""
    before, after = base.measured.get(name, {}), other.measured.get(name, {})
    overlap = base.experiment.protocol.overlap
    if base.trial.split_hash == other.trial.split_hash:
        return paired(before, after, overlap=overlap)
    return unpaired(list(before.values()), list(after.values()), overlap=overlap)


def larger_is_better(column: Compared, name: str) -> bool | None:
    """Objectives say so themselves, known metrics and losses are what they are; else None."""
    experiment = column.experiment
    directions: dict[str, str] = {each.name: each.direction for each in experiment.further}
    directions[experiment.objective] = experiment.direction
    bare = name.removeprefix(EXACT)
    metric = metric_of(bare)
    if name in directions:
        return directions[name] == "maximize"
    if metric is not None:
        return metric.direction == "maximize"
    return False if bare.endswith("loss") or bare in MEASURED_COSTS else None


def _metric_row(columns: Sequence[Compared], name: str, *, judged: bool) -> ResultRow:
    base = columns[0]
    larger = larger_is_better(base, name)
    values = [_value(column, name) for column in columns]
    ranked = [column.is_ranked for column in columns]
    best, worst = _ends(values, ranked, larger=larger if judged else None)
    cells = []
    for column, value in zip(columns, values, strict=True):
        numbers = list(column.measured.get(name, {}).values())
        apart = difference(base, column, name) if judged and column is not base else None
        gap = apart.mean if apart else _gap(values[0], value) if judged else None
        gap = None if column is base else gap
        cells.append(
            ResultCell(
                value=value,
                spread=stdev(numbers) if len(numbers) > 1 else None,
                n=max(1, len(numbers)),
                difference=gap,
                apart=apart,
                is_better=None if not gap or larger is None else (gap > 0) == larger,
                is_best=value is not None and value == best and column.is_ranked,
                is_worst=value is not None and value == worst and column.is_ranked,
            )
        )
    return ResultRow(name, "score", tuple(cells))


def _value(column: Compared, name: str) -> float | None:
    """The mean over executions; of a trial that has not ended, over those that have."""
    trial = column.trial
    if name == column.experiment.objective and finite(trial.score) is not None:
        return trial.score
    stored = finite(trial.metrics.get(name))
    if isinstance(stored, (int, float)):
        return float(stored)
    numbers = column.measured.get(name, {}).values()
    return fmean(numbers) if numbers else None


def _gap(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _ends(
    values: Sequence[float | None], ranked: Sequence[bool], *, larger: bool | None
) -> tuple[float | None, float | None]:
    """The best and the worst value of those that count.

    None where all are equal, one is alone, or nothing says which is better; no worst one of two.
    """
    known = [value for value, counts in zip(values, ranked, strict=True) if counts]
    numbers = sorted(value for value in known if value is not None)
    if larger is None or len(set(numbers)) < 2:
        return None, None
    best, worst = (numbers[-1], numbers[0]) if larger else (numbers[0], numbers[-1])
    return best, worst if len(numbers) > 2 else None


def _cost_row(
    columns: Sequence[Compared], name: str, kind: Kind, field: str, *, judged: bool
) -> ResultRow:
    """Costs differ by a share of the base's; less is better, but of epochs."""
    values = [finite(getattr(column.trial, field)) for column in columns]
    ranked = [column.is_ranked for column in columns]
    best, worst = _ends(values, ranked, larger=False if judged and kind != "count" else None)
    cells = []
    for column, value in zip(columns, values, strict=True):
        whole = judged and (kind == "parameters" or (column.is_ranked and columns[0].is_ranked))
        share = (value / values[0] - 1) if whole and value is not None and values[0] else None
        cells.append(
            ResultCell(
                value,
                difference=None if column is columns[0] else share,
                is_better=None if not share or kind == "count" else share < 0,
                is_best=value is not None and value == best and column.is_ranked,
                is_worst=value is not None and value == worst and column.is_ranked,
            )
        )
    return ResultRow(name, kind, tuple(cells))
