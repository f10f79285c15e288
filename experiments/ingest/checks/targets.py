"""Checks of targets: few rows in a class, imbalance, one-hot columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import Target
from experiments.ingest.checks.outcome import Found, NotFound, Outcome, some

FEWEST_ROWS: Final = 10  # of a class
IMBALANCE: Final = 10  # times the rows of the smallest class


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
    targets: Mapping[str, NDArray[Any]], others: Mapping[str, NDArray[Any]], main: Target
) -> Iterator[Outcome]:
    """Columns of 0 and 1 of which each row has a single 1, with a target among them.

    targets, others: values by column name, of targets and of inputs.
    """
    binary = {name: values for name, values in {**targets, **others}.items() if _is_binary(values)}
    group = _group(main.name, binary)
    if not group:
        looked = some(len(targets) + len(others), "column", "columns")
        yield NotFound("one_hot", f"{looked}, {len(binary)} of them of 0 and 1")
        return
    named = ", ".join(group[:5]) + (f" and {len(group) - 5} more" if len(group) > 5 else "")
    yield Found(
        "one_hot",
        f"Columns {named} are one class in one-hot form: each row has a single 1 among them, and "
        f"the target is {main.name}. The others reveal it.",
        "Replace them by one column with the class, and choose it as the target of a classification.",
        main.name,
    )


def _is_binary(values: NDArray[Any]) -> bool:
    return bool(np.isin(values, (0, 1)).all()) and 0 < values.mean() < 1


def _group(target: str, binary: Mapping[str, NDArray[Any]]) -> list[str]:
    """The target's one-hot columns: those of its prefix, or all that are never 1 together with it."""
    if target not in binary:
        return []
    prefix = target.rpartition("_")[0]
    apart = [
        name
        for name, values in binary.items()
        if name == target or not np.any((values == 1) & (binary[target] == 1))
    ]
    named = [name for name in apart if prefix and name.rpartition("_")[0] == prefix]
    for group in (apart, named):
        if len(group) > 1 and bool(np.all(np.sum([binary[name] for name in group], axis=0) == 1)):
            return group
    return []
