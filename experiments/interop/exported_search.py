"""A search of this site as input of every exporter, and its export as JSON lines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from experiments.file_format import with_format
from experiments.interop.imported_search import Metrics
from experiments.search.history import Direction, TrialState, Values
from experiments.search.space.space import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTrial:
    """One trial. best_epoch: 1-based, a mean over executions. curve: the objective by epoch.

    source: what the import kept of it, empty of a trial that ran here.
    """

    number: int
    state: TrialState
    values: Values
    score: float | None
    metrics: Metrics
    best_epoch: int | None = None
    curve: tuple[float | None, ...] = ()
    message: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    source: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSearch:
    """One search; code: its address on this site."""

    code: str
    name: str
    objective: str
    direction: Direction
    space: Space
    trials: tuple[ExportedTrial, ...]
    seed: int = 0
    max_epochs: int = 0
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> ExportedTrial | None:
        """The completed trial with the best score, the first of equals."""
        sign = 1.0 if self.direction == "minimize" else -1.0
        scored = [each for each in self.trials if each.score is not None]
        return min(scored, key=lambda each: sign * (each.score or 0.0), default=None)


def write_json_lines(search: ExportedSearch) -> bytes:
    """One header, then one line per trial; `trial_table.read_json_lines` reads it again, number for number."""
    head = with_format(
        {
            "code": search.code,
            "name": search.name,
            "objective": search.objective,
            "direction": search.direction,
            "space": search.space.to_dict(),
        }
    )
    documents = [{"search": head}, *(_trial(search, trial) for trial in search.trials)]
    return "".join(f"{json.dumps(each, allow_nan=False)}\n" for each in documents).encode()


def _trial(search: ExportedSearch, trial: ExportedTrial) -> dict[str, object]:
    return {
        "number": trial.number,
        "state": trial.state,
        "score": trial.score,
        "values": trial.values,
        "metrics": trial.metrics,
        "best_epoch": trial.best_epoch,
        "curves": {search.objective: list(trial.curve)} if trial.curve else {},
        "message": trial.message,
        "started": trial.started.isoformat() if trial.started else None,
        "ended": trial.ended.isoformat() if trial.ended else None,
    }
