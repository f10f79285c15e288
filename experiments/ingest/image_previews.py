"""PNG previews of image rows."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SHOWN = 20
SIDE = 96


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
