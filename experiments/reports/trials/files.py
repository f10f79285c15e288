"""Reports: trials as CSV, JSON or Parquet, written in pieces so that no file is held whole. Imports models.

Full precision; what is not active or not there is empty. A cell of a CSV that a spreadsheet would run
as a formula begins with an apostrophe.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.models import Experiment, Trial
from experiments.reports.figures import finite
from experiments.reports.trials.order import OWN_COLUMNS, Column
from experiments.reports.trials.table import FIGURE_FIELDS, ROW_FIELDS, cells_of

BATCH = 1000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Of the score on new rows: column -> head, field of `Expected`
EXPECTED = {
    "expected": ("expected on new rows", "value"),
    "expected_low": ("expected, 95 % low", "low"),
    "expected_high": ("expected, 95 % high", "high"),
}
Row = dict[str, Any]


def file_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of a file: with a score go its spread and the expected one, with a state the kind of failure."""
    found: list[Column] = []
    for column in columns:
        found.append(column)
        if column.key == "state":
            found.append(Column("failure", "failure", is_text=True))
        if column.key == "score":
            found.append(Column("spread", "spread"))
            found += [Column(key, label) for key, (label, _) in EXPECTED.items()]
    return tuple(found)


def trial_rows(
    experiment: Experiment, keys: Sequence[int], columns: tuple[Column, ...]
) -> Iterator[list[Row]]:
    """The trials of these primary keys in their order, a thousand at a time; a query for each."""
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        trials = Trial.objects.filter(experiment=experiment, pk__in=batch)
        found = {row["pk"]: row for row in trials.values(*ROW_FIELDS, *FIGURE_FIELDS, "expected")}
        yield [_row(found[key], columns) for key in batch if key in found]


def _row(record: Mapping[str, Any], columns: tuple[Column, ...]) -> Row:
    own = {key: finite(record[field]) for key, field in OWN_COLUMNS.items()}
    own["failure"] = record["failure_kind"]
    own |= {key: finite(record["expected"].get(name)) for key, (_, name) in EXPECTED.items()}
    cells = {**own, **cells_of(record, columns)}
    return {column.key: cells[column.key] for column in columns}


def as_csv(columns: tuple[Column, ...], batches: Iterator[list[Row]]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8; the heads are what the table calls its columns."""
    yield csv_lines([[column.label for column in columns]])
    for rows in batches:
        yield csv_lines([[_cell(value) for value in row.values()] for row in rows])


def csv_lines(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows as RFC 4180 in UTF-8; what a spreadsheet would run is quoted."""
    text = io.StringIO()
    csv.writer(text).writerows([[without_formula(value) for value in row] for row in rows])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def without_formula(value: Any) -> Any:
    """A cell that no spreadsheet computes: text that looks like a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def as_json(columns: tuple[Column, ...], batches: Iterator[list[Row]]) -> Iterator[bytes]:
    """A list of objects, one a trial, with the columns' keys."""
    before = "[\n"
    for rows in batches:
        for row in rows:
            yield (before + json.dumps(row, ensure_ascii=False)).encode()
            before = ",\n"
    yield (b"[]\n" if before == "[\n" else b"\n]\n")


def as_parquet(columns: tuple[Column, ...], batches: Iterator[list[Row]]) -> Iterator[bytes]:
    """A row group a batch; a column that holds words, or words among numbers, is text."""
    schema = pa.schema([(column.key, _type(column)) for column in columns])
    sink = _Pieces()
    with pq.ParquetWriter(sink, schema) as writer:
        for rows in batches:
            arrays = [
                pa.array([_typed(row[column.key], column) for row in rows], _type(column))
                for column in columns
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            yield sink.taken()
    yield sink.taken()


def _type(column: Column) -> pa.DataType:
    if column.is_text:
        return pa.string()
    return pa.int64() if _is_whole(column) else pa.float64()


def _typed(value: Any, column: Column) -> Any:
    if value is None:
        return None
    if column.is_text:
        return str(_cell(value))
    return int(value) if _is_whole(column) else float(value)


def _is_whole(column: Column) -> bool:
    return column.is_whole or column.key in {"number", "epochs", "parameters"}


class _Pieces(io.RawIOBase):
    """What a writer wrote since it was last taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self._at += len(self._pieces[-1])
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


Writer = Callable[[tuple[Column, ...], Iterator[list[Row]]], Iterator[bytes]]
# ending -> content type and writer
FORMATS: dict[str, tuple[str, Writer]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}
