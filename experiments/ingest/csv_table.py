"""Reads CSV files: checked line by line, then parsed by pandas."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from experiments.csv_dialect import Dialect, looks_like_data, sniff
from experiments.ingest.errors import DataRefused
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.limits import USUAL, Limits

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-", "#N/A")
FEWEST_ROWS = 10
LONGEST_NAME = 200
SAMPLE_LINES = 50
SMALL_BYTES = 1024**2  # up to here every line is checked while the person waits


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table as it stands in its file; `lines` holds each row's line number, empty if it has none."""

    frame: pd.DataFrame
    lines: NDArray[Any] | None
    notes: tuple[str, ...] = ()


def read_csv(
    source: bytes | Path, *, has_header: bool = True, limits: Limits = USUAL
) -> TableFile:
    """Read a whole file. Raises: DataRefused with line and fix."""
    with _opened(source) as stream:
        dialect = _sniffed(stream, limits)
        stream.seek(0)
        names, lines = _check_rows(stream, dialect, limits, has_header=has_header)
    _check_enough(len(lines))
    frame = pd.read_csv(
        io.BytesIO(source) if isinstance(source, bytes) else source,
        sep=dialect.delimiter,
        decimal=dialect.decimal,
        header=0 if has_header else None,
        names=list(names),
        index_col=False,
        na_values=list(MISSING),
        keep_default_na=False,
        encoding="utf-8-sig",
        low_memory=False,
    )
    if len(frame) != len(lines):
        raise DataRefused(
            "The quotes in the file are ambiguous. Save it again with all text in double quotes."
        )
    return TableFile(frame, np.frombuffer(lines, dtype=np.int64), dialect.notes)


def check_csv_start(path: Path, *, has_header: bool = True, limits: Limits = USUAL) -> None:
    """What a request may check at once: every line of a small file, the first lines of a large one."""
    with _opened(path) as stream:
        dialect = _sniffed(stream, limits)
        stream.seek(0)
        if path.stat().st_size <= SMALL_BYTES:
            _, lines = _check_rows(stream, dialect, limits, has_header=has_header)
            _check_enough(len(lines))
        else:
            first = iter(_Lines(stream, limits, most=SAMPLE_LINES))
            _check_header(
                csv.reader(first, delimiter=dialect.delimiter),
                dialect,
                limits,
                has_header=has_header,
            )


def _opened(source: bytes | Path) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _sniffed(stream: IO[bytes], limits: Limits) -> Dialect:
    sample = [line for line in _Lines(stream, limits, most=SAMPLE_LINES) if line.strip()]
    if not sample:
        raise DataRefused("The file is empty. Choose a file with a header line and rows.")
    return sniff(sample)


def _check_rows(
    stream: IO[bytes], dialect: Dialect, limits: Limits, *, has_header: bool
) -> tuple[tuple[str, ...], array[int]]:
    source = _Lines(stream, limits)
    reader = csv.reader(source, delimiter=dialect.delimiter, strict=True)
    try:
        return _check_lines(reader, dialect, limits, has_header=has_header)
    except csv.Error as error:
        raise DataRefused(_csv_problem(str(error), source.number)) from error


