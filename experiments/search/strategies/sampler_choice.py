"""The rules by which Auto chooses a sampler."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import Space

FEWEST: Final = 6  # trials below which a model has nothing to learn from
MANY: Final = 300  # trials from which on the process would look at a part of them only
DEEP: Final = 3  # conditions one below the other
WIDE: Final = 60  # hyperparameters: a length scale for each can't be learnt from so few trials


@dataclass(frozen=True, slots=True)
class SamplerChoice:
    """A sampler's slug and the reason in words, which goes on after "because"."""

    slug: str
    reason: str


def choose(space: Space, *, trials: int = 0, slots: int = 1, number: int = 0) -> SamplerChoice:
    """The sampler for trial `number`. trials: the budget, 0 = unknown; slots: trials at a time."""
    size = whole_size(space)
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


def explain(
    space: Space, labels: Mapping[str, str], *, trials: int = 0, slots: int = 1
) -> tuple[str, str]:
    """What Auto would do for a search and why: a slug and a sentence. labels: words of each slug.

    trials: the budget, 0 = unknown; slots: trials at a time.
    """
    choice = choose(space, trials=trials, slots=slots)
    sentence = f"Auto uses {labels.get(choice.slug, choice.slug)}, because {choice.reason}."
    if choice.slug == "bayesian" and trials > MANY:
        later = choose(space, trials=trials, slots=slots, number=MANY)
        sentence += f" From trial {MANY} on: {labels.get(later.slug, later.slug)}."
    return choice.slug, sentence


def whole_size(space: Space) -> int | None:
    """How many configurations there are without the constraints; None with a range without steps."""
    counts = [row.count() for row in space.searched]
    if None in counts:
        return None
    return space.lattice(resolution=max((count or 1 for count in counts), default=1)).size


def _depth(space: Space, row: Hyperparameter) -> int:
    """How many conditions stand above a hyperparameter."""
    depth = 0
    while row.only_if is not None:
        depth, row = depth + 1, space[row.only_if.name]
    return depth
