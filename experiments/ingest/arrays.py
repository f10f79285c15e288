"""Prepares a dataset from the arrays of an NPZ file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema, Task
from experiments.ingest.checks.outcome import stored
from experiments.ingest.checks.repeats import array_repeats
from experiments.ingest.checks.targets import class_outcomes
from experiments.ingest.columns import MOST_CATEGORIES, text_of
from experiments.ingest.errors import DataRefused
from experiments.ingest.images import prepare_images
from experiments.ingest.lazy_pandas import pd
from experiments.ingest.limits import USUAL, Limits
from experiments.ingest.npz import ArrayFacts, read_npz
from experiments.ingest.prepared import Prepared, with_validation
from experiments.ingest.tables import prepare_table
from experiments.ingest.target_profile import class_counts, number_summary
from experiments.ingest.targets import TableChoice, check_size

FEWEST_ROWS = 10
PAIRS = (
    ("x_train", "y_train"), ("x", "y"), ("X", "y"), ("X_train", "y_train"), ("images", "labels"),
    ("data", "target"), ("data", "labels"), ("inputs", "targets"), ("train_images", "train_labels"),
)  # fmt: skip
TEST_PAIRS = (("x_test", "y_test"), ("X_test", "y_test"), ("test_images", "test_labels"))
VALIDATION_PAIRS = (
    ("x_val", "y_val"), ("X_val", "y_val"), ("x_valid", "y_valid"), ("X_valid", "y_valid"),
    ("x_validation", "y_validation"), ("val_images", "val_labels"),
)  # fmt: skip
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ArrayChoice:
    """Names of the input and target arrays; of the set's own other parts too, where it has some."""

    x: str
    y: str
    task: Task
    x_test: str = ""
    y_test: str = ""
    x_validation: str = ""
    y_validation: str = ""


def guess_arrays(facts: Sequence[ArrayFacts]) -> ArrayChoice:
    """A proposal by usual names, else by size; names are empty where nothing fits."""
    known = {one.name: one for one in facts}
    x, y = next((pair for pair in PAIRS if set(pair) <= set(known)), ("", ""))
    if not x and len(facts) == 2:
        first, second = sorted(facts, key=lambda one: (-len(one.shape), -int(np.prod(one.shape))))
        x, y = first.name, second.name
    x_test, y_test = next((pair for pair in TEST_PAIRS if set(pair) <= set(known)), ("", ""))
    own = next((pair for pair in VALIDATION_PAIRS if set(pair) <= set(known)), ("", ""))
    real = bool(y) and np.dtype(known[y].dtype).kind == "f"
    return ArrayChoice(x, y, "regression" if real else "classification", x_test, y_test, *own)


def prepare_npz(path: Path, choice: ArrayChoice, limits: Limits = USUAL) -> Prepared:
    """Inputs of 2 axes become a table, 8-bit pictures an image set, all else plain arrays."""
    pairs = (
        (choice.x, choice.y),
        (choice.x_test, choice.y_test),
        (choice.x_validation, choice.y_validation),
    )
    arrays = read_npz(path, [name for pair in pairs if all(pair) for name in pair], limits)
    like = arrays[choice.x]
    x, y = _pair(arrays, choice.x, choice.y, like=like)
    test, validation = (
        _pair(arrays, *pair, like=like) if all(pair) else None for pair in pairs[1:]
    )
    if x.dtype.kind in "US":
        raise DataRefused(f"Array {choice.x} contains text. Inputs must be numbers.")
    if validation is not None:
        _check_classes(y, validation[1], choice)
        x, y = np.concatenate([x, validation[0]]), np.concatenate([y, validation[1]])
        return with_validation(_as_arrays(x, y, test, choice), len(validation[0]))
    if x.ndim == 2 and test is None and x.shape[1] <= limits.columns:
        return _as_table(x, y, choice)
    return _as_arrays(x, y, test, choice)


def _pair(
    arrays: Mapping[str, Array], x_name: str, y_name: str, *, like: Array
) -> tuple[Array, Array]:
    """Inputs and targets of one part, whose rows are `like` those of the training part."""
    x, y = arrays[x_name], _flat(arrays[y_name], y_name)
    _check_lengths(x_name, x, y_name, y)
    if x.shape[1:] != like.shape[1:]:
        raise DataRefused(f"Rows of {x_name} have another shape than the training rows.")
    if (x.dtype.kind in "US") != (like.dtype.kind in "US"):
        raise DataRefused(f"Array {x_name} has another data type than the training rows.")
    return x, y


def _check_classes(y: Array, validated: Array, choice: ArrayChoice) -> None:
    """No class may be known from the validation part alone."""
    if choice.task == "regression":
        return
    unknown = np.setdiff1d(_worded(validated), _worded(y))
    if len(unknown):
        raise DataRefused(
            f"Class {text_of(unknown[0])} appears in {choice.y_validation} only. Add "
            "training rows of this class."
        )


def _check_lengths(x_name: str, x: Array, y_name: str, y: Array) -> None:
    if x.ndim < 2:
        raise DataRefused(
            f"Array {x_name} has one axis; inputs need rows and at least one column."
        )
    if len(x) != len(y):
        raise DataRefused(
            f"Array {x_name} has {len(x):,} rows, but {y_name} has {len(y):,}. Each "
            "row needs a target."
        )
    if len(x) < FEWEST_ROWS:
        raise DataRefused(
            f"Array {x_name} has {len(x)} rows; at least {FEWEST_ROWS} are required."
        )
    if 0 in x.shape[1:]:
        raise DataRefused(f"Array {x_name} has an empty axis.")


