"""Prepares a dataset from a table and a target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import (
    Column,
    DataSchema,
    target_file,
)
from experiments.evaluation.row_content import Cells, content_of
from experiments.ingest.columns import (
    MOST_CATEGORIES,
    ColumnFacts,
    as_numbers,
    as_texts,
    facts_of,
)
from experiments.ingest.errors import DataRefused
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.prepared import Prepared
from experiments.ingest.split_keys import hidden_keys, split_keys
from experiments.ingest.target_profile import class_warnings
from experiments.ingest.targets import (
    LEARNT,
    TableChoice,
    Use,
    in_order,
    target_summary,
    targets_of,
)

PREVIEW_ROWS = 20
PREVIEW_COLUMNS = 60


def prepare_table(
    frame: pd.DataFrame, choice: TableChoice, lines: NDArray[Any] | None = None
) -> Prepared:
    """Numbers as float32 with NaN = missing, categories as int32 with -1 = missing, and the target."""
    facts = {one.name: one for one in facts_of(frame, lines)}
    if choice.target not in facts:
        raise DataRefused(f"There is no column named {choice.target}.")
    targets, learnt, kept = targets_of(frame, facts, choice)
    rows = frame if kept.all() else frame.loc[kept]
    inputs, emptied = _inputs(frame, facts, choice), []
    if not kept.all():
        emptied = [name for name in inputs if not rows[name].notna().any()]
        inputs = {name: use for name, use in inputs.items() if name not in emptied}
        _check_some(inputs)
    columns, numbers, categories = _encode(rows, inputs)
    schema = DataSchema(
        kind="table",
        task=choice.task,
        shape=(numbers.shape[1], categories.shape[1]),
        classes=targets[0].classes,
        target=choice.target,
        columns=tuple(columns),
        rows=len(rows),
        more_targets=tuple(targets[1:]),
    )
    arrays = {target_file(position): y for position, y in enumerate(learnt)}
    if numbers.shape[1]:
        arrays["numbers"] = numbers
    if categories.shape[1]:
        arrays["categories"] = categories
    profile = _profile(rows, list(facts.values()), inputs, schema, learnt)
    if not kept.all():
        dropped = int((~kept).sum())
        rows_were = "1 row was" if dropped == 1 else f"{dropped:,} rows were"
        either = " or ".join(target.name for target in targets)
        text = f"{rows_were} left out: no usable value of {either}."
        profile["warnings"].insert(0, {"kind": "target_missing", "text": text})
        for name in emptied:
            text = f"Column {name} has no value in the remaining rows and is left out."
            profile["warnings"].append({"kind": "column", "column": name, "text": text})
    beside = rows.drop(columns=[target.name for target in schema.more_targets])
    keys = split_keys(beside, choice.target, list(inputs))
    profile["split_columns"] = [each.column.to_dict() for each in keys]
    by_name: dict[str, NDArray[Any]] = {
        one.name: numbers[:, at] for at, one in enumerate(schema.numbers)
    }
    by_name |= {one.name: categories[:, at] for at, one in enumerate(schema.categories)}
    return Prepared(
        schema=schema,
        arrays=arrays,
        profile=profile,
        keys=keys,
        hidden=hidden_keys(keys, by_name),
        content=content_of({str(name): _cells(rows[name]) for name in rows.columns}),
    )


def _cells(column: pd.Series) -> Cells:
    """As `content_of` takes them, of every uploaded column, whatever it is used for."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return as_numbers(column)
    codes, words = pd.factorize(as_texts(column))
    return codes, [str(word) for word in words]


def check_input(facts: ColumnFacts, use: str) -> None:
    """Raise DataRefused where the column can't be used as a number, or as a category."""
    name = facts.name
    if facts.holds == "empty":
        raise DataRefused(f"Column {name} is empty. Leave it out.")
    if use == "category" and facts.unique > MOST_CATEGORIES:
        raise DataRefused(
            f"Column {name} has {facts.unique:,} unique values; a category column can "
            f"have at most {MOST_CATEGORIES:,}. Leave it out."
        )


def _inputs(
    frame: pd.DataFrame, facts: Mapping[str, ColumnFacts], choice: TableChoice
) -> dict[str, Use]:
    inputs: dict[str, Use] = {}
    for name in (str(column) for column in frame.columns):
        use = choice.uses.get(name, facts[name].use or "skip")
        if name == choice.target or use == "skip" or use in LEARNT:
            continue
        check_input(facts[name], use)
        inputs[name] = cast(Use, use)
    _check_some(inputs)
    return inputs


