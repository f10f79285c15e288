"""Utilization of a child's GPU, by NVIDIA's management library.

Source: NVML API reference, `nvmlDeviceGetUtilizationRates` and `nvmlDeviceGetMemoryInfo`.
"""

import ctypes
import os
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

LIBRARY: Final = "libnvidia-ml.so.1"
DONE: Final = 0  # NVML_SUCCESS


class _Rates(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Memory(ctypes.Structure):
    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


@dataclass(frozen=True, slots=True)
class GpuReading:
    """Of the whole card: `busy` as a share from 0 to 1, and its memory in use."""

    busy: float
    memory_bytes: int


class Card:
    """One card. `library` is NVML as ctypes loads it."""

    def __init__(self, library: Any, handle: Any) -> None:
        """`handle` is NVML's name of the card."""
        self._library = library
        self._handle = handle

    def read(self) -> GpuReading | None:
        rates, memory = _Rates(), _Memory()
        answers = (
            self._library.nvmlDeviceGetUtilizationRates(self._handle, ctypes.byref(rates)),
            self._library.nvmlDeviceGetMemoryInfo(self._handle, ctypes.byref(memory)),
        )
        if any(answer != DONE for answer in answers):
            return None
        return GpuReading(rates.gpu / 100, memory.used)


def open_card(library: Any, visible: str) -> Card | None:
    """The card that a program sees first. visible: CUDA_VISIBLE_DEVICES; None where NVML has none.

    Cards are counted in the order of the bus, as CUDA does under CUDA_DEVICE_ORDER=PCI_BUS_ID.
    """
    handle = ctypes.c_void_p()
    first = visible.split(",")[0].strip() or "0"
    if library.nvmlInit_v2() != DONE:
        return None
    if first.isdecimal():
        answer = library.nvmlDeviceGetHandleByIndex_v2(int(first), ctypes.byref(handle))
    else:
        answer = library.nvmlDeviceGetHandleByUUID(first.encode(), ctypes.byref(handle))
    return Card(library, handle) if answer == DONE else None


@cache
def first_card() -> Card | None:
    """The machine's first visible card, opened once a process; None on a machine without one."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    return open_card(library, os.environ.get("CUDA_VISIBLE_DEVICES", ""))
