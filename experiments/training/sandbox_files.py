"""Files into and out of the sandbox, by copy or hard link.

The sandbox sees two folders: `in`,
read only, which holds links to the running trials' files alone, and `out`. Files in `out` were
written by custom code: names are checked, links are refused, files are copied.
"""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from experiments.training.code_messages import NamedData, ScriptOrder
from experiments.training.messages import (
    CheckpointSaved,
    EpochEnd,
    ExecutionEnd,
    Message,
    Metrics,
    TrialOrder,
)
from experiments.training.sandbox import INSIDE_IN, INSIDE_OUT

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
MOST_FILES = 20  # of a checkpoint
MOST_METRICS, LONGEST_NAME = 500, 200  # each is kept with every epoch
PIECE = 1 << 20


class BadOutput(Exception):
    """A file of the trial is refused; the message is for the trial's page."""


class Exchange:
    """The two folders of one sandbox. `uid`: the user of the code."""

    def __init__(self, parent: Path, uid: int) -> None:
        """Make empty folders below `parent`."""
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix="sandbox-", dir=parent))
        self._uid = uid
        self._count = 0
        for name in ("in", "out"):
            (self.folder / name).mkdir(mode=0o755)

    def open(self, order: TrialOrder, most_bytes: int) -> "TrialFiles":
        """Link a trial's files; the result has the order as the sandbox sees it.

        most_bytes: limit of what is copied out.
        """
        self._count += 1
        return TrialFiles(self.folder, str(self._count), order, self._uid, most_bytes)

    @contextmanager
    def lent(self, order: ScriptOrder) -> Iterator[ScriptOrder]:
        """Link the files that a script may read while it runs; the order as the sandbox sees it."""
        self._count += 1
        given, inside = self.folder / "in" / str(self._count), f"{INSIDE_IN}/{self._count}"
        given.mkdir()
        try:
            for path in sorted(Path(order.chosen).iterdir()) if order.chosen else ():
                if path.is_file():
                    lend(path, given / "data" / path.name)
            trials = []
            for trial in order.trials:
                name = f"model-{trial.number}.keras"
                if trial.model:
                    lend(Path(trial.model), given / name)
                trials.append(replace(trial, model=f"{inside}/{name}" if trial.model else ""))
            yield replace(
                order,
                trials=trials,
                chosen=f"{inside}/data" if order.chosen else "",
                named=lend_named(order.named, given, inside),
            )
        finally:
            shutil.rmtree(given, ignore_errors=True)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class TrialFiles:
    """One trial's files in the exchange."""

    def __init__(
        self, folder: Path, name: str, order: TrialOrder, uid: int, most_bytes: int
    ) -> None:
        """Link what the order names, and rewrite its paths."""
        self._left = most_bytes
        self._checkpoints: dict[str, int] = {}  # copied ones by name, with their bytes
        self._given, self._taken = folder / "in" / name, folder / "out" / name
        self._target = Path(order.directory)
        self._given.mkdir()
        self._taken.mkdir()
        if os.geteuid() == 0:
            os.chown(self._taken, uid, uid)
        data = Path(order.data.directory)
        inside = f"{INSIDE_IN}/{name}"
        for path in sorted(data.iterdir()):
            if path.is_file():
                lend(path, self._given / "data" / path.name)
        lend(Path(order.data.split), self._given / "split.npz")
        if order.data.units:
            lend(Path(order.data.units), self._given / "units.npy")
        executions = []
        for execution in order.executions:
            if execution.checkpoint:
                here = f"checkpoint-{execution.execution}"
                for path in sorted(Path(execution.checkpoint).iterdir()):
                    lend(path, self._given / here / path.name)
                executions.append(replace(execution, checkpoint=f"{inside}/{here}"))
            else:
                executions.append(execution)
        self.order = replace(
            order,
            data=replace(
                order.data,
                directory=f"{inside}/data",
                split=f"{inside}/split.npz",
                units=f"{inside}/units.npy" if order.data.units else "",
                named=lend_named(order.data.named, self._given, inside),
            ),
            executions=executions,
            directory=f"{INSIDE_OUT}/{name}",
        )

    def collect(self, message: Message) -> Message:
        """Copy the files that a message names to the attempt's own folder. Raises: BadOutput, OSError."""
        if isinstance(message, EpochEnd | ExecutionEnd):
            _check_metrics(message.metrics)
        if isinstance(message, ExecutionEnd):
            for name in filter(None, (message.model, message.predictions)):
                self._copy(self._taken, name, self._target)
        elif isinstance(message, CheckpointSaved):
            return self._collect_checkpoint(message)
        return message

    def written_bytes(self) -> int:
        total = 0
        for folder, _, names in os.walk(self._taken):
            for name in names:
                try:
                    total += (Path(folder) / name).lstat().st_blocks * 512
                except FileNotFoundError:
                    continue  # removed meanwhile
        return total

    def close(self) -> None:
        shutil.rmtree(self._given, ignore_errors=True)
        shutil.rmtree(self._taken, ignore_errors=True)

    def _collect_checkpoint(self, message: CheckpointSaved) -> CheckpointSaved:
        name = Path(message.directory).name
        folder = self._target / _checked(name)
        if (self._taken / name).is_symlink():
            raise BadOutput(f"“{name}” is a link.")
        listed = [path.name for path in (self._taken / name).iterdir()]
        if len(listed) > MOST_FILES:
            raise BadOutput("A checkpoint has too many files.")
        draft = self._target / f".{name}.draft"
        shutil.rmtree(draft, ignore_errors=True)
        before = self._left
        for each in listed:
            self._copy(self._taken / name, each, draft)
        copied = before - self._left
        self._drop(name)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
        self._checkpoints[name] = copied
        for each in [*self._checkpoints]:
            if each != name and not (self._taken / each).exists():
                self._drop(each)  # the child deleted it
        return replace(message, directory=str(folder))

    def _drop(self, name: str) -> None:
        """Remove a copied checkpoint, and free its bytes."""
        if name in self._checkpoints:
            shutil.rmtree(self._target / name, ignore_errors=True)
            self._left += self._checkpoints.pop(name)

    def _copy(self, folder: Path, name: str, target: Path) -> None:
        target.mkdir(parents=True, exist_ok=True)
        # A sparse file costs the trial nothing, but its copy isn't sparse.
        self._left -= copy_regular(folder, _checked(name), target / name, self._left)