def _flat(y: Array, name: str) -> Array:
    """One target a row: (n, 1) is flattened, one-hot rows become class numbers."""
    if y.ndim == 2 and y.shape[1] == 1:
        return y[:, 0]
    if (
        y.ndim == 2
        and y.dtype.kind in "biuf"
        and np.all((y == 0) | (y == 1))
        and np.all(y.sum(axis=1) == 1)
    ):
        flat: Array = y.argmax(axis=1)
        return flat
    if y.ndim != 1:
        raise DataRefused(f"Array {name} has the shape {y.shape}; expected one target per row.")
    return y


def _as_table(x: Array, y: Array, choice: ArrayChoice) -> Prepared:
    names = [f"feature_{position}" for position in range(1, x.shape[1] + 1)]
    frame = pd.DataFrame(x.astype(np.float64), columns=names)
    frame[choice.y] = list(y) if y.dtype.kind in "US" else y
    uses: Mapping[str, Any] = dict.fromkeys(names, "number")
    return prepare_table(frame, TableChoice(choice.y, choice.task, uses))


def _as_arrays(
    x: Array, y: Array, test: tuple[Array, Array] | None, choice: ArrayChoice
) -> Prepared:
    classes, targets, test_targets = _targets(y, test[1] if test else None, choice)
    pictures = _pictures_of(x)
    if pictures is not None and choice.task == "classification":
        own_test = (_pictures_of(test[0]), test_targets) if test else None
        return prepare_images((pictures, targets), own_test, classes=classes)  # type: ignore[arg-type]
    schema = DataSchema(
        kind="array",
        task=choice.task,
        shape=tuple(int(size) for size in x.shape[1:]),
        classes=classes,
        target=choice.y,
        rows=len(x),
        test_rows=len(test[0]) if test else 0,
    )
    profile: dict[str, Any] = {"inputs": number_summary(x.reshape(-1))}
    finite = _finite(x, choice.x)
    finite_test = _finite(test[0], choice.x_test) if test else None
    outcomes = list(array_repeats(finite, finite_test, ("row", "rows")))
    if choice.task == "classification":
        profile["class_counts"] = class_counts(targets, classes)
        outcomes += class_outcomes(targets, classes)
    else:
        profile["target"] = number_summary(targets)
    profile["checks"] = stored(outcomes)
    return Prepared(
        schema=schema,
        arrays={"x": finite, "y": targets},
        test={} if finite_test is None else {"x": finite_test, "y": test_targets},
        profile=profile,
    )


def _pictures_of(x: Array) -> Array | None:
    """(n, h, w) or (n, h, w, 1 or 3) of 8-bit pixels, with a channel axis; else None."""
    if x.dtype != np.uint8 or x.ndim not in (3, 4):
        return None
    if x.ndim == 3:
        return np.ascontiguousarray(x[..., np.newaxis])
    return np.ascontiguousarray(x) if x.shape[3] in (1, 3) else None


def _finite(x: Array, name: str) -> NDArray[np.float32]:
    converted = x.astype(np.float32)
    broken = int((~np.isfinite(converted)).sum())
    if broken:
        raise DataRefused(
            f"Array {name} has {broken:,} NaN or infinite values. Fill or remove them."
        )
    return converted


def _targets(
    y: Array, y_test: Array | None, choice: ArrayChoice
) -> tuple[tuple[str, ...], Array, Array]:
    """Class names and targets of both parts, an empty array where there is no test part."""
    if choice.task == "classification":
        return _class_targets(y, y_test, choice)
    if y.dtype.kind in "US":
        raise DataRefused(f"Array {choice.y} contains text; regression needs numbers.")
    check_size(f"Array {choice.y}", y)
    target = _finite(y, choice.y)
    if len(np.unique(target)) < 2:
        raise DataRefused(f"Array {choice.y} has a single value, so there is nothing to learn.")
    return (), target, _finite(y_test, choice.y_test) if y_test is not None else target[:0]


def _class_targets(
    y: Array, y_test: Array | None, choice: ArrayChoice
) -> tuple[tuple[str, ...], Array, Array]:
    y, y_test = _worded(y), None if y_test is None else _worded(y_test)
    found = np.unique(y)
    if len(found) < 2:
        raise DataRefused(f"Array {choice.y} has a single class; at least two are required.")
    if len(found) > MOST_CATEGORIES:
        raise DataRefused(
            f"Array {choice.y} has {len(found):,} unique values; at most "
            f"{MOST_CATEGORIES:,} classes are allowed. Choose regression."
        )
    if y.dtype.kind == "f" and not np.isfinite(found).all():
        raise DataRefused(f"Array {choice.y} has NaN or infinite targets. Fill or remove them.")
    tested = found[:0] if y_test is None else y_test
    unknown = np.setdiff1d(tested, found)
    if len(unknown):
        raise DataRefused(
            f"Class {text_of(unknown[0])} appears in {choice.y_test} only. Add "
            "training rows of this class."
        )
    return (
        tuple(text_of(value) for value in found),
        np.searchsorted(found, y).astype(np.int64),
        np.searchsorted(found, tested).astype(np.int64),
    )


def _worded(y: Array) -> Array:
    """Texts as they are shown, and floats to nine digits: equal names are one class."""
    if y.dtype.kind in "US":
        return np.array([text_of(value) for value in y])
    if y.dtype.kind == "f":
        return np.array([float(f"{value:.9g}") for value in y])
    return y
