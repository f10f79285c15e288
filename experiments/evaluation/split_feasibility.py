"""Reasons why a protocol can't be applied to a dataset, each with a fix."""

from collections.abc import Sequence

import numpy as np

from experiments.evaluation.split_columns import SplitColumn
from experiments.evaluation.splits import Rows
from experiments.search.problems import Problem

NO_SUCH_COLUMN = (
    "This dataset version has no stored columns to group or order rows by. CSV and "
    "Parquet uploads do: choose the target again to store them."
)


def column_problem(
    respecting: str, name: str, columns: Sequence[SplitColumn], wanted: int
) -> Problem | None:
    """Why rows can't be split by the column; None when they can.

    wanted: how many different groups, or times, all parts together need.
    """
    known = {column.name: column for column in columns}
    if not known:
        return Problem("respecting", NO_SUCH_COLUMN)
    if name not in known:
        listed = ", ".join(list(known)[:10])
        said = f"There is no column “{name[:60]}”." if name else "Choose a column."
        return Problem("column", f"{said} The dataset has: {listed}.")
    unfit = known[name].unfit(respecting)
    if unfit:
        return Problem("column", unfit)
    found = known[name].distinct
    if found >= wanted:
        return None
    kind = "distinct times" if respecting == "time" else "groups"
    message = (
        f"{name} has {found:,} {kind}; the split needs at least {wanted:,}. Use fewer "
        "folds, or another column."
    )
    return Problem("column", message)


def rare_classes(codes: Rows, wanted: int, names: Sequence[str]) -> str:
    """Classes with fewer rows than wanted, in words; empty: none."""
    classes, counts = np.unique(codes, return_counts=True)
    rare = [(int(c), int(k)) for c, k in zip(classes, counts, strict=True) if k < wanted]
    listed = ", ".join(f"{_named(c, names)} has {_rows(k)}" for c, k in rare[:5])
    return f"{listed}, and {len(rare) - 5} more" if len(rare) > 5 else listed


def rare_class_problem(rare: str, wanted: int, *, in_folds: bool, locked: bool) -> Problem:
    """Some classes have too few rows for every part to get one of each."""
    field, fix = ("folds", "Use fewer folds, m") if in_folds else ("respecting", "M")
    message = (
        f"Every class needs at least {wanted} rows, one for each fold{(', and one for the locked test set' if locked else '')}; "
        f"{rare}. {fix}erge rare classes, or split randomly."
    )
    return Problem(field, message)


def too_few_for_folds(folds: int, rows: int) -> list[Problem]:
    """Fewer rows than folds."""
    if rows >= folds:
        return []
    return [
        Problem(
            "folds",
            f"{_rows(rows)} are too few for {folds} folds. Use fewer folds, or more rows.",
        )
    ]


def empty_part(name: str, share: float, n: int) -> Problem:
    """A share that rounds to no row, or to all of them."""
    message = f"{share:.3g} of {_rows(n)} leaves the training, validation or test set empty."
    return Problem(name, f"{message} Change the share, or use more rows.")


def _named(code: int, names: Sequence[str]) -> str:
    return f"“{names[code]}”" if 0 <= code < len(names) else f"class {code}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
