"""An external search as every importer returns it.

Numbers that JSON has no words for (NaN, infinities) travel as text: "NaN", "Infinity", "-Infinity".
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from experiments.evaluation.metrics import direction_of, metric_of
from experiments.search.history import Direction, TrialState, Values
from experiments.search.space.space import Space

Format = Literal["keras_tuner", "optuna", "tensorboard", "table"]
FORMATS: Final[dict[str, str]] = {
    "keras_tuner": "KerasTuner",
    "optuna": "Optuna",
    "tensorboard": "TensorBoard",
    "table": "a table of trials",
}
Metrics = dict[str, float | None]
Curves = dict[str, tuple[float | None, ...]]


class ImportRefused(Exception):
    """A source that can't be imported; the message names the fix.

    field: what the user must provide (objective, direction, study), empty if nothing helps.
    choices: possible values.
    """

    def __init__(self, message: str, choices: tuple[str, ...] = (), field: str = "") -> None:
        """Keep what is asked for beside the message."""
        super().__init__(message)
        self.choices = choices
        self.field = field


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of the source that isn't imported, with the reason."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTrial:
    """One trial. key, status: its id and state in the source's own words.

    score: finite, of completed trials only. best_epoch: 1-based; None where nobody recorded it.
    curves: {metric: value after each epoch}, empty where none were recorded. source: what has no
    place here but is needed to write the trial again. is_open: whether the source may still change it.
    """

    key: str
    status: str
    state: TrialState
    values: Values
    score: float | None = None
    metrics: Metrics = field(default_factory=dict)
    best_epoch: int | None = None
    epochs: int = 0
    seconds: float | None = None  # of training, where the source tells; else from start to end
    curves: Curves = field(default_factory=dict)
    message: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    is_open: bool = False

    @property
    def length(self) -> int:
        """How many epochs it trained, else how many its curves have."""
        return self.epochs or self.curve_length

    @property
    def curve_length(self) -> int:
        """How many epochs its curves have."""
        return max((len(curve) for curve in self.curves.values()), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSearch:
    """One search. algorithm: in words, as far as the source tells.

    counted_as: values that trials count with where they lack an active hyperparameter. source: as
    of a trial. has_ids: whether keys of trials are ids of the source; else their places in it.
    """

    format: Format
    name: str
    objective: str
    direction: Direction
    space: Space
    trials: tuple[ImportedTrial, ...]
    has_ids: bool = True
    counted_as: Values = field(default_factory=dict)
    algorithm: str = ""
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def statuses(self) -> dict[str, int]:
        """How many trials have each status of the source's own words."""
        return dict(Counter(trial.status for trial in self.trials))

    @property
    def best(self) -> ImportedTrial | None:
        """The completed trial with the best finite score, the first of equals."""
        sign = 1.0 if self.direction == "minimize" else -1.0
        scored = [trial for trial in self.trials if trial.score is not None]
        return min(scored, key=lambda trial: sign * (trial.score or 0.0), default=None)

    def report(self) -> dict[str, Any]:
        """Return the contents of the import as JSON."""
        best = self.best
        return {
            "format": self.format,
            "name": self.name,
            "trials": len(self.trials),
            "statuses": self.statuses,
            "objective": self.objective,
            "direction": self.direction,
            "algorithm": self.algorithm,
            "best_trial": None if best is None else best.key,
            "best_score": None if best is None else best.score,
            "best_values": None if best is None else best.values,
            "space": [row.name for row in self.space.hyperparameters],
            "skipped": [{"name": each.name, "why": each.why} for each in self.skipped],
            "notes": list(self.notes),
        }


def finite(value: object) -> float | None:
    """The number where it is a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def strict(value: Any) -> Any:
    """The same JSON with NaN and infinities as text, so that every database stores it."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {str(key): strict(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [strict(each) for each in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "�")
    return value


def loose(value: Any) -> Any:
    """The inverse of `strict` for a number."""
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value


def decided_direction(given: Direction | None, recorded: object, objective: str) -> Direction:
    """The given direction, else the recorded one, else that of the objective's name. Raises ImportRefused."""
    if given is not None:
        return given
    if recorded == "minimize" or recorded == "maximize":
        return recorded
    if metric_of(objective) is None and not objective.endswith("loss"):
        message = f"The direction of {objective} is unknown. Choose minimize or maximize."
        raise ImportRefused(message, field="direction")
    return direction_of(objective)


def time_of(text: object) -> datetime | None:
    """An ISO 8601 time; None for what is none."""
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
