"""Quasi-random search: points of a scrambled Sobol sequence."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.search.history import History
from experiments.search.models.candidates import start_point, suggest_untried
from experiments.search.models.observations import observe
from experiments.search.space.space import Space
from experiments.search.strategy import SamplerDefaults, Suggestion


@dataclass(frozen=True, slots=True)
class QuasiRandomSampler(SamplerDefaults):
    """Spreads trials evenly: after 2, 4, 8, 16 … trials every half, quarter … of a range has its share."""

    slug: ClassVar[str] = "quasi_random"
    label: ClassVar[str] = "Quasi-random (Sobol)"
    help: ClassVar[str] = (
        "Spreads trials evenly over the space, its middle first. Better than random "
        "search at the same cost, and as good for measuring importance."
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """Point `number` of the sequence, or the next new one; None when a finite space is used up."""
        seen = observe(space, history).seen
        values = start_point(space, number, history.seed, seen)
        if values is not None:
            place = "The middle of the space." if number == 0 else "Sobol point."
            return Suggestion(values, place, "explore")
        return suggest_untried(space, seen, rng, "Random: the Sobol points were tried already.")
