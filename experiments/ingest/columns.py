"""Facts about the columns of a table, and their proposed roles."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from experiments.ingest.lazy_pandas import pd
from experiments.ingest.target_profile import number_summary

MOST_CATEGORIES = 1_000
TOP = 8
LARGEST = float(np.finfo(np.float32).max)
Holds = Literal["number", "category", "mixed", "text", "empty"]
Flag = Literal["constant", "id"]


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One column as it stands in the file.

    holds: number; category (repeated texts); text (nearly every row its own); mixed (numbers with
    texts among them); empty. odd: cells that are no finite number in a number or mixed column.
    odd_text and odd_line: the first of them, and its line in the file (0: the file has no lines).
    """

    name: str
    holds: Holds
    missing: int
    unique: int
    whole: bool = False  # every number is an integer
    odd: int = 0
    odd_text: str = ""
    odd_line: int = 0
    flags: tuple[Flag, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)  # of numbers
    top: list[list[Any]] = field(default_factory=list)  # [text, count] of the commonest

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "flags": list(self.flags)}

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> ColumnFacts:
        """From what `to_dict` gave."""
        return cls(**{**source, "flags": tuple(source["flags"])})

    @property
    def use(self) -> str:
        """The proposed use: number, category, skip, or nothing where only a person can say."""
        if self.flags or self.holds in ("text", "empty"):
            return "skip"
        if self.holds == "mixed" or self.odd:
            return ""
        return self.holds


def facts_of(frame: pd.DataFrame, lines: np.ndarray[Any, Any] | None = None) -> list[ColumnFacts]:
    """Facts of every column; `lines`: the file's line number of each row, where it has lines."""
    return [_column_facts(str(name), frame[name], lines) for name in frame.columns]


def as_numbers(column: pd.Series) -> np.ndarray[Any, Any]:
    """float64; missing values, texts and numbers beyond float32 become NaN."""
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        codes, different = pd.factorize(column)
        read = pd.to_numeric(pd.Series(different), errors="coerce")
        values = np.append(read.to_numpy(dtype=np.float64, na_value=np.nan), np.nan)[codes]
    # Arrays are float32: what does not fit is missing.
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def as_texts(column: pd.Series) -> pd.Series:
    """Every present value as text, whole numbers without `.0`; missing stays missing."""
    codes, values = pd.factorize(column)  # each different value is put into words once
    words = np.array([text_of(value) for value in values] + [None], dtype=object)
    return pd.Series(words[codes], index=column.index, dtype=object)


def text_of(value: Any) -> str:
    """How a cell is named as a category or class."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.9g}"
    # A NUL or half a surrogate pair is text that PostgreSQL does not keep.
    text = str(value).encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    return text.strip()


def _column_facts(name: str, column: pd.Series, lines: np.ndarray[Any, Any] | None) -> ColumnFacts:
    missing = int(column.isna().sum())
    present = len(column) - missing
    unique = int(column.nunique(dropna=True))
    if not present:
        return ColumnFacts(name, "empty", missing, 0)
    if _is_boolean(column):
        return _category_facts(name, column, missing, unique)
    numbers = as_numbers(column)
    numeric = int(np.isfinite(numbers).sum())
    if numeric < 0.5 * present:
        return _category_facts(name, column, missing, unique)
    odd_rows = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy())
    flags: tuple[Flag, ...] = ("constant",) if unique < 2 else ()
    whole = bool(np.all(numbers[np.isfinite(numbers)] % 1 == 0))
    if whole and _counts_rows(name, numbers, unique):
        flags = ("id",)
    return ColumnFacts(
        name,
        "number" if pd.api.types.is_numeric_dtype(column) else "mixed",
        missing,
        unique,
        whole=whole,
        odd=len(odd_rows),
        odd_text=str(column.iloc[int(odd_rows[0])])[:60] if len(odd_rows) else "",
        odd_line=int(lines[odd_rows[0]]) if lines is not None and len(odd_rows) else 0,
        flags=flags,
        summary=number_summary(numbers),
        top=_top(column) if unique <= MOST_CATEGORIES else [],
    )


def _is_boolean(column: pd.Series) -> bool:
    """Also where missing values have turned a column of booleans into one of objects."""
    if pd.api.types.is_object_dtype(column):
        return pd.api.types.infer_dtype(column, skipna=True) == "boolean"
    return pd.api.types.is_bool_dtype(column)


def _category_facts(name: str, column: pd.Series, missing: int, unique: int) -> ColumnFacts:
    present = len(column) - missing
    many = unique > MOST_CATEGORIES or (unique > 20 and unique > 0.5 * present)
    flags: tuple[Flag, ...] = ()
    if unique < 2:
        flags = ("constant",)
    elif many and unique == present:
        flags = ("id",)
    return ColumnFacts(
        name, "text" if many else "category", missing, unique, flags=flags, top=_top(column)
    )


def _top(column: pd.Series) -> list[list[Any]]:
    counts = column.value_counts().head(TOP)
    return [[text_of(value)[:80], int(count)] for value, count in counts.items()]


def _counts_rows(name: str, numbers: np.ndarray[Any, Any], unique: int) -> bool:
    """Whether a whole-number column only numbers the rows: all different, and named so or in order."""
    if len(numbers) < 20 or unique < len(numbers):
        return False
    plain = name.strip().lower()
    named = plain in ("id", "index", "row", "nr", "no", "#") or plain.endswith(("_id", " id"))
    steps = np.diff(numbers)
    return named or bool(np.all(steps > 0) or np.all(steps < 0))
