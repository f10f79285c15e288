"""Room: ingest (imports data_schema, numpy). Images with class labels as a prepared data set."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import DataSchema
from experiments.ingest.pictures import png_of, preview_rows
from experiments.ingest.prepared import Prepared
from experiments.ingest.profile import class_counts, class_warnings

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
        "warnings": class_warnings(y, classes) + _image_warnings(training, test),
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


def _image_warnings(training: Part, test: Part | None) -> list[dict[str, str]]:
    hashes = _row_hashes(training[0])
    seen = set(hashes)
    warnings = []
    if len(seen) < len(hashes):
        text = (
            f"{len(hashes) - len(seen):,} images are exact copies of another one. "
            "Copies on both sides of a split make scores look better than they are."
        )
        warnings.append({"kind": "duplicates", "text": text})
    shared = sum(1 for one in _row_hashes(test[0]) if one in seen) if test else 0
    if shared:
        text = f"{shared:,} images of the test part are also in the training part."
        warnings.append({"kind": "test_overlap", "text": text})
    return warnings


def _row_hashes(images: Images) -> list[bytes]:
    flat = np.ascontiguousarray(images).reshape(len(images), -1)
    return [hashlib.blake2b(row.data, digest_size=12).digest() for row in flat]
