"""Reads small text files of a folder or zip, with size limits.

Nothing else in it is read: weights and pickles beside them stay where they are.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from experiments.ingest.archives import open_archive, read_member
from experiments.ingest.errors import DataRefused
from experiments.ingest.limits import MB, Limits

MOST_BYTES: Final = 16 * MB  # of one file
MOST_TOTAL: Final = 512 * MB
Wanted = Callable[[str], bool]  # called with a path below the folder, with slashes


def files_of(path: Path, wanted: Wanted, limits: Limits) -> dict[str, bytes]:
    """The wanted files of a folder or zip by their path in it. Raises DataRefused."""
    found: dict[str, bytes] = {}
    total = 0
    for name, size, read in _entries(path, limits):
        if not wanted(name):
            continue
        if size > MOST_BYTES:
            raise DataRefused(
                f"{name} has {size / MB:,.0f} MB; at most {MOST_BYTES // MB} MB are allowed."
            )
        total += size
        if total > MOST_TOTAL or len(found) >= limits.entries:
            raise DataRefused(
                f"Too many files: at most {limits.entries:,} with {MOST_TOTAL // MB} "
                "MB in total are allowed."
            )
        found[name] = read()
    return found


def bytes_of(path: Path, wanted: Wanted, limits: Limits) -> int:
    """How many bytes `files_of` would read, unpacked. Raises DataRefused."""
    return sum(size for name, size, _ in _entries(path, limits) if wanted(name))


def _entries(path: Path, limits: Limits) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    if path.is_dir():
        yield from _of_folder(path)
        return
    with open_archive(path, limits) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                yield entry.filename, entry.file_size, lambda it=entry: read_member(archive, it)  # type: ignore[misc]


def _of_folder(path: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """Every file below it; links are not followed."""
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            file = Path(folder) / name
            if file.is_file() and not file.is_symlink():
                yield file.relative_to(path).as_posix(), file.stat().st_size, file.read_bytes
