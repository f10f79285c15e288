"""SHA-256 of stored files, computed once while a file stays what it is.

A folder of arrays carries `sums.json`: the SHA-256 of its files by name.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

SUMS: Final = "sums.json"
PLAIN: Final = re.compile(
    r"(\.\./)?[^/]+"
)  # custom code writes sums too: no other file is read for them
MOST_KNOWN: Final = 20_000  # files that a process remembers
Identity = tuple[int, int, int, int]

_known: dict[tuple[Path, ...], tuple[list[Identity], str]] = {}


class ChangedFile(FileNotFoundError):
    """A stored file is missing or holds something else: what was stored isn't there.

    path: of the file, or of the folder that is missing. expected, found: hex; found is empty where nothing is.
    """

    def __init__(self, path: Path, expected: str, found: str = "") -> None:
        self.path, self.expected, self.found = path, expected, found
        super().__init__(f"{path} {'has changed' if found else 'is missing'}.")


def sha256_of(path: Path) -> str:
    """The file's SHA-256, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_once(paths: Iterable[Path], digest: Callable[[], str]) -> str:
    """What `digest` makes of these files, computed anew when one changed; empty where one is missing.

    A file is the same while device, inode, size and time of its last write are.
    """
    key = tuple(paths)
    try:
        # Before it is read: what changes meanwhile is read again the next time.
        seen = [_identity(path) for path in key]
        known = _known.get(key)
        if known is None or known[0] != seen:
            known = seen, digest()
    except FileNotFoundError:
        return ""
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[key] = known
    return known[1]


def whole(path: Path, expected: str) -> Path:
    """The path of a file with this SHA-256. Raises ChangedFile."""
    found = digest_once([path], lambda: sha256_of(path))
    if found != expected:
        raise ChangedFile(path, expected, found)
    return path


def sums_of(folder: Path, sums_name: str = SUMS) -> dict[str, str]:
    """What a folder's files should be, by name; empty of one that carries no sums. Raises ChangedFile."""
    path = folder / sums_name
    try:
        text = path.read_bytes()
        sums = json.loads(text)
    except FileNotFoundError:
        return {}
    except ValueError:
        sums = None
    if not isinstance(sums, dict) or not all(PLAIN.fullmatch(name) for name in sums):
        raise ChangedFile(path, "", hashlib.sha256(text).hexdigest())
    return sums


def write_sums(folder: Path, beside: Iterable[Path] = ()) -> None:
    """Say of each file in the folder what it is now. beside: files next to the folder that belong to it."""
    names = [path.name for path in folder.iterdir() if path.is_file() and path.name != SUMS]
    names += [f"../{path.name}" for path in beside]
    sums = {name: sha256_of(folder / name) for name in sorted(names)}
    (folder / SUMS).write_text(json.dumps(sums, indent=1), encoding="utf-8")


def checked(folder: Path, name: str, sums_name: str = SUMS) -> Path:
    """The path of a file of a folder, if it is what the folder's sums say. Raises ChangedFile."""
    expected = sums_of(folder, sums_name).get(name)
    return folder / name if expected is None else whole(folder / name, expected)


def check_folder(folder: Path) -> None:
    """Check every file that a folder's sums name. Raises ChangedFile."""
    for name, expected in sums_of(folder).items():
        whole(folder / name, expected)


def _identity(path: Path) -> Identity:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
