"""Profile of the targets: counts and spread."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def class_counts(labels: NDArray[Any], classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of each class, in the order of the class index."""
    counts = np.bincount(labels.astype(np.int64), minlength=len(classes))
    return [
        {"name": name, "count": int(count)} for name, count in zip(classes, counts, strict=True)
    ]


def class_parts(
    labels: NDArray[Any], test: NDArray[Any] | None, classes: tuple[str, ...]
) -> dict[str, Any]:
    """Rows of each class in the training part and, where there is one, in the test part."""
    found = {"class_counts": class_counts(labels, classes)}
    return found if test is None else found | {"test_class_counts": class_counts(test, classes)}


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
