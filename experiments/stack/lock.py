"""A kernel lock that allows one start command per data folder."""

import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from experiments.stack.progress import StartRefused

# Children inherit the lock, so after a crash it is free only when the last of them (Redis) has ended.
LEFTOVERS_SECONDS = 20.0


class AlreadyServed(StartRefused):
    """Another start command holds the folder; the message is for the terminal."""


@dataclass(frozen=True, slots=True)
class DataFolderLock:
    """A held lock; close it by ending the process."""

    file: IO[str]

    @property
    def descriptor(self) -> int:
        """For children that must be gone before another start may begin."""
        return self.file.fileno()


def lock_data_folder(
    data_dir: Path, *, leftovers_seconds: float = LEFTOVERS_SECONDS
) -> DataFolderLock:
    """Hold `data_dir`, waiting for the children of a start command that died; raise AlreadyServed."""
    file = (data_dir / "serve.lock").open("a+", encoding="utf-8")
    deadline = time.monotonic() + leftovers_seconds
    while not _locked(file):
        file.seek(0)
        holder = file.read().strip()
        if _alive(holder) or time.monotonic() > deadline:
            file.close()
            raise AlreadyServed(
                f"Tuning Site is already running on {data_dir} (process "
                f"{holder or 'unknown'}). Stop it first, or set DATA_DIR to another "
                "folder."
            )
        time.sleep(0.1)
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return DataFolderLock(file)


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: str) -> bool:
    """An empty pid is a holder that has not written its own yet: alive."""
    if not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
