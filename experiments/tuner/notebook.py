"""What a running trial has said and the database does not know yet. Room: tuner.

Epochs and log lines are collected here and written at most twice a second; none is dropped, also
when the database is away for a while.
"""

from dataclasses import dataclass, field

from experiments.services.executions import Curves, Update
from experiments.training.messages import EpochEnd

LOG_HEAD = 32_000
LOG_TAIL = 32_000
LEFT_OUT = "\n… left out …\n"


class EpochGap(ValueError):
    """The child skipped or repeated an epoch."""


@dataclass(slots=True)
class CappedLog:
    """Head and tail of a text; its middle goes when it grows too long."""

    head: str = ""
    tail: str = ""
    cut: bool = False

    def add(self, text: str) -> None:
        """Append a line."""
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
        """Go on with what an earlier attempt printed."""
        head, tail = text[:LOG_HEAD], text[LOG_HEAD:]
        return cls(head, tail.replace(LEFT_OUT, "", 1), cut=LEFT_OUT in tail)

    def text(self) -> str:
        """The whole, or head and tail with a mark between."""
        return self.head + (LEFT_OUT if self.cut else "") + self.tail


@dataclass(slots=True)
class Page:
    """One execution's notes. The history's lists are always as long as `epochs`."""

    history: Curves = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    log: CappedLog = field(default_factory=CappedLog)
    dirty: bool = False
    printed: bool = False

    def epoch(self, message: EpochEnd) -> None:
        """Add the next epoch; a metric that is missing in some epochs is None there."""
        if message.epoch != self.epochs + 1:
            raise EpochGap(f"epoch {message.epoch} came after epoch {self.epochs}")
        for name in message.metrics.keys() - self.history.keys():
            self.history[name] = [None] * self.epochs
        for name, values in self.history.items():
            values.append(message.metrics.get(name))
        self.epochs += 1
        self.seconds += message.seconds
        self.dirty = True

    def update(self, execution: int) -> Update:
        """As the row should be."""
        log = self.log.text() if self.printed else None
        history = {name: list(values) for name, values in self.history.items()}
        return Update(execution, history, self.epochs, self.seconds, log)


@dataclass(slots=True)
class Notebook:
    """Pages by execution."""

    first: int
    pages: dict[int, Page] = field(default_factory=dict)

    def page(self, execution: int) -> Page:
        """The execution's page; lines printed before the first one starts go to the first."""
        return self.pages.setdefault(execution or self.first, Page())

    def line(self, execution: int, text: str) -> None:
        """Add a line to the log."""
        page = self.page(execution)
        page.log.add(text)
        page.printed = page.dirty = True

    def unwritten(self) -> list[Update]:
        """Rows that the database should get."""
        return [page.update(pk) for pk, page in self.pages.items() if page.dirty]

    def written(self) -> None:
        """Everything collected so far is stored."""
        for page in self.pages.values():
            page.dirty = page.printed = False
