"""One multi-fidelity search over recorded learning curves, its cost counted in epochs; one worker."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Protocol

import msgspec

from benchmarks.search.curves import EPOCHS
from benchmarks.search.tables import Table
from experiments.search.history import Values

STEP: Final = 9  # epochs between two points of a path
CHECKPOINTS: Final = (270, 540, 1350)
Curve = tuple[float, ...]
Deed = Literal["go_on", "stop", "pause"]


@dataclass(frozen=True, slots=True)
class Work:
    """What is trained next. number: of a new trial, or of one that was paused and goes on."""

    number: int
    values: Values


class Session(Protocol):
    """A tool in the middle of a search that may stop and pause trials."""

    def ask(self) -> Work | None:
        """The next trial, or a paused one again; None = nothing is left."""
        ...

    def epoch(self, number: int, curve: Curve) -> Deed:
        """What becomes of a trial after an epoch that is not its last; curve: all of its own."""
        ...

    def completed(self, number: int, curve: Curve) -> None:
        """A trial was trained to its end."""
        ...

    def winner(self) -> int | None:
        """The trial that the tool would hand over now; None before it has one."""
        ...


@dataclass(frozen=True, slots=True)
class EpochRun:
    """What came of it, by the epochs that all trials took together.

    search: regret of the best trial trained to its end; before the first of them, of the trial with
    the best value among those trained furthest. regret: of the trial handed over. Both by the
    table's means. complete: of `trials` those trained to their end. ask_ms: processor time of a question.
    """

    tool: str
    table: str
    seed: int
    search: dict[int, float]
    regret: dict[int, float]
    trials: int
    complete: int
    ask_ms: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> "EpochRun":
        """The inverse of `to_dict`; JSON made texts of the whole numbers."""
        return msgspec.convert(source, cls, str_keys=True)


@dataclass(slots=True)
class Bench:
    """The trials of a search with the curves that the table holds for them."""

    table: Table
    seed: int
    rows: dict[int, int] = field(default_factory=dict)
    curves: dict[int, Curve] = field(default_factory=dict)
    done: dict[int, int] = field(default_factory=dict)
    visits: dict[int, int] = field(default_factory=dict)
    best: float | None = None  # regret of the best trial trained to its end

    def take(self, work: Work) -> None:
        """A new trial gets its curve; one that was paused has it already."""
        if work.number in self.rows:
            return
        row = self.table.index(work.values)
        visit = self.visits.get(row, 0)
        self.visits[row] = visit + 1
        self.rows[work.number] = row
        self.curves[work.number] = self.table.curve(row, self.seed, visit)
        self.done[work.number] = 0

    def train(self, number: int) -> Curve:
        """One epoch more."""
        self.done[number] += 1
        if self.done[number] == EPOCHS:
            found = self.table.regret(self.rows[number])
            self.best = found if self.best is None else min(self.best, found)
        return self.curves[number][: self.done[number]]

    def furthest_best(self) -> int:
        """The trial with the best value among those trained furthest."""
        furthest = max(self.done.values())
        there = [number for number, done in self.done.items() if done == furthest]
        return min(there, key=lambda number: (self.curves[number][furthest - 1], number))

    def search(self) -> float:
        """Regret of the best trial so far."""
        return (
            self.table.regret(self.rows[self.furthest_best()]) if self.best is None else self.best
        )

    def regret(self, winner: int | None) -> float:
        """Of the trial handed over."""
        return self.table.regret(self.rows[self.furthest_best() if winner is None else winner])


@dataclass(slots=True)
class Log:
    """What was found after how many epochs."""

    bench: Bench
    session: Session
    spent: int = 0
    search: dict[int, float] = field(default_factory=dict)
    regret: dict[int, float] = field(default_factory=dict)

    def tick(self) -> None:
        """One epoch more was spent, and the session knows."""
        self.spent += 1
        if self.spent % STEP == 0:
            self.search[self.spent] = self.bench.search()
        if self.spent in CHECKPOINTS:
            self.regret[self.spent] = self.bench.regret(self.session.winner())


def play_epochs(tool: str, session: Session, table: Table, *, seed: int, budget: int) -> EpochRun:
    """Search until `budget` epochs are spent, or nothing is left; the last point then stays."""
    bench = Bench(table, seed)
    log = Log(bench, session)
    ask_times: list[float] = []
    while log.spent < budget:
        begun = time.process_time()
        work = session.ask()
        ask_times.append(1000 * (time.process_time() - begun))
        if work is None:
            break
        bench.take(work)
        _train(work.number, log, budget)
    while log.spent < budget:
        log.tick()
    return EpochRun(
        *(tool, table.name, seed, log.search, log.regret),
        trials=len(bench.done),
        complete=sum(done == EPOCHS for done in bench.done.values()),
        ask_ms=round(sum(ask_times) / len(ask_times), 3),
    )


def _train(number: int, log: Log, budget: int) -> None:
    """Epoch by epoch until the session wants no more of it."""
    deed: Deed = "go_on"
    while deed == "go_on" and log.spent < budget:
        curve = log.bench.train(number)
        if len(curve) == EPOCHS:
            log.session.completed(number, curve)
            deed = "stop"
        else:
            deed = log.session.epoch(number, curve)
        log.tick()
