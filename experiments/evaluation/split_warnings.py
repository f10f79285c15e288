"""Warnings about a split: leaks, ID columns, missing classes, constant targets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from experiments.evaluation.splits import Rows, Split

ALONE = -1
MOST_NAMED = 5
BALANCED = {
    "none": "Use the stratified split,",
    "groups": "Use the stratified grouped split,",
}  # the fix where a class is missing, by the current split


@dataclass(frozen=True, slots=True)
class SplitGroups:
    """What belongs together but is apart: kinds of it, and their rows in validation and in test."""

    kinds: int
    validation_rows: int
    test_rows: int


def same_rows(arrays: Sequence[npt.NDArray[Any]]) -> Rows:
    """The code of each row: that of its exact copies, or -1 where it has none.

    arrays: the inputs, n rows each. Copies are found by Python's keyed 64-bit hash of a row's bytes.
    """
    hashes = np.zeros(len(arrays[0]), dtype=np.int64)
    flat = [np.asarray(array).reshape(len(array), -1) for array in arrays]
    for row in range(len(hashes)):
        hashes[row] = hash(b"".join(array[row].tobytes() for array in flat))
    _, codes, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    return np.where(counts[codes] > 1, codes, ALONE)


def torn(codes: Rows, split: Split) -> SplitGroups:
    """What of the same code is on both sides of a part, or of the locked test rows; -1 is alone."""
    most = int(codes.max(initial=0)) + 1
    apart = np.zeros(most, dtype=bool)
    validated: list[Rows] = []
    every = np.zeros(most, dtype=bool)
    for train, validation in split.parts:
        known = _present(codes[train], most)
        every |= known | _present(codes[validation], most)
        validated.append(_known(validation, codes, known))
        apart[codes[validated[-1]]] = True
    tested = _known(split.test, codes, every)
    apart[codes[tested]] = True
    return SplitGroups(int(apart.sum()), len(np.unique(np.concatenate(validated))), len(tested))


def copies_words(found: SplitGroups) -> str:
    """About exact copies on both sides; empty where there are none."""
    said = []
    if found.validation_rows:
        said.append(_rows(found.validation_rows, "validation"))
    if found.test_rows:
        said.append(_rows(found.test_rows, "locked test"))
    if not said:
        return ""
    has = "has" if found.validation_rows + found.test_rows == 1 else "have"
    return (
        f"{' and '.join(said)} {has} an exact copy in another set of the split, so "
        "scores are too optimistic. Remove the copies, or group them."
    )


def group_words(name: str, found: SplitGroups, distinct: int) -> str:
    """About a column that looks like a group; empty where no group is torn."""
    if not found.kinds:
        return ""
    return (
        f"{found.kinds:,} of {distinct:,} values of {name} have rows in both training "
        f"and validation. If rows with the same {name} are similar, group by {name}."
    )


def class_warnings(
    labels: Rows, split: Split, names: Sequence[str], respecting: str = "none"
) -> Iterable[str]:
    """Classes that some part does not validate, or does not train on. respecting: the protocol's."""
    for side, use in ((1, "validation"), (0, "training")):
        lacking = [
            (part, int(label))
            for part, rows in enumerate(split.parts, start=1)
            for label in np.flatnonzero(np.bincount(labels[rows[side]], minlength=len(names)) == 0)
        ]
        if not lacking:
            continue
        parts = sorted({part for part, _ in lacking})
        classes = sorted({label for _, label in lacking})
        named = ", ".join(f"“{names[label]}”" for label in classes[:MOST_NAMED])
        more = f" and {len(classes) - MOST_NAMED:,} more" if len(classes) > MOST_NAMED else ""
        where = f"{len(parts)} of {len(split.parts)} folds have" if parts[1:] else "One fold has"
        yield (
            f"{where} no {use} rows of {named}{more}. "
            f"{BALANCED.get(respecting, 'Use')} fewer folds, or merge rare classes."
        )


def target_warnings(values: npt.NDArray[Any], split: Split) -> Iterable[str]:
    """Parts whose targets are all the same."""
    for part, (train, validation) in enumerate(split.parts, start=1):
        for rows, use in ((train, "training"), (validation, "validation")):
            if np.ptp(values[rows]) == 0:
                yield (
                    f"In fold {part} the target is {values[rows][0]:.6g} in every {use} "
                    "row, so nothing can be learned or compared. Use fewer folds, or "
                    "a larger share."
                )
                return


def _present(codes: Rows, most: int) -> npt.NDArray[np.bool_]:
    found = np.zeros(most, dtype=bool)
    found[codes[codes >= 0]] = True
    return found


def _known(rows: Rows, codes: Rows, known: npt.NDArray[np.bool_]) -> Rows:
    """The rows that aren't alone and whose code is known."""
    together = rows[codes[rows] >= 0]
    return together[known[codes[together]]]


def _rows(count: int, use: str) -> str:
    return f"1 {use} row" if count == 1 else f"{count:,} {use} rows"
