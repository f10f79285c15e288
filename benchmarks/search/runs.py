"""One search of one tool over one recorded table, with workers that finish when the record says."""

import heapq
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import msgspec

from benchmarks.search.tables import Table
from experiments.search.history import Values

CHECKPOINTS: Final = (10, 25, 50, 100)
STEP: Final = 5  # trials between two points of a recorded path


class Session(Protocol):
    """A tool in the middle of a search."""

    def ask(self) -> Values | None:
        """Values of the next trial; None = nothing is left."""
        ...

    def tell(self, number: int, loss: float) -> None:
        """The result of the trial that the `number`-th question (from 0) got."""
        ...

    def winner(self) -> int:
        """The number of the trial that the tool would hand over now."""
        ...


class Best:
    """What a tool knows of its results when it names the best one seen; ties: the earliest."""

    def __init__(self) -> None:
        """Nothing is known."""
        self.losses: dict[int, float] = {}

    def note(self, number: int, loss: float) -> None:
        """Keep a result."""
        self.losses[number] = loss

    def winner(self) -> int:
        """The trial with the smallest loss."""
        return min(self.losses, key=lambda number: (self.losses[number], number))


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it. regret, observed and search: by the number of finished trials.

    regret: of the trial handed over; observed: of the one with the best score, luck included;
    search: of the best trial run; all by the table's means.
    ask_ms, slowest_ms: processor time of a question, so that a busy machine changes little.
    """

    tool: str
    table: str
    seed: int
    workers: int
    regret: dict[int, float]
    observed: dict[int, float]
    search: dict[int, float]
    ask_ms: float
    slowest_ms: float
    repeats: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> "Run":
        """The inverse of `to_dict`; JSON made texts of the whole numbers."""
        return msgspec.convert(source, cls, str_keys=True)


class Clock:
    """Workers that wait for recorded trainings: who is next to finish."""

    def __init__(self, table: Table, seed: int) -> None:
        """Nobody works yet, at time 0."""
        self.table, self.seed = table, seed
        self.now = 0.0
        self.visits: Counter[int] = Counter()
        self._running: list[tuple[float, int, float]] = []

    @property
    def busy(self) -> int:
        """How many trials run."""
        return len(self._running)

    def start(self, number: int, index: int) -> None:
        """Train a configuration."""
        loss, seconds = self.table.draw(index, self.seed, self.visits[index])
        self.visits[index] += 1
        heapq.heappush(self._running, (self.now + seconds, number, loss))

    def finish(self) -> tuple[int, float]:
        """The trial that ends next, and its loss."""
        self.now, number, loss = heapq.heappop(self._running)
        return number, loss


def play(
    tool: str, session: Session, table: Table, *, seed: int, trials: int, workers: int
) -> Run:
    """Search a table to its end, or to `trials` finished trials."""
    clock = Clock(table, seed)
    rows: list[int] = []  # the table's row of each trial, by number
    ask_times: list[float] = []
    finished: list[int] = []
    best = Best()
    regret: dict[int, float] = {}
    observed: dict[int, float] = {}
    search: dict[int, float] = {}
    is_over = False
    while True:
        while not is_over and clock.busy < workers and len(rows) < trials:
            begun = time.process_time()
            values = session.ask()
            ask_times.append(1000 * (time.process_time() - begun))
            is_over = values is None
            if values is not None:
                rows.append(table.index(values))
                clock.start(len(rows) - 1, rows[-1])
        if not clock.busy:
            break
        number, loss = clock.finish()
        session.tell(number, loss)
        best.note(number, loss)
        finished.append(number)
        if len(finished) in CHECKPOINTS or len(finished) == trials:
            regret[len(finished)] = table.regret(rows[session.winner()])
            observed[len(finished)] = table.regret(rows[best.winner()])
        if len(finished) % STEP == 0 or len(finished) == trials:
            search[len(finished)] = min(table.regret(rows[number]) for number in finished)
    repeats = len(rows) - len(set(rows))
    mean_ms = sum(ask_times) / len(ask_times)
    return Run(
        *(tool, table.name, seed, workers, regret, observed, search),
        ask_ms=round(mean_ms, 3),
        slowest_ms=round(max(ask_times), 3),
        repeats=repeats,
    )
