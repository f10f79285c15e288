"""Random search without repeats."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.search.history import History
from experiments.search.space.grid_order import walk
from experiments.search.space.space import Space
from experiments.search.strategy import SamplerDefaults, Suggestion

ATTEMPTS = 5000  # draws before the rest of the space is looked through instead
FINE = 1000  # values of a range without steps, where the rest is looked through


@dataclass(frozen=True, slots=True)
class RandomSampler(SamplerDefaults):
    """Draws every hyperparameter independently, uniformly on its own scale."""

    slug: ClassVar[str] = "random"
    label: ClassVar[str] = "Random search"
    help: ClassVar[str] = (
        "Draws each configuration at random, never one twice. A good first search: it "
        "has no settings and shows which hyperparameters matter."
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """A configuration that is not in the history; None when a finite space is used up."""
        del number  # it is in the rng already
        seen = {space.key(trial.values) for trial in history.trials}
        for _ in range(ATTEMPTS):
            values = space.decode(rng.random(len(space)))
            if space.meets(values) and space.key(values) not in seen:
                return Suggestion(values, "Random.", "explore")
        for values in walk(space.lattice(resolution=FINE), rng):
            if space.meets(values) and space.key(values) not in seen:
                return Suggestion(
                    space.canonical(values), "One of the last untried configurations.", "explore"
                )
        return None
