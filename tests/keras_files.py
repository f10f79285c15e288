"""Small files in the formats of Keras's datasets, with checksums of their own."""

import dataclasses
import gzip
import hashlib
import io
import json
import pickle
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.ingest.download_sources import ORIGINS

IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


class OldPickler(pickle._Pickler):
    """Writes bytes as Python 2 wrote its texts: what CIFAR's batches hold."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_text(self, text: bytes) -> None:
        self.write(b"T" + struct.pack("<i", len(text)) + text)
        self.memoize(text)

    dispatch[bytes] = save_text


def old_pickle(value: Any) -> bytes:
    """A pickle of protocol 2 by Python 2 and an early numpy."""
    stream = io.BytesIO()
    OldPickler(stream, protocol=2).dump(value)
    return stream.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def put(monkeypatch: Any, key: str, cache: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into Keras's cache, and expect their checksums of the origins."""
    origins = []
    for origin in ORIGINS[key]:
        content = contents[origin.file]
        path = cache / origin.cached[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        origins.append(expecting(origin, content))
    monkeypatch.setitem(ORIGINS, key, tuple(origins))


def expecting(origin: Any, content: bytes, **changes: Any) -> Any:
    """The origin of other content."""
    digest = hashlib.new(origin.algorithm, content).hexdigest()
    return dataclasses.replace(origin, digest=digest, bytes=len(content), **changes)


def tarred(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def cifar_batch(labels: list[int], names: bytes = b"labels") -> bytes:
    rng = np.random.default_rng(len(labels))
    data = rng.integers(0, 256, (len(labels), 3072), dtype=np.uint8)
    data[:, :1024], data[:, 1024:2048], data[:, 2048:] = 10, 20, 30  # red, green, blue
    return old_pickle({b"batch_label": b"a batch", names: labels, b"data": data})


def cifar10() -> dict[str, bytes]:
    """Five batches of four images, and a test batch of ten."""
    names = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog", b"frog", b"horse"]
    files = {f"data_batch_{n}": cifar_batch([n, n + 1, n + 2, 9]) for n in range(1, 6)}
    files["test_batch"] = cifar_batch(list(range(10)))
    files["batches.meta"] = old_pickle({b"label_names": [*names, b"ship", b"truck"]})
    return {
        "cifar-10-python.tar.gz": tarred(
            {f"cifar-10-batches-py/{name}": content for name, content in files.items()}
        )
    }


def cifar100() -> dict[str, bytes]:
    """Twelve training images and three test images of three classes."""
    files = {
        "train": cifar_batch([0, 1, 2] * 4, b"fine_labels"),
        "test": cifar_batch([2, 1, 0], b"fine_labels"),
        "meta": old_pickle({b"fine_label_names": [b"apple", b"bear", b"clock"]}),
    }
    return {
        "cifar-100-python.tar.gz": tarred(
            {f"cifar-100-python/{name}": content for name, content in files.items()}
        )
    }


def lists(*texts: list[int]) -> np.ndarray:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def word_index(*words: str) -> bytes:
    return json.dumps({word: rank for rank, word in enumerate(words, start=1)}).encode()


def saved(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=True, **arrays)
    return stream.getvalue()


def imdb() -> dict[str, bytes]:
    """Eight reviews to train on and four to test."""
    texts = [[1, 2, 3, n] for n in range(4, 12)]
    archive = saved(
        x_train=lists(*texts),
        y_train=np.arange(8) % 2,
        x_test=lists([1], [2, 2], [20_000, 1], list(range(1, 400))),
        y_test=np.array([0, 1, 1, 0]),
    )
    index = word_index("the", "and", "film", *(f"word{n}" for n in range(20)))
    return {"imdb.npz": archive, "imdb_word_index.json": index}


def reuters() -> dict[str, bytes]:
    """Thirty newswires of three topics."""
    archive = saved(x=lists(*([n + 1, 2] for n in range(30))), y=np.arange(30) % 3)
    return {"reuters.npz": archive, "reuters_word_index.json": word_index("the", "oil")}


def california_housing() -> dict[str, bytes]:
    """Forty blocks."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 8)).astype("float32")
    return {"california_housing.npz": saved(x=x, y=rng.uniform(15e3, 5e5, 40).astype("float32"))}


def mnist() -> dict[str, bytes]:
    """Thirty images to train on and ten to test."""
    rng = np.random.default_rng(1)
    archive = saved(
        x_train=rng.integers(0, 256, (30, 28, 28), dtype=np.uint8),
        y_train=np.arange(30, dtype=np.uint8) % 10,
        x_test=rng.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        y_test=np.arange(10, dtype=np.uint8),
    )
    return {"mnist.npz": archive}


def fashion_mnist() -> dict[str, bytes]:
    """Twenty images to train on and ten to test, as idx files."""
    rng = np.random.default_rng(2)
    arrays = (
        rng.integers(0, 256, (20, 28, 28), dtype=np.uint8),
        np.arange(20, dtype=np.uint8) % 10,
        rng.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        np.arange(10, dtype=np.uint8),
    )
    return {
        f"{name}.gz": gzip.compress(idx(array))
        for name, array in zip(IDX_FILES, arrays, strict=True)
    }


def idx(array: np.ndarray) -> bytes:
    """An idx file of unsigned bytes."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()
