"""How much memory a child and its descendants use, and how much they may. Room: tuner."""

import os
from pathlib import Path

from django.conf import settings

SHARE_OF_MACHINE = 0.8


def memory_limit() -> int:
    """Bytes that one trial may use: the setting, else its share of four fifths of the machine."""
    if settings.TRIAL_MEMORY_BYTES:
        return int(settings.TRIAL_MEMORY_BYTES)
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return int(machine * SHARE_OF_MACHINE / max(1, settings.SLOTS))


def memory_of(pid: int) -> int:
    """Resident bytes of a process and its descendants; 0 when it is gone."""
    return sum(_resident(member) for member in _family(pid))


def _family(pid: int) -> list[int]:
    members = [pid]
    for member in members:
        members.extend(_children(member))
    return members


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found.extend(int(child) for child in (task / "children").read_text().split())
    except OSError:
        # Gone in the meantime, or a system without /proc: nothing to add up.
        return found
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
