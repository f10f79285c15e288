"""Facts about the columns of a table, and their proposed roles."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from experiments.cells import number_of
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.readings import MARK_OF, Reading, readings_of
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
    infinite: how many of them are infinite. readings: other ways to read its texts. spellings: texts
    of a category column that differ in case and spaces alone, the commonest of each first.
    """

    name: str
    holds: Holds
    missing: int
    unique: int
    whole: bool = False  # every number is an integer
    odd: int = 0
    odd_text: str = ""
    odd_line: int = 0
    infinite: int = 0
    readings: tuple[Reading, ...] = ()
    spellings: tuple[tuple[str, ...], ...] = ()
    flags: tuple[Flag, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)  # of numbers
    top: list[list[Any]] = field(default_factory=list)  # [text, count] of the commonest

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "flags": list(self.flags)}

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> ColumnFacts:
        """From what `to_dict` gave."""
        readings = tuple(Reading.from_dict(one) for one in source.get("readings", ()))
        spellings = tuple(tuple(one) for one in source.get("spellings", ()))
        lists = {"flags": tuple(source["flags"]), "readings": readings, "spellings": spellings}
        return cls(**{**source, **lists})

    @property
    def number_use(self) -> str:
        """The use by which every cell is a number: plain, or written in one way; empty otherwise."""
        return "number" if self.holds == "number" else self.use if self.use in MARK_OF else ""

    def reading(self, use: str) -> Reading | None:
        """The way to read its texts that this use stands for; None where its dates are ambiguous."""
        found = [one for one in self.readings if one.use == use]
        return found[0] if len(found) == 1 else None

    def missing_as(self, use: str) -> int:
        """Cells without a value where it is used so: also those that can't be read then."""
        reading = self.reading(use)
        unread = reading.unread if reading else self.odd if use == "number" else 0
        return self.missing + unread

    @property
    def use(self) -> str:
        """The proposed use: number, category, skip, or nothing where only a person can say."""
        written = [one for one in self.readings if one.use in MARK_OF and not mixes_units(one)]
        if written and "constant" not in self.flags:  # only one that reads every cell is proposed
            return written[0].use if len(written) == 1 and not written[0].unread else ""
        if self.flags or self.holds in ("text", "empty") or self.readings:
            return "skip"
        if self.holds == "mixed" or self.odd:
            return ""
        return self.holds


def mixes_units(reading: Reading) -> bool:
    """Whether numbers of different currencies stand in one column, which are no one number."""
    return len(reading.units) > 1


def facts_of(frame: pd.DataFrame, lines: np.ndarray[Any, Any] | None = None) -> list[ColumnFacts]:
    """Facts of every column; `lines`: the file's line number of each row, where it has lines."""
    return [_column_facts(str(name), frame[name], lines) for name in frame.columns]


def as_numbers(column: pd.Series, use: str = "number") -> np.ndarray[Any, Any]:
    """float64; missing values, texts and numbers beyond float32 become NaN.

    use: "number", or the decimal mark of written numbers, a key of MARK_OF.
    """
    values = _read_numbers(column, use)
    # Arrays are float32: what does not fit is missing.
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def _read_numbers(column: pd.Series, use: str = "number") -> np.ndarray[Any, Any]:
    if use in MARK_OF:
        codes, words = pd.factorize(column)
        read = [number_of(str(word), MARK_OF[use]) for word in words]
        return np.array([*read, None], dtype=np.float64)[codes]
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes, different = pd.factorize(column)
    numbers = pd.to_numeric(pd.Series(different), errors="coerce")
    return np.append(numbers.to_numpy(dtype=np.float64, na_value=np.nan), np.nan)[codes]


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
    typed = pd.api.types.is_numeric_dtype(column)
    readings = () if typed or numeric == present else readings_of(column, lines)
    if numeric < 0.5 * present:
        return _category_facts(name, column, missing, unique, readings)
    odd_rows = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy())
    flags: tuple[Flag, ...] = ("constant",) if unique < 2 else ()
    whole = bool(np.all(numbers[np.isfinite(numbers)] % 1 == 0))
    if whole and _counts_rows(name, numbers, unique):
        flags = ("id",)
    return ColumnFacts(
        name,
        "number" if typed else "mixed",
        missing,
        unique,
        whole=whole,
        odd=len(odd_rows),
        odd_text=str(column.iloc[int(odd_rows[0])])[:60] if len(odd_rows) else "",
        odd_line=int(lines[odd_rows[0]]) if lines is not None and len(odd_rows) else 0,
        infinite=int(np.isinf(_read_numbers(column)).sum()) if len(odd_rows) else 0,
        readings=readings,
        flags=flags,
        summary=number_summary(numbers),
        top=_top(column) if unique <= MOST_CATEGORIES else [],
    )


def _is_boolean(column: pd.Series) -> bool:
    """Also where missing values have turned a column of booleans into one of objects."""
    if pd.api.types.is_object_dtype(column):
        return pd.api.types.infer_dtype(column, skipna=True) == "boolean"
    return pd.api.types.is_bool_dtype(column)


def _category_facts(
    name: str, column: pd.Series, missing: int, unique: int, readings: tuple[Reading, ...] = ()
) -> ColumnFacts:
    present = len(column) - missing
    many = unique > MOST_CATEGORIES or (unique > 20 and unique > 0.5 * present)
    flags: tuple[Flag, ...] = ()
    if unique < 2:
        flags = ("constant",)
    elif many and unique == present:
        flags = ("id",)
    return ColumnFacts(
        name,
        "text" if many else "category",
        missing,
        unique,
        readings=readings,
        spellings=() if many else _spellings(column),
        flags=flags,
        top=_top(column),
    )


def _spellings(column: pd.Series) -> tuple[tuple[str, ...], ...]:
    """Texts that are alike but for case and spaces, commonest first; a few of many."""
    counts = as_texts(column).value_counts()
    alike: dict[str, list[str]] = {}
    for text in counts.index:
        alike.setdefault(" ".join(str(text).casefold().split()), []).append(str(text)[:80])
    return tuple(tuple(texts[:TOP]) for texts in alike.values() if len(texts) > 1)[:TOP]


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
