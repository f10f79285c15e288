"""Reports: a comparison as CSV: a line for each row of the page, a column for each trial. Imports sibling reports."""

from collections.abc import Iterator, Sequence
from typing import Any

from experiments.reports.compare.page import Comparison
from experiments.reports.compare.rows import ResultRow
from experiments.reports.compare.trials import Compared
from experiments.reports.figures import finite
from experiments.reports.trials.files import EXPECTED, csv_lines

Line = list[Any]


def comparison_csv(view: Comparison) -> bytes:
    """Everything that the page shows, equal rows too, at full precision; the base comes first."""
    lines: list[Line] = [
        ["", *(column.label for column in view.columns)],
        ["experiment", *(column.experiment.name for column in view.columns)],
        ["state", *(column.trial.state for column in view.columns)],
    ]
    for row in view.results:
        lines += _of_metric(row) if row.kind == "score" else [_of(row.name, row, "value")]
    if view.expected:
        for words, field in EXPECTED.values():
            lines.append([words, *(_cell(getattr(each, field)) for each in view.expected)])
    lines += _by_part(view.columns)
    for setting in view.settings:
        lines.append([setting.name, *(_cell(cell.value) for cell in setting.cells)])
    for aspect in view.comparability.unlike:
        lines.append([f"{aspect.what} (differs)", *aspect.values])
    return csv_lines(lines)


def _of_metric(row: ResultRow) -> Iterator[Line]:
    yield _of(row.name, row, "value")
    yield _of(f"{row.name} standard deviation", row, "spread")
    yield _of(f"{row.name} executions", row, "n")
    yield _of(f"{row.name} difference to the base", row, "difference")
    for field, words in (
        ("low", "low end (95 %)"),
        ("high", "high end (95 %)"),
        ("p", "p"),
    ):
        found = [getattr(cell.apart, field, None) for cell in row.cells]
        yield [f"{row.name} difference, {words}", *(_cell(each) for each in found)]


def _of(name: str, row: ResultRow, field: str) -> Line:
    return [name, *(_cell(getattr(cell, field)) for cell in row.cells)]


def _by_part(columns: Sequence[Compared]) -> Iterator[Line]:
    """The objective of each part."""
    metric = columns[0].experiment.objective
    found = [column.measured.get(metric, {}) for column in columns]
    for fold, repeat in sorted({part for each in found for part in each}):
        name = f"{metric}, split {fold + 1}, repeat {repeat + 1}"
        yield [name, *(_cell(each.get((fold, repeat))) for each in found)]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    value = finite(value)
    return "" if value is None else value
