"""Unpickles plain values and numpy arrays only.

CIFAR's batches and the word lists of IMDB and Reuters are pickles. Python's own unpickler would
call whatever such a file names; this one knows three names of numpy.
"""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy._core.multiarray import _reconstruct  # what numpy itself writes into a pickle
from numpy.lib import format as npy

from experiments.ingest.archives import UNREADABLE
from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import MB

LARGEST_MEMBER = 512 * MB
KNOWN: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
}
BROKEN = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, KeyError, TypeError,
    ValueError, UnicodeDecodeError, MemoryError, OverflowError,
)  # fmt: skip


class _Unpickler(pickle.Unpickler):
    """Admits numpy arrays beside lists, dicts, texts and numbers."""

    def find_class(self, module: str, name: str) -> Any:
        """One of the known names. Raises UnpicklingError for every other."""
        if (module, name) not in KNOWN:
            raise pickle.UnpicklingError(f"it contains {module}.{name}, which isn't plain data")
        return KNOWN[module, name]

    def persistent_load(self, pid: Any) -> Any:
        """Refuse references to objects outside."""
        raise pickle.UnpicklingError("it refers to external objects")


def read_pickle(content: bytes, name: str) -> Any:
    """Plain values and numpy arrays of a pickle; texts of Python 2 are bytes. Raises DataRefused."""
    try:
        return _Unpickler(io.BytesIO(content), encoding="bytes").load()
    except BROKEN as error:
        words = str(error) or type(error).__name__
        raise DataRefused(f"{name} can't be read safely: {words}. Download it again.") from error


def read_object_npz(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Arrays of an NPZ file by name, those of Python objects too. Raises DataRefused."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.file_size > LARGEST_MEMBER:
                    raise DataRefused(f"{path.name}: {entry.filename} is too large.")
                name = entry.filename.removesuffix(".npy")
                arrays[name] = _read_npy(archive.read(entry), f"{path.name}: {entry.filename}")
    except UNREADABLE as error:
        raise DataRefused(
            f"{path.name} isn't an NPZ file, or is damaged. Download it again."
        ) from error
    return arrays


def _read_npy(content: bytes, name: str) -> np.ndarray[Any, Any]:
    stream = io.BytesIO(content)
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    _, _, dtype = read(stream)
    if not dtype.hasobject:
        return np.asarray(np.load(io.BytesIO(content), allow_pickle=False))
    array = read_pickle(content[stream.tell() :], name)
    if not isinstance(array, np.ndarray):
        raise DataRefused(f"{name} contains no array. Download it again.")
    return array
