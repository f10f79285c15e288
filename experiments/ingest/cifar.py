"""Reads CIFAR-10 and CIFAR-100 from their pickles.

The archive is read in memory, by the names of its members; nothing is unpacked onto the disk.
Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
"""

import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.ingest.errors import DataRefused
from experiments.ingest.images import Part
from experiments.ingest.safe_pickle import LARGEST_MEMBER, read_pickle

SIDE = 32


@dataclass(frozen=True, slots=True)
class Layout:
    """What the members of an archive and the entries of its pickles are called."""

    folder: str
    training: tuple[str, ...]
    test: str
    meta: str
    labels: bytes
    names: bytes


CIFAR10 = Layout(
    "cifar-10-batches-py",
    tuple(f"data_batch_{number}" for number in range(1, 6)),
    "test_batch",
    "batches.meta",
    b"labels",
    b"label_names",
)
CIFAR100 = Layout(
    "cifar-100-python", ("train",), "test", "meta", b"fine_labels", b"fine_label_names"
)


def read_cifar(path: Path, layout: Layout) -> tuple[Part, Part, tuple[str, ...]]:
    """Training part, test part and class names of an archive. Raises DataRefused."""
    wanted = (*layout.training, layout.test, layout.meta)
    found = _members(path, {f"{layout.folder}/{name}": name for name in wanted})
    absent = [name for name in wanted if name not in found]
    if absent:
        raise DataRefused(f"{path.name} lacks {', '.join(absent)}. Download it again.")
    batches = {name: read_pickle(found[name], name) for name in wanted}
    names = _entry(batches[layout.meta], layout.names, layout.meta)
    classes = tuple(name.decode("utf-8") for name in names)
    parts = [_part(batches[name], layout, name, len(classes)) for name in layout.training]
    training = np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])
    return training, _part(batches[layout.test], layout, layout.test, len(classes)), classes


def _members(path: Path, wanted: dict[str, str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is None or member.name not in wanted or member.size > LARGEST_MEMBER:
                    continue
                found[wanted[member.name]] = stream.read()
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataRefused(
            f"{path.name} isn't a tar archive, or is damaged. Download it again."
        ) from error
    return found


def _part(batch: Any, layout: Layout, name: str, classes: int) -> Part:
    """Rows of 3,072 values, red first, as images with the channel last."""
    data = np.asarray(_entry(batch, b"data", name))
    labels = np.asarray(_entry(batch, layout.labels, name), dtype=np.int64)
    if data.dtype != np.uint8 or data.shape != (len(labels), 3 * SIDE * SIDE):
        raise DataRefused(
            f"{name} has the shape {data.shape} and type {data.dtype}. Download it again."
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise DataRefused(f"{name} has an unknown label. Download it again.")
    images = data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), labels


def _entry(batch: Any, key: bytes, name: str) -> Any:
    if not isinstance(batch, dict) or key not in batch:
        raise DataRefused(f"{name} has no entry {key.decode()}. Download it again.")
    return batch[key]
