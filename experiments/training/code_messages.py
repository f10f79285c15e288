"""Messages between a worker and a sandboxed child that runs custom code."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SpaceOrder:
    """Run somebody's code to read its search space. classes, shape: of data that it may ask for."""

    token: str
    source: str
    classes: int
    shape: list[int]


@dataclass(frozen=True, slots=True)
class CodePart:
    """Something that code brings beside its space: a kind of contract, by its words, and where it stands."""

    kind: str
    label: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class SpaceRead:
    """What the code asks for, or why that can't be told.

    rows: of a search space; names: row name → the name in the code; entry: what builds the model;
    parts: what the code brings, the model first. script: of one that trains or searches by itself, what it
    says of that, for the form and for its trials; else empty. measures: what its own parts add to an
    epoch's; direction: of its own objective.
    cut: the 1-based line from which on a script does what is this site's part (0: nowhere).
    problem: a plain sentence, with the 1-based line where it shows (0: at none).
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    entry: str = ""
    cut: int = 0
    notes: list[str] = field(default_factory=list)
    parts: list[CodePart] = field(default_factory=list)
    script: dict[str, Any] = field(default_factory=dict)
    measures: list[str] = field(default_factory=list)
    direction: str = ""
    problem: str = ""
    line: int = 0
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """Run somebody's code and hold every part of it against its contract. classes, shape: of made-up data."""

    token: str
    source: str
    classes: int
    shape: list[int]


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """One part. `message`: what was tried, or what is wrong and the mend; line: 1-based, 0 at none."""

    kind: str
    label: str
    name: str
    line: int
    passed: bool
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class CodeChecked:
    """Every part that was found, in the order of the registry; `problem`: why none could be."""

    parts: list[CheckedPart] = field(default_factory=list)
    problem: str = ""
    line: int = 0
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class FoundTrial:
    """A trial that the script's questions are answered with. values: by the names in the code.

    model: the stored `.keras` file, empty where none is kept; history: of its first execution, by metric.
    """

    number: int
    score: float | None
    values: dict[str, int | float | str | bool]
    model: str = ""
    history: dict[str, list[float | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScriptOrder:
    """Run a script from its first line to its last: its search, or its one training, was done here.

    trials: the best ones first. rows: of the space, as the code names them. chosen, named: folders of data.
    """

    token: str
    source: str
    kind: str
    trials: list[FoundTrial]
    rows: list[dict[str, Any]]
    objective: str
    chosen: str
    named: dict[str, str]
    classes: int
    shape: list[int]


@dataclass(frozen=True, slots=True)
class ScriptEnded:
    """What it printed; `problem`: why it stopped before its end, with the line where."""

    printed: str = ""
    problem: str = ""
    line: int = 0
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class StrategyOrder:
    """Load somebody's sampler, pruner or tuner and answer until the socket closes. options: its fields."""

    token: str
    source: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A piece of one question, which is JSON; `more`: it goes on with the next."""

    text: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON in `text`; or a plain sentence in `problem`, with the 1-based line where it shows (0: at none)."""

    text: str = ""
    problem: str = ""
    line: int = 0
    traceback: str = ""
