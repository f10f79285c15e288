"""What crosses the pipe when the parts of somebody's code are checked."""

from dataclasses import dataclass, field


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
