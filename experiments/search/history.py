"""The history of an experiment that samplers and pruners see."""

import math
from dataclasses import dataclass
from typing import Final, Literal

Direction = Literal["minimize", "maximize"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("minimize", "maximize")
Value = int | float | str | bool
Values = dict[str, Value]
TrialState = Literal["waiting", "running", "paused", "completed", "pruned", "stopped", "failed"]

PENDING: tuple[TrialState, ...] = ("waiting", "running", "paused")


@dataclass(frozen=True, slots=True)
class Objective:
    """A metric or cost that ranks trials, and its direction."""

    name: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class ObservedTrial:
    """One trial as samplers see it.

    score: the objective's value in its own direction; None while there is none, NaN when the
    training diverged. curve: the objective after each epoch so far, 1-based epoch at index 0.
    executions: the objective of each finished execution; the score is their mean, or close to it.
    by_hand: whether a person added it while the search ran. more: values of the history's further
    objectives, in their order; None where one is missing. repeats: number of the trial that it
    re-evaluates; it adds no configuration then.
    """

    number: int
    values: Values
    state: TrialState
    score: float | None = None
    curve: tuple[float | None, ...] = ()
    executions: tuple[float, ...] = ()
    by_hand: bool = False
    more: tuple[float | None, ...] = ()
    repeats: int | None = None

    @property
    def is_scored(self) -> bool:
        """Whether it completed with a score that can be compared."""
        return self.state == "completed" and self.score is not None and math.isfinite(self.score)

    @property
    def is_pending(self) -> bool:
        """Whether its score is still to come."""
        return self.state in PENDING


@dataclass(frozen=True, slots=True)
class EarlierStudy:
    """Scored trials of an earlier search as configurations of this space; loss: lower is better.

    key: identifies the study by its content, so that a fitted model can be cached; empty: no
    caching.
    """

    label: str
    values: tuple[Values, ...]
    loss: tuple[float, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A configuration that runs before the sampler's own, with its reason."""

    values: Values
    why: str


@dataclass(frozen=True, slots=True)
class WarmStart:
    """What a search knows before its first trial; the same for each suggestion.

    by_hand: configurations that people added, tried first. portfolio: the best of the earlier
    studies, tried in turn with the sampler's own.
    """

    studies: tuple[EarlierStudy, ...] = ()
    by_hand: tuple[Enqueued, ...] = ()
    portfolio: tuple[Enqueued, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """All trials so far, ordered by number. `seed` is the experiment's.

    epochs: the maximum that a trial of the space may train; 0: unknown. epoch_seconds: typical
    duration of an epoch; 0: unknown. closing: no more trials will be added.
    planned: the budget of trials; 0: unknown. slots: parallel trials. confirm: how many of the
    last trials re-evaluate top trials. if_noisy: only if scores are noisy.
    warm: the warm start. more_objectives: further objectives; samplers see a history scalarised by
    `parego.py`, without any.
    """

    trials: tuple[ObservedTrial, ...] = ()
    direction: Direction = "minimize"
    seed: int = 0
    epochs: int = 0
    epoch_seconds: float = 0.0
    closing: bool = False
    planned: int = 0
    slots: int = 1
    confirm: int = 0
    if_noisy: bool = False
    warm: WarmStart = WarmStart()
    more_objectives: tuple[Objective, ...] = ()

    def __len__(self) -> int:
        """How many trials there are, in any state."""
        return len(self.trials)

    @property
    def completed(self) -> tuple[ObservedTrial, ...]:
        """Trials that ran to their end; a diverged one has NaN or None as its score."""
        return tuple(trial for trial in self.trials if trial.state == "completed")

    @property
    def scored(self) -> tuple[ObservedTrial, ...]:
        """Completed trials with a finite score."""
        return tuple(trial for trial in self.trials if trial.is_scored)

    @property
    def pending(self) -> tuple[ObservedTrial, ...]:
        """Trials that wait, run or pause: chosen, but without a score."""
        return tuple(trial for trial in self.trials if trial.is_pending)

    @property
    def best(self) -> ObservedTrial | None:
        """The scored trial with the best score, the earlier one of equals; None without any."""
        return min(
            self.scored, key=lambda trial: (self.loss(trial.score), trial.number), default=None
        )

    def loss(self, value: float | None) -> float:
        """A value of the objective, lower is better; inf for None, NaN and infinities."""
        if value is None or not math.isfinite(value):
            return math.inf
        return value if self.direction == "minimize" else -value

    def at_step(self, step: int) -> tuple[tuple[ObservedTrial, float], ...]:
        """Trials whose curve holds a finite value at the 1-based epoch `step`, with that value."""
        found = []
        for trial in self.trials:
            value = trial.curve[step - 1] if 0 < step <= len(trial.curve) else None
            if value is not None and math.isfinite(value):
                found.append((trial, value))
        return tuple(found)
