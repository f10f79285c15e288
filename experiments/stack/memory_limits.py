"""Reduces memory of processes with many threads; called before numpy is imported."""

import ctypes
import os
import sys

M_ARENA_MAX = -8  # malloc.h of glibc
ARENAS = 2
# Buffers of libraries that pages don't need.
SETTINGS = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1"}


def spare_memory() -> None:
    """Few heaps for all threads, and no pools of libraries; existing variables stay.

    glibc gives each thread a heap, which keeps the memory of a large response.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if sys.platform != "linux" or "MALLOC_ARENA_MAX" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # another libc may have none
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
