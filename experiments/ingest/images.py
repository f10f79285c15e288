"""Prepares a dataset from image arrays with class labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema
from experiments.ingest.image_previews import png_of, preview_rows
from experiments.ingest.prepared import Prepared
from experiments.ingest.target_profile import class_counts, class_warnings, repeats_of

Images = NDArray[np.uint8]
Part = tuple[Images, NDArray[np.int64]]


def prepare_images(
    training: Part, test: Part | None, *, classes: tuple[str, ...], scale: float = 255.0
) -> Prepared:
    """Images (n, height, width, channels) uint8 and class indices; `test` is the set's own test part."""
    x, y = training
    schema = DataSchema(
        kind="image",
        task="classification",
        shape=tuple(int(size) for size in x.shape[1:]),
        scale=scale,
        classes=classes,
        target="class",
        rows=len(x),
        test_rows=len(test[0]) if test else 0,
    )
    rows = preview_rows(y, len(classes))
    pictures = {f"{index}.png": png_of(x[row], scale) for index, row in enumerate(rows)}
    profile: dict[str, Any] = {
        "class_counts": class_counts(y, classes),
        "preview": {
            "images": [
                {"file": f"{index}.png", "row": row, "label": classes[int(y[row])]}
                for index, row in enumerate(rows)
            ]
        },
        "warnings": class_warnings(y, classes)
        + repeats_of("images", x, test[0] if test else None),
    }
    if test:
        profile["test_class_counts"] = class_counts(test[1], classes)
    return Prepared(
        schema=schema,
        arrays={"x": x, "y": y},
        test={"x": test[0], "y": test[1]} if test else {},
        profile=profile,
        pictures=pictures,
    )
