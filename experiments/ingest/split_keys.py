"""Group and time keys from a table's columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.cells import DATE_FORMS
from experiments.evaluation.row_content import Content, text_digests
from experiments.evaluation.split_columns import Holds, SplitColumn
from experiments.ingest.columns import as_texts, text_of
from experiments.ingest.lazy_pandas import pd

MOST_INPUTS = 60
MOST_BESIDE = 200
SAMPLE = 1_000  # values that a form of dates is tried on before all of them
Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SplitKeys:
    """A column, and the code of each row: in the order of the values, -1 where one is missing.

    values: a digest of each code's value, which is the same in every version.
    """

    column: SplitColumn
    codes: Codes
    values: Content


def split_keys(frame: pd.DataFrame, target: str, inputs: Collection[str]) -> tuple[SplitKeys, ...]:
    """Keys of the columns beside the target that hold two values or more.

    inputs: columns that a model is trained on. Of a wide table they are left out: its inputs are
    measurements, and ids and dates are columns beside them.
    """
    beside = [str(name) for name in frame.columns if name != target and name not in inputs]
    names = [*beside[:MOST_BESIDE], *(inputs if len(inputs) <= MOST_INPUTS else ())]
    keys = (keys_of(name, frame[name]) for name in names)
    return tuple(each for each in keys if each.column.distinct > 1)


def keys_of(name: str, column: pd.Series) -> SplitKeys:
    """Numbers in their order, dates and times in theirs, all else alphabetically."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        places, words = pd.factorize(as_texts(column))
        holds, values, odd = _read(pd.Series(words, dtype=object))
    else:
        places, words = pd.factorize(column)
        holds, values, odd = "number", np.asarray(words, dtype=np.float64), ""
    different, ranks = np.unique(values, return_inverse=True)
    digests = text_digests([text_of(value) for value in different.tolist()])
    codes = np.append(ranks.reshape(-1), -1)[places].astype(np.int32)
    missing = int(np.sum(codes < 0))
    return SplitKeys(SplitColumn(name, holds, len(different), missing, odd), codes, digests)


def hidden_keys(keys: Iterable[SplitKeys], arrays: Mapping[str, NDArray[Any]]) -> frozenset[str]:
    """Names of those that can't be read off the prepared inputs; arrays: one column each, by name."""
    return frozenset(
        each.column.name
        for each in keys
        if each.column.name not in arrays
        or not np.array_equal(_ranks(arrays[each.column.name]), each.codes)
    )


def _ranks(values: NDArray[Any]) -> Codes:
    """As `codes` would be of an input column: NaN and -1 are missing."""
    present = ~np.isnan(values) if values.dtype.kind == "f" else values >= 0
    codes = np.full(len(values), -1, dtype=np.int32)
    codes[present] = np.unique(values[present], return_inverse=True)[1].reshape(-1)
    return codes


def _read(words: pd.Series) -> tuple[Holds, Any, str]:
    """What the different texts of a column are, comparable values for them, and the odd one out."""
    numbers = pd.to_numeric(words, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if len(words) and np.isfinite(numbers).all():
        return "number", numbers, ""
    times = _times(words)
    if len(words) and times.notna().all():
        return "time", times.to_numpy(), ""
    best = max((np.isfinite(numbers), times.notna().to_numpy()), key=np.sum)
    odd = str(words[int(np.argmin(best))])[:60] if len(words) else ""
    return "text", words.to_numpy(dtype=str), odd


def _times(words: pd.Series) -> pd.Series:
    """The texts as times, NaT where one is none; all NaT where they can be read in two ways."""
    nothing = pd.Series(pd.NaT, index=words.index, dtype="datetime64[ns, UTC]")
    head = words.iloc[:SAMPLE]
    forms = [form for form in DATE_FORMS if _parsed(head, form).notna().mean() >= 0.5]
    read = [_parsed(words, form) for form in forms]
    whole = [times for times in read if times.notna().all()]
    if len(whole) > 1 and any((times != whole[0]).any() for times in whole):
        return nothing
    return max(whole or read, key=lambda times: times.notna().sum(), default=nothing)


def _parsed(words: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(words, format=form, errors="coerce", utc=True)
