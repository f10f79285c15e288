"""The base class of custom tuners, which control a whole search.

A sampler says what to try next. A tuner says too when the search is over and what a trial is worth.
It is a frozen dataclass without state, as samplers are: its fields are its options, and the arguments
are all that it knows, so that any worker may ask and a replay gets the same answers.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from experiments.search.history import History, Values
from experiments.search.space.space import Space
from experiments.search.strategy import SamplerDefaults, Suggestion


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trial whose trainings have all ended, before it has a score.

    executions: the objective of each fold or repeat. metrics: each metric's mean over them.
    curves: the objective after each epoch, one curve an execution; None where it was NaN.
    epochs, seconds: over all executions.
    """

    number: int
    values: Values
    executions: tuple[float, ...]
    metrics: dict[str, float | None] = field(default_factory=dict)
    curves: tuple[tuple[float | None, ...], ...] = ()
    epochs: int = 0
    seconds: float = 0.0


class Tuner(SamplerDefaults):
    """Subclass it, and override what your search decides otherwise."""

    __slots__ = ()

    slug: ClassVar[str]
    label: ClassVar[str]
    help: ClassVar[str]

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """Values for trial `number`, none of those in `history`; None = nothing is left to try."""
        raise NotImplementedError("A tuner must implement suggest.")

    def is_over(self, space: Space, history: History) -> str:
        """Return the reason why the search is over; empty to continue. Called before each new
        trial.
        """
        return ""

    def score(self, outcome: Outcome) -> float | None:
        """What the trial is worth, in the objective's direction; None = the mean over executions."""
        return None
