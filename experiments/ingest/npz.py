"""Reads NPZ files: headers first, never pickles."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from experiments.ingest.archives import UNREADABLE, open_archive, read_member
from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import MB, USUAL, Limits

LONGEST_HEADER = 10_000
KINDS = "biufUS"  # booleans, whole numbers, floats, texts


@dataclass(frozen=True, slots=True)
class ArrayFacts:
    """Name, shape and type of one array."""

    name: str
    shape: tuple[int, ...]
    dtype: str


def inspect_npz(path: Path, limits: Limits = USUAL) -> list[ArrayFacts]:
    """The arrays by their headers alone. Raises DataRefused for objects and for too large ones."""
    _check_magic(path)
    with open_archive(path, limits) as archive:
        facts = [_header(archive, entry, limits) for entry in archive.infolist()]
    total = sum(int(np.prod(one.shape)) * np.dtype(one.dtype).itemsize for one in facts)
    if total > limits.inflated_bytes:
        raise DataRefused(
            f"The arrays take {total / MB:,.0f} MB; at most "
            f"{limits.inflated_bytes // MB:,} MB are allowed."
        )
    return facts


def read_npz(path: Path, names: list[str], limits: Limits = USUAL) -> Mapping[str, NDArray[Any]]:
    """The named arrays, after the same checks."""
    known = {one.name for one in inspect_npz(path, limits)}
    for name in names:
        if name not in known:
            raise DataRefused(f"The file has no array named {name}.")
    with open_archive(path, limits) as archive:
        return {name: _array(archive, name) for name in names}


def _check_magic(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(8)
    if start[:6] == npy.MAGIC_PREFIX:
        raise DataRefused("This is a single .npy array. Save inputs and targets with np.savez.")
    if start[:2] != b"PK":
        raise DataRefused("Not an NPZ file. Save it with np.savez(path, x=…, y=…).")


def _header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> ArrayFacts:
    name = entry.filename.removesuffix(".npy")
    if not entry.filename.endswith(".npy") or "/" in entry.filename:
        raise DataRefused(f"{entry.filename} isn't an array. Save the file with np.savez.")
    try:
        with archive.open(entry) as stream:
            version = npy.read_magic(stream)
            if version == (1, 0):
                read = npy.read_array_header_1_0
            elif version == (2, 0):
                read = npy.read_array_header_2_0
            else:
                raise DataRefused(f"Array {name} has an unknown format version.")
            shape, _, dtype = read(stream, max_header_size=LONGEST_HEADER)
            stored = entry.file_size - stream.tell()
    except UNREADABLE as error:
        raise DataRefused(f"The header of array {name} can't be read. Save it again.") from error
    _check_array(name, shape, dtype, stored, limits)
    return ArrayFacts(name, tuple(int(size) for size in shape), dtype.str)


def _check_array(
    name: str, shape: tuple[int, ...], dtype: Any, stored: int, limits: Limits
) -> None:
    if dtype.hasobject:
        raise DataRefused(
            f"Array {name} contains Python objects, which are never loaded. Save it as "
            "numbers or text."
        )
    if dtype.kind not in KINDS:
        raise DataRefused(
            f"Array {name} has the type {dtype}; only numbers and text are supported."
        )
    size = dtype.itemsize
    for axis in shape:
        size *= int(axis)
    if size > limits.member_bytes:
        raise DataRefused(
            f"Array {name} takes {size / MB:,.0f} MB; at most "
            f"{limits.member_bytes // MB:,} MB are allowed per array."
        )
    if size > stored:
        raise DataRefused(
            f"Array {name} has more values than the file contains. Save the file again."
        )


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    content = read_member(archive, archive.getinfo(f"{name}.npy"))
    try:
        array: NDArray[Any] = np.load(
            io.BytesIO(content), allow_pickle=False, max_header_size=LONGEST_HEADER
        )
    except (ValueError, EOFError, OSError) as error:
        raise DataRefused(f"Array {name} can't be read. Save the file again.") from error
    return array
