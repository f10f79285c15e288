"""What crosses the pipe when a script is run to its end after its search."""

from dataclasses import dataclass, field
from typing import Any


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
