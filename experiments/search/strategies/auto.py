"""The Auto sampler, which chooses one of the others for each trial."""

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np

from experiments.search.history import History
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.samplers.grid import GridSampler
from experiments.search.samplers.quasi_random import QuasiRandomSampler
from experiments.search.samplers.random_forest import RandomForestSampler
from experiments.search.samplers.tpe import TpeSampler
from experiments.search.space.space import Space
from experiments.search.strategies import sampler_choice
from experiments.search.strategies.sampler_choice import choose
from experiments.search.strategy import Sampler, SamplerDefaults, Suggestion

KINDS: Final[tuple[type[Sampler], ...]] = (
    BayesianSampler,
    RandomForestSampler,
    TpeSampler,
    GridSampler,
    QuasiRandomSampler,
)
LABELS: Final = {kind.slug: kind.label for kind in KINDS}


@dataclass(frozen=True, slots=True)
class AutoSampler(SamplerDefaults):
    """Asks the sampler that suits the space, the budget and the slots of a search."""

    slug: ClassVar[str] = "auto"
    label: ClassVar[str] = "Auto"
    help: ClassVar[str] = (
        "Chooses a sampler by search space, budget and parallel trials, and gives its "
        "reason. The right choice when unsure."
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """What the chosen sampler suggests, with the choice in front of its reason."""
        choice = choose(space, trials=history.planned, slots=history.slots, number=number)
        kind = next(kind for kind in KINDS if kind.slug == choice.slug)
        found = kind().suggest(space, history, number, rng)
        if found is None:
            return None
        why = f"{found.why} Sampler: {kind.label}, because {choice.reason}."
        return replace(found, why=why)


def explain(space: Space, *, trials: int = 0, slots: int = 1) -> tuple[str, str]:
    """What Auto would do now and why, for the form: a slug and a sentence.

    trials: the budget, 0 = unknown; slots: trials at a time.
    """
    return sampler_choice.explain(space, LABELS, trials=trials, slots=slots)
