"""Checks of targets: few rows in a class, imbalance, one-hot columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema, Names, Values
from experiments.ingest.checks.outcome import Found, NotFound, Outcome, some

FEWEST_ROWS: Final = 10  # of a class
IMBALANCE: Final = 10  # times the rows of the smallest class
MOST_WRONG: Final = 0.02  # share of the rows of each value, that aren't in one-hot form

Flags = NDArray[np.bool_]


def class_outcomes(labels: NDArray[Any], classes: Sequence[str]) -> Iterator[Outcome]:
    """Classes with few rows, and a large imbalance."""
    counts = np.bincount(labels.astype(np.int64), minlength=len(classes))
    few = [(classes[i], int(n)) for i, n in enumerate(counts) if n < FEWEST_ROWS]
    if few:
        named = ", ".join(f"{name} ({n})" for name, n in few[:5])
        rest = f" and {len(few) - 5} more" if len(few) > 5 else ""
        text = (
            f"Few rows in {some(len(few), 'class', 'classes')}: {named}{rest}. Classes with "
            f"fewer than {FEWEST_ROWS} rows can't be split and scored reliably."
        )
        yield Found("classes", text, "Add rows or remove the class.")
    elif counts.max() > IMBALANCE * counts.min():
        text = (
            f"Class {classes[int(counts.argmax())]} has "
            f"{counts.max() / counts.min():.0f} times the rows of "
            f"{classes[int(counts.argmin())]}. Accuracy alone is misleading here."
        )
        yield Found("classes", text, "Use class weights, and a metric beside accuracy.")
    else:
        yield NotFound("classes", f"{len(classes)} classes, {counts.min():,} rows or more of each")


def one_hot_outcomes(
    schema: DataSchema, cells: Mapping[str, Values | tuple[Values, Names]]
) -> Iterator[Outcome]:
    """Columns of 0 and 1 of which nearly each row has a single 1, with the target among them.

    cells: of targets and inputs by name.
    """
    binary = {name: ones for name, of in cells.items() if (ones := _ones(of)) is not None}
    group = _group(schema, binary)
    if not group:
        looked = some(len(cells), "column", "columns")
        yield NotFound("one_hot", f"{looked}, {len(binary)} of them of 0 and 1")
        return
    named = ", ".join(group[:5]) + (f" and {len(group) - 5} more" if len(group) > 5 else "")
    each = "each row" if _single([binary[name] for name in group]).all() else "nearly each row"
    yield Found(
        "one_hot",
        f"Columns {named} are one class in one-hot form: {each} has a single 1 among them, and "
        f"the target is {schema.target}. The others reveal it.",
        "Replace them by one column with the class, and choose it as the target of a "
        "classification; or leave the others out.",
        schema.target,
    )


def _ones(values: Values | tuple[Values, Names]) -> Flags | None:
    """Where a column of 0 and 1, or of false and true, is 1; None for any other."""
    if isinstance(values, tuple):
        codes, words = values
        return codes == 1 if words in (("0", "1"), ("false", "true")) else None
    known = values[~np.isnan(values)]
    whole = bool(np.isin(known, (0, 1)).all()) and len(np.unique(known)) == 2
    return values == 1 if whole else None


def _group(schema: DataSchema, binary: Mapping[str, Flags]) -> list[str]:
    """The target's one-hot columns: those of its prefix, or all that are never 1 together with it.

    One input alone that is the target's complement is left to the check for columns that reveal it.
    """
    target = schema.target
    if target not in binary:
        return []
    y = binary[target]
    prefix = target.rpartition("_")[0]
    apart = [
        name
        for name, ones in binary.items()
        if name == target or np.sum(ones & y) <= MOST_WRONG * min(ones.sum(), y.sum())
    ]
    named = [name for name in apart if prefix and name.rpartition("_")[0] == prefix]
    learnt = {one.name for one in schema.targets}
    for group in (named, apart):
        if len(group) < 2 or (len(group) == 2 and not learnt.issuperset(group)):
            continue
        single = _single([binary[name] for name in group])
        # Of both values: where a target is rarely 1, any other one-hot columns have a single 1.
        if min(single[y].mean(), single[~y].mean()) >= 1 - MOST_WRONG:
            return group
    return []


def _single(columns: Sequence[Flags]) -> Flags:
    """Rows in which one column alone is 1."""
    found: Flags = np.sum(columns, axis=0) == 1
    return found
