"""Parquet files: the footer decides before a cell is read."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.ingest.columns import facts_of
from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import Limits
from experiments.ingest.parquet_table import read_parquet
from tests.steps import steps_of


def written(tmp_path, table: pa.Table, **options):
    path = tmp_path / "t.parquet"
    pq.write_table(table, path, **options)
    return path


def refused(path, **options) -> str:
    with pytest.raises(DataRefused) as error:
        read_parquet(path, **options)
    return str(error.value)


def test_flat_columns_are_read_with_their_missing_values(tmp_path):
    table = pa.table(
        {
            "n": pa.array([1, 2, None] * 5),
            "f": pa.array([0.5, None, float("nan")] * 5),
            "t": pa.array(["a", None, "b"] * 5).dictionary_encode(),
            "b": pa.array([True, False, None] * 5),
            "d": pa.array([dt.date(2024, 1, i % 3 + 1) for i in range(15)]),
            "decimal": pa.array([i for i in range(15)], pa.decimal128(10, 2)),
        }
    )
    frame = read_parquet(written(tmp_path, table)).frame
    facts = {one.name: one for one in facts_of(frame)}
    assert [facts[name].missing for name in ("n", "f", "t", "b", "d")] == [5, 10, 5, 5, 0]
    assert [facts[name].holds for name in facts] == [
        "number", "number", "category", "category", "category", "number",
    ]  # fmt: skip
    assert frame["d"].iloc[0] == "2024-01-01"


def test_twenty_million_rows_are_refused_by_the_footer(tmp_path):
    table = pa.table({"x": pa.array([0] * 2_000_000), "y": pa.array([1] * 2_000_000)})
    path = tmp_path / "many.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(10):
            writer.write_table(table)
    assert path.stat().st_size < 200_000
    assert "20,000,000 rows" in refused(path)
    assert steps_of(lambda: refused(path)) < 1000


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"x": [[1, 2]] * 12, "y": [1] * 12}, "Column x is nested"),
        ({"x": [{"a": 1}] * 12, "y": [1] * 12}, "Column x is nested"),
        ({"x": [b"\0"] * 12, "y": [1] * 12}, "Column x contains raw bytes"),
        ({"x": [1] * 12}, "only one column"),
        ({"x": [1] * 3, "y": [1] * 3}, "has 3 rows"),
        ({"": [1] * 12, "y": [1] * 12}, "Column 1 has no name"),
    ],
)
def test_tables_that_do_not_fit_are_refused_by_name(tmp_path, columns, told):
    assert told in refused(written(tmp_path, pa.table(columns)))


def test_equal_column_names_are_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array([1] * 12)] * 2, names=["x", "x"])
    assert "Two columns are named x" in refused(written(tmp_path, table))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"hello", "Not a Parquet file"),
        (b"PAR1" + b"x" * 50 + b"\xff\xff\xff\x7fPAR1", "footer is damaged"),
        (b"PAR1" + b"x" * 50 + b"\x20\0\0\0PAR1", "can't be read"),
        (b"PARE" + b"x" * 50 + b"\x20\0\0\0PARE", "encrypted"),
    ],
)
def test_damaged_and_encrypted_files_are_told(tmp_path, content, told):
    path = tmp_path / "bad.parquet"
    path.write_bytes(content)
    assert told in refused(path)


def test_the_unpacked_size_is_limited(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"x": range(1000), "y": range(1000)})
    path = written(tmp_path, pa.Table.from_pandas(frame))
    assert "would unpack to" in refused(path, limits=Limits(inflated_bytes=16_000, rows=2000))


def test_a_footer_with_broken_text_is_told(tmp_path):
    path = written(tmp_path, pa.table({"size": [1] * 12, "label": [1] * 12}))
    path.write_bytes(path.read_bytes().replace(b"size", b"s\x96ze"))
    assert "can't be read" in refused(path)
