"""Reports: how each strategy did on the recorded benchmark. Reads a file of the repository."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import experiments.search

RECORD: Final = Path(experiments.search.__file__).parent / "recorded_regret.json"


@dataclass(frozen=True, slots=True)
class Tool:
    """A strategy, ours or a peer's. regret: after each of the record's numbers of trials.

    0 is the best configuration of a table and 1 its median one; None: not measured so far.
    """

    slug: str
    label: str
    is_ours: bool
    version: str
    regret: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RecordedRegret:
    """The measurement: its day, how many tables and seeds, and each tool, the best first."""

    date: str
    tables: int
    seeds: int
    trials: tuple[int, ...]
    tools: tuple[Tool, ...]

    @property
    def highest(self) -> float:
        """The largest regret at the last number of trials; what bars are drawn against."""
        return max((tool.regret[-1] or 0.0 for tool in self.tools), default=0.0)

    def of(self, slug: str) -> Tool | None:
        """The tool of that name."""
        return next((tool for tool in self.tools if tool.slug == slug), None)


@cache
def recorded_regret(path: Path = RECORD) -> RecordedRegret | None:
    """The record of `manage.py bench search --record`; None where nobody has measured yet."""
    if not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    tools = [
        Tool(slug, each["label"], each["ours"], each["version"], tuple(each["regret"]))
        for slug, each in found["tools"].items()
    ]
    tools.sort(key=lambda tool: (tool.regret[-1] is None, tool.regret[-1] or 0.0))
    return RecordedRegret(
        date=found["date"],
        tables=len(found["tables"]),
        seeds=found["seeds"],
        trials=tuple(found["trials"]),
        tools=tuple(tools),
    )
