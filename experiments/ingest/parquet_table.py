"""Reads Parquet files: the footer first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.ingest.csv_table import FEWEST_ROWS, TableFile, check_names
from experiments.ingest.errors import DataRefused
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.limits import MB, USUAL, Limits

MAGIC = b"PAR1"
ENCRYPTED = b"PARE"
MOST_FOOTER = 16 * MB
BATCH = 65_536


def check_parquet_start(path: Path) -> None:
    """What a request may check at once: the marks at both ends and the footer's size."""
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(4)
        file.seek(max(0, size - 8))
        tail = file.read(8)
    if ENCRYPTED in (first, tail[4:]):
        raise DataRefused("The Parquet file is encrypted. Save it without encryption.")
    if first != MAGIC or tail[4:] != MAGIC:
        raise DataRefused("Not a Parquet file, or truncated. Save it again.")
    if int.from_bytes(tail[:4], "little") > min(MOST_FOOTER, size):
        raise DataRefused("The Parquet file's footer is damaged. Save the file again.")


def read_parquet(path: Path, limits: Limits = USUAL) -> TableFile:
    """Read a flat table; raises DataRefused for nested, encrypted and too large ones."""
    check_parquet_start(path)
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            _check_footer(file, limits)
            return TableFile(_read(file, limits), None)
    except (pa.ArrowException, OSError, ValueError, KeyError, OverflowError) as error:
        reason = str(error).splitlines()[0][:160]
        raise DataRefused(f"The Parquet file can't be read: {reason}. Save it again.") from error


def _check_footer(file: Any, limits: Limits) -> None:
    meta, schema = file.metadata, file.schema_arrow
    check_names(schema.names, limits)
    rows, columns = meta.num_rows, len(schema.names)
    most = min(limits.rows, limits.cells // max(columns, 1))
    if rows > most:
        raise DataRefused(
            f"The file has {rows:,} rows; with {columns:,} columns, at most {most:,} "
            "are allowed. Remove rows or columns."
        )
    if rows < FEWEST_ROWS:
        raise DataRefused(f"The file has {rows} rows; at least {FEWEST_ROWS} are required.")
    inflated = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    if inflated > limits.inflated_bytes:
        raise DataRefused(
            f"The file would unpack to {inflated / MB:,.0f} MB; at most "
            f"{limits.inflated_bytes // MB:,} MB are allowed."
        )
    for field in schema:
        if pa.types.is_nested(field.type):
            raise DataRefused(
                f"Column {field.name} is nested ({field.type}). Flatten it, or leave it out."
            )
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            raise DataRefused(f"Column {field.name} contains raw bytes. Leave it out.")


def _read(file: Any, limits: Limits) -> pd.DataFrame:
    """By batches, counting: a footer may lie about what its pages hold."""
    batches, loaded = [], 0
    for batch in file.iter_batches(batch_size=BATCH):
        loaded += batch.nbytes
        if loaded > 2 * limits.inflated_bytes:
            raise DataRefused(
                f"The file would unpack to more than {2 * limits.inflated_bytes // MB:,} MB."
            )
        batches.append(batch)
    table = pa.Table.from_batches(batches, schema=file.schema_arrow)
    return pd.DataFrame(
        {
            name.strip(): _plain(table.column(position))
            for position, name in enumerate(table.column_names)
        }
    )


def _plain(column: Any) -> Any:
    """Numbers, booleans and texts stay; dates and times become texts."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        column = column.cast(pa.float64())
    elif pa.types.is_temporal(kind):
        column = column.cast(pa.string())
    return column.to_pandas().reset_index(drop=True)
