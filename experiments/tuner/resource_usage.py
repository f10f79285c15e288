"""CPU, memory and GPU usage of a training child.

Read by the worker out of /proc twice a second, in the round that looks at the memory limit, and where an
execution begins and ends, so that short ones have a number too. A series never grows beyond `MOST`
stretches: when it is full, neighbours are joined and stretches are twice as long from then on.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from experiments.training.processes import family_of, resident_bytes
from experiments.tuner.gpu import GpuReading, first_card

MOST: Final = 120  # stretches of an execution
SHORTEST: Final = 0.05  # seconds; the kernel counts processor time in hundredths
GLANCE_SECONDS: Final = 0.25  # between two glances after epochs
TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
COLUMNS: Final = ("seconds", "cores", "memory_bytes", "gpu", "gpu_memory_bytes")


@dataclass(frozen=True, slots=True)
class Reading:
    """At a moment of the monotonic clock: processor seconds since the start, resident bytes."""

    at: float
    processor_seconds: float
    memory_bytes: int
    gpu: GpuReading | None = None


@dataclass(slots=True)
class Stretch:
    """From the one before until `seconds` of the training time; `cores` in use, most memory."""

    seconds: float
    length: float
    cores: float
    memory_bytes: int
    gpu: float | None = None
    gpu_memory_bytes: int | None = None

    def joined(self, later: "Stretch") -> "Stretch":
        """Both as one: means weighted by length, and the larger memory."""
        length = self.length + later.length
        share = self.length / length if length else 0.0
        cores = share * self.cores + (1 - share) * later.cores
        memory = max(self.memory_bytes, later.memory_bytes)
        gpu, gpu_memory = later.gpu, later.gpu_memory_bytes
        if self.gpu is not None and gpu is not None:
            gpu = share * self.gpu + (1 - share) * gpu
        if self.gpu_memory_bytes is not None and gpu_memory is not None:
            gpu_memory = max(self.gpu_memory_bytes, gpu_memory)
        return Stretch(later.seconds, length, cores, memory, gpu, gpu_memory)


@dataclass(slots=True)
class UsageSeries:
    """One execution's stretches, at most `MOST`."""

    stretches: list[Stretch] = field(default_factory=list)
    stride: float = 0.0  # seconds that a stretch lasts at least

    def add(self, stretch: Stretch) -> None:
        """Append it, or join it to the last one while that is short."""
        last = self.stretches[-1] if self.stretches else None
        if last and (last.length < self.stride or stretch.length < SHORTEST):
            self.stretches[-1] = last.joined(stretch)
            return
        self.stretches.append(stretch)
        if len(self.stretches) > MOST:
            whole = self.stretches
            pairs = zip(whole[::2], whole[1::2], strict=False)
            odd = whole[-1:] if len(whole) % 2 else []
            self.stretches = [first.joined(second) for first, second in pairs] + odd
            self.stride = 2 * max(self.stride, min(each.length for each in whole[:-1]))

    def to_dict(self) -> dict[str, list[float]]:
        """Columns of equal length: `COLUMNS`, the last two only where a card was read."""
        found: dict[str, list[float]] = {}
        for name in COLUMNS:
            column = [getattr(stretch, name) for stretch in self.stretches]
            if column and None not in column:
                found[name] = [round(value, 3) for value in column]
        return found

    @classmethod
    def continued(cls, columns: dict[str, list[float]], seconds: float) -> "UsageSeries":
        """Continue the usage of an earlier attempt, up to `seconds` of the training time."""
        series, before = cls(), 0.0
        length = len(columns.get("seconds", ()))
        for index in range(length):
            row: dict[str, Any] = {name: values[index] for name, values in columns.items()}
            if row["seconds"] > seconds:
                break
            series.stretches.append(Stretch(**row, length=row["seconds"] - before))
            before = row["seconds"]
        if len(series.stretches) > MOST / 2:
            series.stride = seconds / len(series.stretches)
        return series


class Meter:
    """Reads one child. `has_gpu`: its TensorFlow reported a card."""

    has_gpu = False

    def __init__(self) -> None:
        self.last: Reading | None = None
        self._family: list[int] = []

    def is_due(self) -> bool:
        return self.last is None or time.monotonic() - self.last.at > GLANCE_SECONDS

    def look(self, pid: int) -> Reading:
        """Read the child and its descendants; twice a second."""
        self._family = family_of(pid)
        return self._read(self._card_now())

    def glance(self, pid: int) -> Reading:
        """Read the processes that the last look found: cheap enough for each execution. Read the card once."""
        if not self._family or self._family[0] != pid:
            self._family = family_of(pid)
        known = self.last.gpu if self.last else None
        return self._read(known or self._card_now())

    def _card_now(self) -> GpuReading | None:
        card = first_card() if self.has_gpu else None
        return card.read() if card else None

    def _read(self, gpu: GpuReading | None) -> Reading:
        ticks = pages = 0
        for member in self._family:
            its_ticks, its_pages = _stat(member)
            ticks, pages = ticks + its_ticks, pages + its_pages
        return Reading(time.monotonic(), ticks / TICKS, pages * PAGE, gpu)

    def stretch(self, reading: Reading, seconds: float) -> Stretch | None:
        """Usage since the last reading, which this one replaces; None without one."""
        last, self.last = self.last, reading
        if last is None or reading.at <= last.at or not reading.memory_bytes:
            return None
        length = reading.at - last.at
        # A descendant that ended takes its count with it: never negative.
        cores = max(0.0, reading.processor_seconds - last.processor_seconds) / length
        busy = reading.gpu.busy if reading.gpu else None
        gpu_memory = reading.gpu.memory_bytes if reading.gpu else None
        return Stretch(seconds, length, cores, reading.memory_bytes, busy, gpu_memory)


def _stat(pid: int) -> tuple[int, int]:
    """Ticks of the processor, with those of descendants that ended, and resident pages; proc(5)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0, 0  # gone in the meantime, or a system without /proc
    fields = text[text.rindex(")") + 2 :].split()  # the name before may hold blanks
    return sum(int(each) for each in fields[11:15]), int(fields[21])


def memory_of(pid: int) -> int:
    """Resident bytes of a process and its descendants; 0 when it is gone."""
    return sum(map(resident_bytes, family_of(pid)))
