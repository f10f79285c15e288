"""What crosses the pipe when the search space of somebody's code is read."""

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