def _check_lines(
    reader: Any, dialect: Dialect, limits: Limits, *, has_header: bool
) -> tuple[tuple[str, ...], array[int]]:
    names, lines = _check_header(reader, dialect, limits, has_header=has_header)
    most = min(limits.rows, limits.cells // len(names))
    before = reader.line_num
    for row in reader:
        if row and len(row) != len(names):
            raise DataRefused(
                f"Line {before + 1:,} has {len(row):,} cell{('' if len(row) == 1 else 's')}, "
                f"but the first line has {len(names):,}. Cells that contain the "
                "delimiter need double quotes."
            )
        if row:
            lines.append(before + 1)
        if len(lines) > most:
            raise DataRefused(
                f"The file has more than {most:,} rows, the limit for {len(names):,} "
                "columns. Remove rows or columns."
            )
        before = reader.line_num
    return names, lines


def _check_header(
    reader: Any, dialect: Dialect, limits: Limits, *, has_header: bool
) -> tuple[tuple[str, ...], array[int]]:
    """Column names, and the line of the first row where that line is a row already."""
    try:
        first: list[str] = next((row for row in reader if row), [])
    except csv.Error as error:
        raise DataRefused(_csv_problem(str(error), reader.line_num)) from error
    if not has_header:
        names = check_names([f"column_{i}" for i in range(1, len(first) + 1)], limits)
        return names, array("q", [reader.line_num])
    names = check_names(first, limits)
    if looks_like_data(first, dialect.below):
        shown = ", ".join(first[:4])
        raise DataRefused(
            f"The first line looks like data ({shown}), not column names. Add a header "
            "line, or tick “The file has no header line”."
        )
    return names, array("q")


class _Lines:
    """Decoded lines of a file with their number; refuses what is no clean UTF-8 text."""

    def __init__(self, stream: IO[bytes], limits: Limits, *, most: int = 0) -> None:
        self.stream = stream
        self.limits = limits
        self.most = most
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while raw := self.stream.readline(self.limits.line_bytes + 1):
            self.number += 1
            yield self._decode(raw)
            if self.number == self.most:
                return

    def _decode(self, raw: bytes) -> str:
        if self.number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
            if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise DataRefused("The file is UTF-16 text. Save it as CSV UTF-8.")
        if len(raw) > self.limits.line_bytes:
            raise DataRefused(
                f"Line {self.number:,} is longer than {self.limits.line_bytes // 1024**2} MB. "
                "Is this a CSV file?"
            )
        if b"\0" in raw:
            raise DataRefused(
                f"Line {self.number:,} contains a NUL byte, so this isn't a text file. "
                "Save the table as CSV UTF-8."
            )
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataRefused(
                f"Line {self.number:,} isn't UTF-8 text (byte {raw[error.start]:#04x} "
                f"at position {error.start + 1}). Save the file as CSV UTF-8."
            ) from error


def _csv_problem(problem: str, line: int) -> str:
    if "unexpected end" in problem:
        return "A double quote is never closed. Close it, or remove it."
    if "field larger" in problem:
        return (
            f"A cell near line {line:,} is longer than 131,072 characters. Is a quote left open?"
        )
    if "new-line character" in problem:
        return "The file has old Macintosh line endings. Save it as CSV UTF-8."
    return f"Line {line:,} can't be read: {problem}. Check the quotes around it."


def _check_enough(rows: int) -> None:
    if not rows:
        raise DataRefused("The file has a header but no rows. Add rows below it.")
    if rows < FEWEST_ROWS:
        raise DataRefused(
            f"The file has {rows} row{('' if rows == 1 else 's')}; at least "
            f"{FEWEST_ROWS} are required."
        )


def check_names(names: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """The names without blanks around them; refuses empty, equal, overlong and too many ones."""
    if len(names) > limits.columns:
        raise DataRefused(
            f"The table has {len(names):,} columns; at most {limits.columns:,} are "
            "allowed. Remove columns."
        )
    plain = [name.strip() for name in names]
    seen: set[str] = set()
    for position, name in enumerate(plain, start=1):
        if not name:
            raise DataRefused(f"Column {position} has no name. Name every column in the header.")
        if not name.isprintable():
            raise DataRefused(f"The name of column {position} contains unprintable characters.")
        if len(name) > LONGEST_NAME:
            raise DataRefused(
                f"The name of column {position} is longer than {LONGEST_NAME} characters."
            )
        if name in seen:
            raise DataRefused(f"Two columns are named {name}. Rename one of them.")
        seen.add(name)
    if len(plain) < 2:
        raise DataRefused(
            "Found only one column; a table needs a target and at least one input. "
            "Separate columns by comma, semicolon, tab or |."
        )
    return tuple(plain)
