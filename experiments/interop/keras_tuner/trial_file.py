"""Reads one `trial.json` of any KerasTuner version."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from experiments.interop.imported_search import Metrics, finite
from experiments.search.history import TrialState

STATES: Final[dict[str, TrialState]] = {"COMPLETED": "completed", "RUNNING": "stopped"}
STATUSES: Final = (*STATES, "INVALID", "FAILED", "STOPPED", "IDLE")
LONGEST_MESSAGE: Final = 100_000


class BrokenTrial(Exception):
    """A `trial.json` that can't be read; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """A metric as KerasTuner tracked it. best: over the steps, NaN where every value is."""

    direction: str  # min or max
    steps: dict[int, float]

    @property
    def best(self) -> float:
        """The best mean of a step, NaN ignored."""
        numbers = [value for value in self.steps.values() if not math.isnan(value)]
        if not numbers:
            return math.nan
        return max(numbers) if self.direction == "max" else min(numbers)


@dataclass(frozen=True, slots=True)
class RawTrial:
    """What a `trial.json` says. score: None where it is missing, NaN or infinite as it stands."""

    key: str
    status: str
    values: dict[str, Any]
    space: list[Mapping[str, Any]]
    metrics: dict[str, Tracked]
    score: float | None
    best_step: int | None
    message: str
    raw_metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> TrialState:
        """Here: a run that was cut off is stopped, one without a finite score failed."""
        state = STATES.get(self.status, "failed")
        return "failed" if state == "completed" and finite(self.score) is None else state

    def means(self) -> Metrics:
        """Each metric at the scored step; at its own best where it has no such step."""
        return {name: self._mean(tracked) for name, tracked in self.metrics.items()}

    def _mean(self, tracked: Tracked) -> float | None:
        return finite(tracked.steps.get(self.best_step or 0, tracked.best))


def read_json(content: bytes) -> Any:
    """JSON with NaN and infinities, as KerasTuner writes it. Raises BrokenTrial."""
    if not content.strip():
        raise BrokenTrial("The file is empty: writing it was interrupted.")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BrokenTrial("Incomplete JSON: the file is truncated or damaged.") from error


def read_trial(content: bytes) -> RawTrial:
    """One trial. Raises BrokenTrial."""
    source = read_json(content)
    if not isinstance(source, dict):
        raise BrokenTrial("The JSON isn't a trial.")
    try:
        hyperparameters = source["hyperparameters"]
        values, space = hyperparameters["values"], hyperparameters.get("space") or []
        key, status = str(source["trial_id"]), str(source["status"])
    except (KeyError, TypeError, AttributeError) as error:
        raise BrokenTrial(f"The field {error} is missing. Was the file edited?") from error
    if not isinstance(values, dict) or not isinstance(space, list):
        raise BrokenTrial("Its hyperparameters have no format of KerasTuner.")
    score, step = source.get("score"), source.get("best_step")
    raw_metrics = source.get("metrics")
    return RawTrial(
        key=key[:200],
        status=status[:40],
        values=values,
        space=space,
        metrics=_metrics(raw_metrics),
        score=_number(score, "score"),
        best_step=step if isinstance(step, int) and not isinstance(step, bool) else None,
        message=str(source.get("message") or "")[:LONGEST_MESSAGE],
        raw_metrics=raw_metrics["metrics"] if raw_metrics else {},
    )


def _number(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BrokenTrial(f"Its {name} isn't a number. Was the file edited?")
    return float(value)


def _metrics(source: Any) -> dict[str, Tracked]:
    if not source:
        return {}
    try:
        return {str(name): _tracked(each) for name, each in source["metrics"].items()}
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise BrokenTrial("Its metrics have no format of KerasTuner.") from error


def _tracked(source: Mapping[str, Any]) -> Tracked:
    steps: dict[int, float] = {}
    for place, each in enumerate(source["observations"]):
        values = [float(value) for value in each["value"]]
        step = each.get("step")
        steps[place if step is None else int(step)] = sum(values) / len(values)
    return Tracked("max" if source.get("direction") == "max" else "min", steps)
