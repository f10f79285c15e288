"""What crosses the pipe when somebody's sampler, pruner or tuner is asked."""

from dataclasses import dataclass, field
from typing import Any


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