def _check_some(inputs: Mapping[str, Use]) -> None:
    if not inputs:
        raise DataRefused("No input column is left. Use at least one column besides the target.")


def _encode(
    rows: pd.DataFrame, inputs: Mapping[str, Use]
) -> tuple[list[Column], NDArray[np.float32], NDArray[np.int32]]:
    columns: list[Column] = []
    number_names = [name for name, use in inputs.items() if use == "number"]
    category_names = [name for name, use in inputs.items() if use == "category"]
    numbers = np.empty((len(rows), len(number_names)), dtype=np.float32)
    categories = np.empty((len(rows), len(category_names)), dtype=np.int32)
    for position, name in enumerate(number_names):
        numbers[:, position] = as_numbers(rows[name]).astype(np.float32)
    coded: dict[str, tuple[str, ...]] = {}
    for position, name in enumerate(category_names):
        texts = as_texts(rows[name])
        coded[name] = in_order(set(texts.dropna()))
        index = {text: code for code, text in enumerate(coded[name])}
        codes = texts.map(index, na_action="ignore").astype("Float64")
        categories[:, position] = codes.to_numpy(dtype=np.float64, na_value=-1).astype(np.int32)
    for name, use in inputs.items():
        if use == "number":
            columns.append(Column(name, "number"))
        else:
            columns.append(Column(name, "category", coded[name]))
    return columns, numbers, categories


def _profile(
    rows: pd.DataFrame,
    facts: list[ColumnFacts],
    inputs: Mapping[str, Use],
    schema: DataSchema,
    learnt: list[NDArray[Any]],
) -> dict[str, Any]:
    targets = {target.name for target in schema.targets}
    warnings = table_warnings(rows, [one for one in facts if one.name not in targets])
    profile: dict[str, Any] = {
        "columns": [
            {
                **one.to_dict(),
                "use": "target" if one.name in targets else inputs.get(one.name, "skip"),
            }
            for one in facts
        ],
        "preview": preview_of(rows),
    }
    summaries = [
        target_summary(target, y) for target, y in zip(schema.targets, learnt, strict=True)
    ]
    for target, y in zip(schema.targets, learnt, strict=True):
        if target.task == "classification":
            warnings = class_warnings(y, target.classes) + warnings
    profile |= {**summaries[0], "warnings": warnings}
    if len(summaries) > 1:
        names = [target.name for target in schema.more_targets]
        profile["more_targets"] = [
            {"name": name, **one} for name, one in zip(names, summaries[1:], strict=True)
        ]
    return profile


def preview_of(frame: pd.DataFrame) -> dict[str, Any]:
    """The first 20 rows of the first 60 columns as texts."""
    head = frame.iloc[:PREVIEW_ROWS, :PREVIEW_COLUMNS]
    cells = [as_texts(head[name]).tolist() for name in head.columns]
    rows = [
        ["" if pd.isna(cell) else str(cell)[:80] for cell in row]
        for row in zip(*cells, strict=True)
    ]
    return {
        "columns": [str(name) for name in head.columns],
        "rows": rows,
        "more_columns": max(0, frame.shape[1] - PREVIEW_COLUMNS),
    }


def table_warnings(frame: pd.DataFrame, facts: list[ColumnFacts]) -> list[dict[str, str]]:
    """Duplicate rows, id-like and constant columns, columns that are mostly missing."""
    warnings: list[dict[str, str]] = []
    duplicates = int(frame.duplicated().sum())
    if duplicates:
        text = (
            f"{duplicates:,} {('row repeats' if duplicates == 1 else 'rows repeat')} "
            "an earlier one. Copies in both training and validation make scores too "
            "optimistic."
        )
        warnings.append({"kind": "duplicates", "text": text})
    for one in facts:
        text = _column_warning(one, len(frame))
        if text:
            warnings.append({"kind": "column", "column": one.name, "text": text})
    return warnings


def _column_warning(facts: ColumnFacts, rows: int) -> str:
    if facts.holds == "empty":
        return f"Column {facts.name} is empty and is left out."
    if "constant" in facts.flags:
        return f"Column {facts.name} has a single value, so it can't help a model."
    if facts.holds == "text":
        return f"Column {facts.name} has nearly as many unique texts as rows and is left out."
    if "id" in facts.flags:
        return f"Column {facts.name} looks like an ID column: every row has another value."
    if facts.missing > 0.5 * rows:
        return f"Column {facts.name} is missing in {facts.missing / rows:.0%} of the rows."
    return ""
