"""Buffers epochs and log lines until the database accepts them.

Written at most twice a second; none is dropped, even while the database is away.
"""

import time
from dataclasses import dataclass, field
from typing import Final

from experiments.services.trials.executions import Begun, Curves, Update
from experiments.training.messages import EpochEnd
from experiments.tuner.resource_usage import Meter, UsageSeries

LOG_HEAD = 32_000
LOG_TAIL = 32_000
LEFT_OUT = "\n… omitted …\n"
USAGE_SECONDS: Final = 5.0  # in a long epoch, between two writes of usage alone


class EpochGap(ValueError):
    """The child skipped or repeated an epoch."""


@dataclass(slots=True)
class CappedLog:
    """Head and tail of a text; its middle goes when it grows too long."""

    head: str = ""
    tail: str = ""
    cut: bool = False

    def add(self, text: str) -> None:
        line = text.replace("\x00", "�") + "\n"
        if not self.tail and len(self.head) + len(line) <= LOG_HEAD:
            self.head += line
            return
        self.tail += line
        if len(self.tail) > LOG_TAIL:
            self.tail = self.tail[-LOG_TAIL:]
            self.cut = True

    @classmethod
    def continued(cls, text: str) -> "CappedLog":
        """Continue the log of an earlier attempt."""
        head, tail = text[:LOG_HEAD], text[LOG_HEAD:]
        return cls(head, tail.replace(LEFT_OUT, "", 1), cut=LEFT_OUT in tail)

    def text(self) -> str:
        return self.head + (LEFT_OUT if self.cut else "") + self.tail


@dataclass(slots=True)
class Page:
    """One execution's unwritten state. The history's lists are always as long as `epochs`."""

    history: Curves = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    epoch_seconds: list[float] = field(default_factory=list)
    usage: UsageSeries = field(default_factory=UsageSeries)
    log: CappedLog = field(default_factory=CappedLog)
    dirty: bool = False
    printed: bool = False
    epoch_ended: float = 0.0  # the last one, by the monotonic clock
    stored: float = 0.0  # the last write

    def begin(self, begun: Begun, epochs: int, meter: Meter) -> None:
        """Continue with what is stored up to the checkpoint; earlier readings belong to another execution."""
        meter.last = None
        self.history, self.seconds, self.epochs = begun.history, begun.seconds, epochs
        self.epoch_seconds = begun.epoch_seconds
        self.usage = UsageSeries.continued(begun.usage, begun.seconds)
        self.epoch_ended = self.stored = time.monotonic()

    def measure(self, meter: Meter, pid: int, *, is_tick: bool) -> int:
        """Record the child's usage. is_tick: look for its descendants as well.

        Returns: resident bytes.
        """
        reading = meter.look(pid) if is_tick else meter.glance(pid)
        last = self.usage.stretches[-1].seconds if self.usage.stretches else 0.0
        stretch = meter.stretch(reading, max(last, self.seconds + reading.at - self.epoch_ended))
        if stretch is not None and self.epoch_ended:
            self.usage.add(stretch)
            self.dirty = self.dirty or reading.at - self.stored > USAGE_SECONDS
        return reading.memory_bytes

    def epoch(self, message: EpochEnd) -> None:
        if message.epoch != self.epochs + 1:
            raise EpochGap(f"epoch {message.epoch} follows epoch {self.epochs}")
        for name in message.metrics.keys() - self.history.keys():
            self.history[name] = [None] * self.epochs
        for name, values in self.history.items():
            values.append(message.metrics.get(name))
        self.epochs += 1
        self.seconds += message.seconds
        self.epoch_seconds.append(round(message.seconds, 4))
        self.epoch_ended = time.monotonic()
        self.dirty = True

    def update(self, execution: int) -> Update:
        log = self.log.text() if self.printed else None
        history = {name: list(values) for name, values in self.history.items()}
        took, usage = list(self.epoch_seconds), self.usage.to_dict()
        return Update(execution, history, self.epochs, self.seconds, log, took, usage)


@dataclass(slots=True)
class ProgressBuffer:
    """Pages by execution."""

    first: int
    pages: dict[int, Page] = field(default_factory=dict)

    def page(self, execution: int) -> Page:
        """The execution's page; lines printed before the first one starts go to the first."""
        return self.pages.setdefault(execution or self.first, Page())

    def line(self, execution: int, text: str) -> None:
        page = self.page(execution)
        page.log.add(text)
        page.printed = page.dirty = True

    def unwritten(self) -> list[Update]:
        return [page.update(pk) for pk, page in self.pages.items() if page.dirty]

    def written(self) -> None:
        now = time.monotonic()
        for page in self.pages.values():
            if page.dirty:
                page.stored = now
            page.dirty = page.printed = False
