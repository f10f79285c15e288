"""Log files of processes, and their summary on the terminal."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from experiments.stack.progress import StartRefused

LARGEST_BYTES = 5 * 1024**2  # then the file replaces NAME.log.1
QUIET_SECONDS = 60.0  # between two lines about one process
LONGEST_WORDS = 200
# A line of the style `plain` (tuning_site.logs): time, level in brackets, what happened.
PROBLEM = re.compile(r"^\S+ \[(?:warning|error|critical)\s*\] (.+)")


@dataclass(slots=True)
class Log:
    """One process's file: how far it was read, and problems not reported yet."""

    path: Path
    read: int = 0
    problems: int = 0
    last: str = ""
    quiet_until: float = 0.0

    @property
    def size(self) -> int:
        """Bytes; 0 where the file was deleted."""
        return self.path.stat().st_size if self.path.exists() else 0

    def scan(self) -> None:
        """Count the problems in new lines."""
        size = self.size
        self.read = min(self.read, size)
        if size == self.read:
            return
        with self.path.open("rb") as file:
            file.seek(self.read)
            new = file.read(LARGEST_BYTES)
        whole = new.rfind(b"\n") + 1
        self.read += whole
        for line in new[:whole].decode("utf-8", "replace").splitlines():
            found = PROBLEM.match(line)
            if found:
                self.problems += 1
                self.last = found[1].split("  ")[0].strip()

    def summary(self, now: float) -> str:
        """One line about unreported problems; empty without any, or too soon after the last."""
        if not self.problems or now < self.quiet_until:
            return ""
        more = f" ({self.problems} problems, this is the last)" if self.problems > 1 else ""
        self.problems = 0
        self.quiet_until = now + QUIET_SECONDS
        return f"{self.path.stem}: {self.last[:LONGEST_WORDS]}{more}"

    def shorten(self) -> None:
        """Keep one older file. The process appends, so it continues at the new start."""
        if self.size <= LARGEST_BYTES:
            return
        older = self.path.with_suffix(".log.1")
        try:
            shutil.copyfile(self.path, older)
        except OSError:  # on a full disk room matters more
            older.unlink(missing_ok=True)
        os.truncate(self.path, 0)
        self.read = 0


class Logbook:
    """The folder of all of them."""

    def __init__(self, folder: Path) -> None:
        """Make the folder; raise StartRefused where that can't be done."""
        self.folder = folder
        self._logs: dict[str, Log] = {}
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise StartRefused(
                f"The log folder {folder} can't be created ({error.strerror})."
            ) from error

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def open(self, name: str) -> IO[bytes]:
        """A file to append to; its old problems are not reported again."""
        log = self._logs.setdefault(name, Log(self.path(name)))
        log.shorten()
        self.folder.mkdir(exist_ok=True, mode=0o700)  # it may have been deleted
        file = log.path.open("ab")
        log.scan()
        log.problems = 0
        return file

    def news(self) -> Iterator[str]:
        now = time.monotonic()
        for log in self._logs.values():
            log.scan()
            log.shorten()
            words = log.summary(now)
            if words:
                yield words

    def last_line(self, name: str) -> str:
        with self.path(name).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4000))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[:LONGEST_WORDS] if lines else ""
