"""One or several target columns of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import MOST_TARGETS, Target, Task
from experiments.ingest.columns import MOST_CATEGORIES, ColumnFacts, as_numbers, as_texts
from experiments.ingest.errors import DataRefused
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.readings import ReadAs
from experiments.ingest.target_profile import class_counts, number_summary

Use = Literal["number", "category", "skip", "learn_number", "learn_class", ReadAs]
LARGEST_TARGET: Final = 1e15  # squares of errors, summed over rows, must fit a float32
LEARNT: dict[str, Task] = {"learn_number": "regression", "learn_class": "classification"}


@dataclass(frozen=True, slots=True)
class TableChoice:
    """What a person picked: the target, the task and what each other column is used as.

    A column whose use is in LEARNT is another target. dates: the parts that a model gets of each
    column that is used as a date; one not named gives all that its texts tell.
    """

    target: str
    task: Task
    uses: Mapping[str, Use] = field(default_factory=dict)  # a column not named: as proposed
    dates: Mapping[str, Sequence[str]] = field(default_factory=dict)


def targets_of(
    frame: pd.DataFrame, facts: Mapping[str, ColumnFacts], choice: TableChoice
) -> tuple[list[Target], list[NDArray[Any]], NDArray[np.bool_]]:
    """Targets and their values, the main one first, in the rows that have a value of each."""
    tasks = learnt_of(choice, [str(column) for column in frame.columns])
    for name, task in tasks.items():
        check_target(facts[name], task)
        if task == "regression":
            check_size(f"Column {name}", as_numbers(frame[name], facts[name].number_use))
    kept = np.ones(len(frame), dtype=bool)
    for name, task in tasks.items():
        kept &= _target(frame[name], task, facts[name])[2]
    if not kept.any():
        raise DataRefused(f"No row has a value for every target ({', '.join(tasks)}).")
    found = {
        name: _target(frame.loc[kept, name], task, facts[name]) for name, task in tasks.items()
    }
    for name, (y, _, _) in found.items():
        if len(np.unique(y)) < 2:
            raise DataRefused(_one_value(name, tasks[name], " in the remaining rows"))
    targets = [Target(name, tasks[name], classes) for name, (_, classes, _) in found.items()]
    return targets, [y for y, _, _ in found.values()], kept


def learnt_of(choice: TableChoice, names: Sequence[str]) -> dict[str, Task]:
    """The task of each target by its column's name, the main target first. Raises DataRefused."""
    others = {name: LEARNT[use] for name, use in choice.uses.items() if use in LEARNT}
    tasks = {choice.target: choice.task}
    tasks |= {name: others[name] for name in names if name in others and name != choice.target}
    if len(tasks) > MOST_TARGETS:
        raise DataRefused(f"{len(tasks)} targets are chosen; at most {MOST_TARGETS} are allowed.")
    return tasks


def _target(
    column: pd.Series, task: Task, facts: ColumnFacts
) -> tuple[NDArray[Any], tuple[str, ...], NDArray[np.bool_]]:
    if task == "regression":
        numbers = as_numbers(column, facts.number_use)
        kept = np.isfinite(numbers)
        return numbers[kept].astype(np.float32), (), kept
    texts = as_texts(column)
    kept = texts.notna().to_numpy(dtype=bool)
    classes = in_order(set(texts[kept]))
    index = {name: position for position, name in enumerate(classes)}
    return texts[kept].map(index).to_numpy(dtype=np.int64), classes, kept


def check_target(facts: ColumnFacts, task: Task) -> None:
    """Raise DataRefused where the column can't be the target of the task."""
    name = facts.name
    if facts.holds == "empty":
        raise DataRefused(f"Column {name} is empty. Fill it, or choose another target.")
    if facts.unique < 2:
        raise DataRefused(_one_value(name, task))
    if task == "regression" and not facts.number_use:
        where = f" (line {facts.odd_line}: “{facts.odd_text}”)" if facts.odd_line else ""
        raise DataRefused(
            f"Column {name} contains text{where}; regression needs numbers. Choose "
            "classification, or correct the cells and upload again."
        )
    if task == "classification" and facts.unique > MOST_CATEGORIES:
        raise DataRefused(
            f"Column {name} has {facts.unique:,} unique values; at most "
            f"{MOST_CATEGORIES:,} classes are allowed. Choose regression or another "
            "target."
        )


def check_size(what: str, numbers: NDArray[Any]) -> None:
    """Raise DataRefused where errors of such targets can't be squared and summed. what: “Column y”."""
    finite = np.abs(numbers[np.isfinite(numbers)])
    if finite.size and finite.max() > LARGEST_TARGET:
        raise DataRefused(
            f"{what} has values up to {finite.max():.3g}, whose squared errors are too "
            "large to train on. Use a larger unit, so that values stay below "
            f"{LARGEST_TARGET:.0e}."
        )


def _one_value(name: str, task: Task, where: str = "") -> str:
    missing = "of a second class" if task == "classification" else "with other numbers"
    return (
        f"Column {name} has a single value{where}, so there is nothing to learn. "
        f"Choose another target, or add rows {missing}."
    )


def in_order(texts: set[str]) -> tuple[str, ...]:
    """Numbers by size, else alphabetically: the same order whatever the order of the rows."""
    try:
        return tuple(sorted(texts, key=lambda text: (float(text), text)))
    except ValueError:
        return tuple(sorted(texts))


def target_summary(target: Target, y: NDArray[Any]) -> dict[str, Any]:
    """What a page shows of a target: rows by class, or the spread of its numbers."""
    if target.task == "classification":
        return {"class_counts": class_counts(y, target.classes)}
    return {"target": number_summary(y)}
