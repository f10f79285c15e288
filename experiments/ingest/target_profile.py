"""Profile of the targets: counts, spread and warnings."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW_ROWS = 10


def class_counts(labels: NDArray[Any], classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of each class, in the order of the class index."""
    counts = np.bincount(labels.astype(np.int64), minlength=len(classes))
    return [
        {"name": name, "count": int(count)} for name, count in zip(classes, counts, strict=True)
    ]


def class_warnings(labels: NDArray[Any], classes: tuple[str, ...]) -> list[dict[str, str]]:
    """Classes with few rows, and a large imbalance."""
    counts = np.bincount(labels.astype(np.int64), minlength=len(classes))
    few = [(classes[i], int(n)) for i, n in enumerate(counts) if n < FEW_ROWS]
    warnings = []
    if few:
        named = ", ".join(f"{name} ({n})" for name, n in few[:5])
        rest = f" and {len(few) - 5} more" if len(few) > 5 else ""
        text = (
            f"Few rows in {_some(len(few), 'class', 'classes')}: {named}{rest}. "
            f"Classes with fewer than {FEW_ROWS} rows can't be split and scored "
            "reliably. Add rows or remove the class."
        )
        warnings.append({"kind": "few_rows", "text": text})
    elif counts.max() > 10 * counts.min():
        text = (
            f"Class {classes[int(counts.argmax())]} has "
            f"{counts.max() / counts.min():.0f} times the rows of "
            f"{classes[int(counts.argmin())]}. Accuracy alone is misleading here; use "
            "class weights."
        )
        warnings.append({"kind": "imbalance", "text": text})
    return warnings


def class_profile(
    what: str,
    training: tuple[NDArray[Any], NDArray[Any]],
    test: tuple[NDArray[Any], NDArray[Any]] | None,
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Counts and warnings of rows with class indices. what: the rows in words, such as "images"."""
    x, y = training
    found: dict[str, Any] = {
        "class_counts": class_counts(y, classes),
        "warnings": class_warnings(y, classes) + repeats_of(what, x, test[0] if test else None),
    }
    return found | {"test_class_counts": class_counts(test[1], classes)} if test else found


def number_summary(values: NDArray[Any]) -> dict[str, Any]:
    """Range, mean, spread and a 20-bin histogram of finite values; NaN counts as missing."""
    present = values[np.isfinite(values)].astype(np.float64)
    summary: dict[str, Any] = {"missing": int(len(values) - len(present))}
    if not len(present):
        return summary
    heights, edges = np.histogram(present, bins=20)
    summary.update(
        min=float(present.min()),
        max=float(present.max()),
        mean=float(present.mean()),
        std=float(present.std()),
        bins=[int(height) for height in heights],
        edges=[float(edges[0]), float(edges[-1])],
    )
    return summary


def repeats_of(what: str, rows: NDArray[Any], test: NDArray[Any] | None) -> list[dict[str, str]]:
    """Exact copies among the rows, and rows of the test part that are training rows too."""
    hashes = _row_hashes(rows)
    seen = set(hashes)
    warnings = []
    if len(seen) < len(hashes):
        text = (
            f"{len(hashes) - len(seen):,} {what} are exact copies of others. Copies in "
            "both training and validation make scores too optimistic."
        )
        warnings.append({"kind": "duplicates", "text": text})
    shared = 0 if test is None else sum(one in seen for one in _row_hashes(test))
    if shared:
        text = f"{shared:,} {what} of the test set are also in the training set."
        warnings.append({"kind": "test_overlap", "text": text})
    return warnings


def _row_hashes(rows: NDArray[Any]) -> list[bytes]:
    flat = np.ascontiguousarray(rows).reshape(len(rows), -1)
    return [hashlib.blake2b(row.data, digest_size=12).digest() for row in flat]


def _some(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count} {many}"
