"""Regularized evolution: tournament selection, mutation, and death by age."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import History
from experiments.search.models.candidates import neighbours, start_point, suggest_untried
from experiments.search.models.observations import Observations, identity, observe
from experiments.search.space.space import Space
from experiments.search.strategy import SamplerDefaults, Suggestion, option

TOURNAMENTS: Final = 8  # until a parent has an untried child
CHILDREN: Final = 24  # looked at in each


@dataclass(frozen=True, slots=True)
class EvolutionSampler(SamplerDefaults):
    """Aging evolution: the best of a few of the youngest trials gets a child with one change.

    The population is the trials that ended last, so that one lucky score dies out unless its
    children do well too. Source: Real, Aggarwal, Huang and Le 2019, "Regularized evolution for
    image classifier architecture search", Algorithm 1.
    """

    slug: ClassVar[str] = "evolution"
    label: ClassVar[str] = "Evolution"
    help: ClassVar[str] = (
        "Changes one value of a good recent trial at a time and drops old trials. For "
        "large spaces of choices, noisy scores and hundreds of trials; takes "
        "milliseconds per trial."
    )

    population: int = option(
        20,
        label="Population",
        help="Number of latest trials that may become parents, and number of initial points.",
        lowest=2,
        highest=10_000,
    )
    sample: int = option(
        5,
        label="Tournament",
        help="Number of trials drawn from the population each time; the best one is the parent.",
        lowest=1,
        highest=10_000,
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """A new child of a tournament's winner; None when a finite space is used up."""
        del number  # it is in the rng already
        seen = observe(space, history)
        placed = len(seen) + len(seen.pending)
        if placed < self.population or not seen.finite.any():
            values = start_point(space, placed, history.seed, seen.seen)
            if values is not None:
                return Suggestion(values, f"First generation: initial point {placed + 1}.")
        alive = population(seen, self.population)
        for _ in range(TOURNAMENTS if len(alive) else 0):
            parent = alive[tournament(len(alive), self.sample, rng)]
            for child in neighbours(space, seen.values[parent], rng, CHILDREN):
                if identity(child) not in seen.seen:
                    why = f"Mutation of trial {seen.trials[parent].number}: one value changed."
                    return Suggestion(child, why, "exploit")
        return suggest_untried(
            space, seen.seen, rng, "Random: the population has no new mutations."
        )


def population(seen: Observations, size: int) -> npt.NDArray[np.int64]:
    """Places of the `size` youngest trials that ended, the best first; failures are left out."""
    young = np.arange(max(0, len(seen) - size), len(seen))
    fit = young[seen.finite[young]]
    if not len(fit):  # a whole generation failed: the ones before it breed again
        fit = np.flatnonzero(seen.finite)[-size:]
    return np.asarray(fit[np.argsort(seen.loss[fit], kind="stable")])


def tournament(ranked: int, sample: int, rng: np.random.Generator) -> int:
    """Rank (0 = best) of the winner among `sample` of `ranked` drawn with replacement."""
    return int(rng.integers(ranked, size=sample).min())
