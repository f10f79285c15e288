"""Memory limit of a trial on this machine."""

import os

from django.conf import settings

SHARE_OF_MACHINE = 0.8


def memory_limit() -> int:
    """Bytes that one trial may use: the setting, else its share of four fifths of the machine."""
    if settings.TRIAL_MEMORY_BYTES:
        return int(settings.TRIAL_MEMORY_BYTES)
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return int(machine * SHARE_OF_MACHINE / max(1, settings.SLOTS))
