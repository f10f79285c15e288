"""Messages between a worker and a sandboxed child that runs custom code."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SpaceOrder:
    """Run custom code to read its search space. classes, shape: of data that it may ask for."""

    token: str
    source: str
    classes: int
    shape: list[int]


@dataclass(frozen=True, slots=True)
class CodePart:
    """A part of custom code: the kind and label of its contract, its name and line."""

    kind: str
    label: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class SpaceRead:
    """The search space of code, or the problem with it.

    rows: of the space; names: row name → the name in the code; entry: what builds the model; parts: the
    model first. script: settings of a script that trains or searches, for the form and its trials, else
    empty. measures: metrics that its parts add; direction: of its own objective.
    cut: the first 1-based line of a script that is ignored (0: none).
    problem: a sentence, with its 1-based line (0: none).
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
class DataSeen:
    """The arrays that code gave to a fit. validation_rows: of its own validation data, 0 without.

    last_rows: of its rows, those at the end that validate; 0 where others do, or the form's split counts.
    shape: of one row; empty where inputs are several. target: what is learnt, in words. is_form: they have the
    rows and labels of the form's dataset. classes: that labels name, 0 of numbers.
    """

    rows: int
    validation_rows: int
    shape: list[int]
    dtype: str
    target: str
    is_form: bool
    classes: int = 0
    last_rows: int = 0


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """Check every part of custom code against its contract. classes, shape: of synthetic data."""

    token: str
    source: str
    classes: int
    shape: list[int]


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """One part. `message`: what was tested, or the problem and its fix; line: 1-based, 0: none."""

    kind: str
    label: str
    name: str
    line: int
    passed: bool
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class CodeChecked:
    """Every part, in the order of the registry; `problem`: why there is none."""

    parts: list[CheckedPart] = field(default_factory=list)
    problem: str = ""
    line: int = 0
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class FoundTrial:
    """A trial of the finished search. values: by the names in the code.

    model: the stored `.keras` file, empty without one; history: of its first execution, by metric.
    """

    number: int
    score: float | None
    values: dict[str, int | float | str | bool]
    model: str = ""
    history: dict[str, list[float | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamedData:
    """Folders of a dataset that a script loads by name. test: empty where its test part is locked."""

    training: str
    test: str = ""


@dataclass(frozen=True, slots=True)
class ScriptOrder:
    """Run a whole script; its search, or its one training, was done here.

    trials: the best ones first. rows: of the space, as the code names them. chosen, named: folders of data.
    """

    token: str
    source: str
    kind: str
    trials: list[FoundTrial]
    rows: list[dict[str, Any]]
    objective: str
    chosen: str
    named: dict[str, NamedData]
    classes: int
    shape: list[int]


@dataclass(frozen=True, slots=True)
class ScriptEnded:
    """The output of a script; `problem`: why it stopped before its end, with the line."""

    printed: str = ""
    problem: str = ""
    line: int = 0
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class StrategyOrder:
    """Load a custom sampler, pruner or tuner and answer until the socket closes. options: its fields."""

    token: str
    source: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A piece of one question in JSON; `more`: the next message continues it."""

    text: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON in `text`; or a sentence in `problem`, with its 1-based line (0: none)."""

    text: str = ""
    problem: str = ""
    line: int = 0
    traceback: str = ""
