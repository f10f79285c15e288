"""Descendants of a process."""

import os
from pathlib import Path


def family_of(pid: int) -> list[int]:
    """A process and its descendants, the eldest first; those that are gone are left out."""
    members = [pid]
    for member in members:
        members.extend(_children(member))
    return members


def pid_outside(ancestor: int, inside: int) -> int | None:
    """The id, here, of a descendant that its own process namespace knows as `inside`."""
    for pid in family_of(ancestor)[1:]:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue  # gone meanwhile
        line = next((each for each in status.splitlines() if each.startswith("NSpid:")), "")
        ids = line.split()[1:]
        if len(ids) > 1 and ids[-1] == str(inside):
            return pid
    return None


def resident_bytes(pid: int) -> int:
    """The resident memory of one process; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found.extend(int(child) for child in (task / "children").read_text().split())
    except OSError:
        # Gone in the meantime, or a system without /proc: nothing to add up.
        return found
    return found
