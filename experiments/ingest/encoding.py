"""Encodes the input columns of a table as numbers and category indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.cells import PARTS, date_of, part_of
from experiments.data_schema import Column
from experiments.ingest.columns import ColumnFacts, as_numbers, as_texts
from experiments.ingest.errors import DataRefused
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.readings import MARK_OF
from experiments.ingest.targets import TableChoice, Use, in_order

Encoded = tuple[list[Column], NDArray[np.float32], NDArray[np.int32]]


def encode(
    rows: pd.DataFrame,
    inputs: Mapping[str, Use],
    facts: Mapping[str, ColumnFacts],
    choice: TableChoice,
) -> Encoded:
    """Columns, numbers (NaN = missing) and category indices (-1 = missing) of the inputs.

    Raises DataRefused where a date's part would have the name of another column.
    """
    columns = [one for name, use in inputs.items() for one in _columns(facts[name], use, choice)]
    _check_names(columns, list(inputs))
    numeric = [column.type == "number" for column in columns]
    numbers = np.empty((len(rows), sum(numeric)), dtype=np.float32)
    categories = np.empty((len(rows), len(columns) - sum(numeric)), dtype=np.int32)
    places = {"number": iter(range(sum(numeric))), "category": iter(range(len(columns)))}
    for at, column in enumerate(columns):
        place, raw = next(places[column.type]), rows[column.source or column.name]
        if column.part:
            values = _date_part(raw, column)
        elif column.type == "number":
            values = as_numbers(raw, inputs[column.name])
        else:
            texts = as_texts(raw)
            columns[at] = replace(column, categories=in_order(set(texts.dropna())))
            values = _codes(texts, columns[at].categories)
        (numbers if column.type == "number" else categories)[:, place] = values
    return columns, numbers, categories


def _columns(facts: ColumnFacts, use: str, choice: TableChoice) -> Iterator[Column]:
    """The model's columns of one in the file: several for a date."""
    if use == "category":
        yield Column(facts.name, "category")
    elif use != "date":
        yield Column(facts.name, "number", read=MARK_OF.get(use, ""))
    else:
        reading = facts.reading("date")
        if reading is None:
            raise DataRefused(f"Column {facts.name} isn't written as dates. Choose another use.")
        for part in choice.dates.get(facts.name, reading.parts):
            names = PARTS[part]
            yield Column(
                name=f"{facts.name} ({part})",
                type="category" if names else "number",
                categories=names,
                source=facts.name,
                read=reading.form,
                part=part,
            )


def _check_names(columns: Sequence[Column], inputs: Sequence[str]) -> None:
    """A date's part needs a name that no other column has."""
    for column in columns:
        if column.source and column.name in inputs:
            raise DataRefused(
                f"Column {column.name} has the name of a part of the date {column.source}. "
                "Rename the column in the file."
            )


def _date_part(raw: pd.Series, column: Column) -> NDArray[Any]:
    places, words = pd.factorize(as_texts(raw))
    missing = -1.0 if column.categories else np.nan
    values = []
    for word in words:
        moment = date_of(str(word), column.read)
        value = None if moment is None else part_of(moment, column.part)
        if isinstance(value, str):
            value = column.categories.index(value)
        values.append(missing if value is None else value)
    return np.array([*values, missing], dtype=np.float64)[places]


def _codes(texts: pd.Series, categories: Sequence[str]) -> NDArray[Any]:
    index = {text: code for code, text in enumerate(categories)}
    codes = texts.map(index, na_action="ignore").astype("Float64")
    return codes.to_numpy(dtype=np.float64, na_value=-1)