def lend_named(named: dict[str, NamedData], given: Path, inside: str) -> dict[str, NamedData]:
    """Lend the datasets that code loads by name; return their folders inside."""
    found = {}
    for name, data in named.items():
        places = [f"named-{name}", f"named-{name}.test" if data.test else ""]
        for folder, place in zip((data.training, data.test), places, strict=True):
            for array in ("x.npy", "y.npy") if place else ():
                lend(Path(folder) / array, given / place / array)
        found[name] = NamedData(*(place and f"{inside}/{place}" for place in places))
    return found


def lend(path: Path, place: Path) -> None:
    """Lend a file to the sandbox: as a hard link where its user may read it, else as a copy."""
    place.parent.mkdir(exist_ok=True)
    if os.geteuid() == 0 and not path.stat().st_mode & stat.S_IROTH:
        shutil.copyfile(path, place)
        place.chmod(0o644)
        return
    try:
        os.link(path, place, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copyfile(path, place)


def copy_regular(folder: Path, name: str, target: Path, most_bytes: int) -> int:
    """Copy a regular file that code wrote; a link, a pipe or a device is refused.

    Returns: its length in bytes. Raises: BadOutput, also where it is longer than `most_bytes`, or changes meanwhile.
    """
    try:
        above = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=above)
        finally:
            os.close(above)
    except OSError as error:
        raise BadOutput(f"“{name}” can't be read: {error.strerror}.") from error
    with os.fdopen(handle, "rb") as source:
        found = os.fstat(source.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise BadOutput(f"“{name}” isn't a regular file.")
        if found.st_size > most_bytes:
            raise BadOutput("The trial wrote more files than allowed.")
        with target.open("wb") as copy:
            while copy.tell() <= found.st_size and (piece := source.read(PIECE)):
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
            if copy.tell() != found.st_size:
                raise BadOutput(
                    f"“{name}” changed while it was copied. Write files at the end of "
                    "an epoch only."
                )
            return copy.tell()


def _check_metrics(metrics: Metrics) -> None:
    if len(metrics) > MOST_METRICS or any(len(name) > LONGEST_NAME for name in metrics):
        raise BadOutput(f"more than {MOST_METRICS} metrics, or names that are too long.")


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BadOutput(f"“{name[:60]}” isn't an allowed file name.")
    return name
