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
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import Space
from experiments.search.strategy import Sampler, SamplerDefaults, Suggestion

KINDS: Final[tuple[type[Sampler], ...]] = (
    BayesianSampler,
    RandomForestSampler,
    TpeSampler,
    GridSampler,
    QuasiRandomSampler,
)
LABELS: Final = {kind.slug: kind.label for kind in KINDS}
FEWEST: Final = 6  # trials below which a model has nothing to learn from
MANY: Final = 300  # trials from which on the process would look at a part of them only
DEEP: Final = 3  # conditions one below the other
WIDE: Final = 60  # hyperparameters: a length scale for each can't be learnt from so few trials


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
    choice = choose(space, trials=trials, slots=slots)
    sentence = f"Auto uses {LABELS[choice.slug]}, because {choice.reason}."
    if choice.slug == "bayesian" and trials > MANY:
        later = choose(space, trials=trials, slots=slots, number=MANY)
        sentence += f" From trial {MANY} on: {LABELS[later.slug]}."
    return choice.slug, sentence


@dataclass(frozen=True, slots=True)
class SamplerChoice:
    """A sampler's slug and the reason in words, which goes on after "because"."""

    slug: str
    reason: str


def choose(space: Space, *, trials: int = 0, slots: int = 1, number: int = 0) -> SamplerChoice:
    """The sampler for trial `number`. trials: the budget, 0 = unknown; slots: trials at a time."""
    size = space.whole_size()
    if size is not None and 0 < size <= trials:
        return SamplerChoice(
            "grid", f"the budget of {trials:,} trials covers all {size:,} configurations"
        )
    if 0 < trials < FEWEST:
        return SamplerChoice("quasi_random", f"{trials} trials are too few for a model")
    if 0 < trials <= 2 * slots:
        return SamplerChoice(
            "quasi_random",
            f"with {min(slots, trials)} of {trials} trials in parallel, few scores arrive in time",
        )
    depth = max((_depth(space, row) for row in space.searched), default=0)
    if depth >= DEEP:
        return SamplerChoice(
            "random_forest", f"conditions are nested {depth} deep, which trees handle best"
        )
    if len(space) > WIDE:
        return SamplerChoice(
            "random_forest", f"trees find the few of {len(space)} hyperparameters that matter"
        )
    if number >= MANY:
        return SamplerChoice(
            "tpe", f"after {MANY} trials its density estimate beats a Gaussian process"
        )
    return SamplerChoice("bayesian", "it learns the most from each trial")


def _depth(space: Space, row: Hyperparameter) -> int:
    """How many conditions stand above a hyperparameter."""
    depth = 0
    while row.only_if is not None:
        depth, row = depth + 1, space[row.only_if.name]
    return depth
