"""Column names of this site's CSV export of trials.

Its heads are words for people, so it is known by the first ones. docs/guide/elsewhere.md names what is taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NUMBER: Final = "#"
STATE: Final = "State"
SPREAD: Final = "spread"
PLAIN: Final = {
    NUMBER: "number",
    STATE: "state",
    "failure": "message",
    "epochs": "epochs",
    "time": "seconds",
    "parameters": "metrics.parameters",
    "max epochs": "params.epochs",
}
LEFT_OUT: Final = (SPREAD, "smoothed")
FIGURE: Final = re.compile(r"(.+) (last|best|mean)")
ANSWERS: Final = {"yes": "true", "no": "false"}


@dataclass(frozen=True, slots=True)
class OwnTable:
    """How to read it. heads: a name for each column, empty where it is left out; objective: what ranks."""

    heads: tuple[str, ...]
    objective: str

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """A line by those names; an answer to a yes-or-no question as one."""
        named = zip(self.heads, row, strict=True)
        return {head: ANSWERS.get(cell, cell) for head, cell in named if head}


def own_table(heads: Sequence[str]) -> OwnTable | None:
    """None where the table is somebody else's. The score stands before its spread."""
    if list(heads[:2]) != [NUMBER, STATE] or SPREAD not in heads[3:]:
        return None
    objective = heads[heads.index(SPREAD) - 1]
    return OwnTable(tuple(_name(head, objective) for head in heads), objective)


def _name(head: str, objective: str) -> str:
    if head == objective:
        return f"metrics.{head}"
    if head in PLAIN:
        return PLAIN[head]
    figure = FIGURE.fullmatch(head)
    if figure is None:
        return "" if head in LEFT_OUT else f"params.{head}"
    return f"metrics.{figure[1]}" if figure[2] == "mean" and figure[1] != objective else ""
