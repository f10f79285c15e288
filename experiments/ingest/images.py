"""Prepares a dataset from image arrays with class labels, and draws its previews."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from experiments.data_schema import DataSchema
from experiments.ingest.checks.outcome import stored
from experiments.ingest.checks.repeats import array_repeats
from experiments.ingest.checks.targets import class_outcomes
from experiments.ingest.prepared import Prepared
from experiments.ingest.target_profile import class_parts

Images = NDArray[np.uint8]
Part = tuple[Images, NDArray[np.int64]]
SHOWN = 20
SIDE = 96


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
    outcomes = [
        *class_outcomes(y, classes),
        *array_repeats(x, test[0] if test else None, ("image", "images")),
    ]
    profile = class_parts(y, test[1] if test else None, classes) | {
        "checks": stored(outcomes),
        "preview": {
            "images": [
                {"file": f"{index}.png", "row": row, "label": classes[int(y[row])]}
                for index, row in enumerate(rows)
            ]
        },
    }
    return Prepared(
        schema=schema,
        arrays={"x": x, "y": y},
        test={"x": test[0], "y": test[1]} if test else {},
        profile=profile,
        pictures=pictures,
    )


def preview_rows(labels: NDArray[Any], classes: int) -> list[int]:
    """Up to 20 row numbers, taking the classes in turn so that each is seen."""
    by_class = [np.flatnonzero(labels == index)[:SHOWN] for index in range(min(classes, SHOWN))]
    chosen: list[int] = []
    for turn in range(SHOWN):
        chosen.extend(int(rows[turn]) for rows in by_class if turn < len(rows))
        if len(chosen) >= SHOWN:
            break
    return chosen[:SHOWN] or list(range(min(SHOWN, len(labels))))


def png_of(row: NDArray[Any], scale: float) -> bytes:
    """One image row (height, width, channels) as a PNG of at most 96 pixels a side."""
    bright = np.clip(row.astype(np.float32) * (255.0 / scale), 0, 255).astype(np.uint8)
    image = Image.fromarray(bright[:, :, 0] if bright.shape[2] == 1 else bright)
    longest = max(image.size)
    if longest < SIDE:  # small images keep hard pixel edges
        factor = SIDE // longest
        image = image.resize(
            (image.width * factor, image.height * factor), Image.Resampling.NEAREST
        )
    else:
        image.thumbnail((SIDE, SIDE))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
