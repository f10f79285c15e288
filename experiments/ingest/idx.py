"""Reads the idx format of MNIST."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.ingest.errors import DataRefused

UNSIGNED_BYTE = 0x08


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An idx file of unsigned bytes, plain or gzipped."""
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] != UNSIGNED_BYTE:
        raise DataRefused(f"{path.name} isn't an idx file of unsigned bytes. Download it again.")
    axes = raw[3]
    sizes: NDArray[Any] = np.frombuffer(raw, ">u4", count=axes, offset=4)
    start = 4 + 4 * axes
    if len(raw) - start != int(np.prod(sizes.astype(np.int64))):
        raise DataRefused(f"{path.name} is truncated or too long. Download it again.")
    return np.frombuffer(raw, np.uint8, offset=start).reshape([int(size) for size in sizes])
