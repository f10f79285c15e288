"""CMA-ES: an evolution strategy that adapts its covariance."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from experiments.search.history import History, Values
from experiments.search.models.candidates import neighbours, start_point, suggest_untried
from experiments.search.models.observations import Observations, identity, observe
from experiments.search.space.axes import assemble, axes_of
from experiments.search.space.space import Space
from experiments.search.strategy import SamplerDefaults, Suggestion

ASKS = 40  # draws before something near the last one is taken


@dataclass(frozen=True, slots=True)
class CmaEsSampler(SamplerDefaults):
    """Draws from a normal distribution that follows the better half of each generation.

    Categories have a distribution of their own; the first generation is the middle and Sobol
    points. Sources: Hansen 2016, "The CMA evolution strategy: a tutorial"; Hamano et al. 2025,
    "CatCMA with margin" (arXiv 2504.07884), as the package cmaes has it.
    """

    slug: ClassVar[str] = "cmaes"
    label: ClassVar[str] = "CMA-ES"
    help: ClassVar[str] = (
        "Adapts the mean and covariance of a distribution, generation by generation. "
        "For more than 200 trials over numeric hyperparameters that interact. "
        "Inactive hyperparameters count as mid-range, so use TPE for spaces with many "
        "conditions."
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """The start, then a draw of this generation; None when a finite space is used up."""
        past = observe(space, history)
        if axes_of(space):
            found = self._drawn(space, past, history.seed, number, rng)
            if found is not None:
                return found
        return suggest_untried(space, past.seen, rng, "Random.")

    def _drawn(
        self, space: Space, past: Observations, seed: int, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        from experiments.search.models.cmaes_replay import Layout, replay

        axes = axes_of(space)
        layout = Layout.of(axes)
        optimizer, generation = replay(layout, past, int(rng.integers(2**31)))
        if generation == 0:
            start = start_point(space, number, seed, past.seen)
            return None if start is None else Suggestion(start, "First generation.")
        values: Values = {}
        for _ in range(ASKS):
            at = layout.coordinates(optimizer.ask())
            known = {name: axes[name].value(place) for name, place in at.items()}
            values = assemble(space, known.__getitem__)
            if space.meets(values) and identity(values) not in past.seen:
                return Suggestion(values, f"Generation {generation + 1}.", "exploit")
        for near in neighbours(space, values, rng, 50):
            if identity(near) not in past.seen:
                why = f"Neighbour of a configuration of generation {generation + 1}."
                return Suggestion(near, why, "exploit")
        return None
