"""Prepares a dataset from a table and a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from numpy.typing import NDArray

from experiments.data_schema import DataSchema, Target, target_file
from experiments.evaluation.row_content import Cells, content_of
from experiments.ingest.checks.columns import column_outcomes
from experiments.ingest.checks.outcome import Found, NotFound, Outcome, some, stored
from experiments.ingest.checks.repeats import table_repeats
from experiments.ingest.checks.target_leaks import leak_outcomes
from experiments.ingest.checks.targets import class_outcomes, one_hot_outcomes
from experiments.ingest.columns import (
    MOST_CATEGORIES,
    ColumnFacts,
    as_numbers,
    as_texts,
    facts_of,
)
from experiments.ingest.encoding import encode
from experiments.ingest.errors import DataRefused
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.prepared import Prepared
from experiments.ingest.split_keys import hidden_keys, split_keys
from experiments.ingest.targets import (
    LEARNT,
    TableChoice,
    Use,
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
    columns, numbers, categories = encode(rows, inputs, facts, choice)
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
    uses = {**inputs, **{target.name: "target" for target in targets}}
    profile = _profile(rows, list(facts.values()), uses, schema, learnt)
    outcomes = [
        *_left_out(int((~kept).sum()), targets, emptied),
        *leak_outcomes(schema, numbers, categories, learnt),
        *_class_outcomes(schema, learnt),
        *one_hot_outcomes(schema, schema.cells(arrays)),
        *table_repeats(numbers, categories),
        *column_outcomes(list(facts.values()), uses, len(frame)),
    ]
    profile["checks"] = stored(outcomes)
    beside = rows.drop(columns=[target.name for target in schema.more_targets])
    plain = [name for name, use in inputs.items() if use != "date"]
    keys = split_keys(beside, choice.target, plain)
    profile["split_columns"] = [each.column.to_dict() for each in keys]
    return Prepared(
        schema=schema,
        arrays=arrays,
        profile=profile,
        keys=keys,
        hidden=hidden_keys(keys, schema.inputs_by_name(arrays)),
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


def _profile(
    rows: pd.DataFrame,
    facts: list[ColumnFacts],
    uses: Mapping[str, str],
    schema: DataSchema,
    learnt: list[NDArray[Any]],
) -> dict[str, Any]:
    summaries = [
        target_summary(target, y) for target, y in zip(schema.targets, learnt, strict=True)
    ]
    read = {**uses, **{one.name: "number" for one in schema.targets if not one.classes}}
    profile: dict[str, Any] = {
        "columns": [
            {
                **one.to_dict(),
                "use": uses.get(one.name, "skip"),
                "missing": one.missing_as(read.get(one.name, "skip")),
            }
            for one in facts
        ],
        "preview": preview_of(rows),
        **summaries[0],
    }
    if len(summaries) > 1:
        names = [target.name for target in schema.more_targets]
        profile["more_targets"] = [
            {"name": name, **one} for name, one in zip(names, summaries[1:], strict=True)
        ]
    return profile


def _left_out(
    dropped: int, targets: Sequence[Target], emptied: Sequence[str]
) -> Iterator[Outcome]:
    """Rows without a target, and columns that have no value in the others."""
    either = " or ".join(target.name for target in targets)
    if not dropped:
        yield NotFound("left_out", f"every row has a value of {either}")
        return
    rows_were = some(dropped, "row was", "rows were")
    yield Found("left_out", f"{rows_were} left out: no usable value of {either}.")
    for name in emptied:
        text = f"Column {name} has no value in the remaining rows and is left out."
        yield Found("left_out", text, column=name)


def _class_outcomes(schema: DataSchema, learnt: Sequence[NDArray[Any]]) -> Iterator[Outcome]:
    for target, y in zip(schema.targets, learnt, strict=True):
        if target.classes:
            yield from class_outcomes(y, target.classes)


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
