"""Earlier studies of the bowl, for tests of warm start."""

import numpy as np

from experiments.search.history import EarlierStudy, ObservedTrial
from tests.search.objectives import BOWL, bowl


def study(score=bowl, *, count=40, seed=0, key="", label="earlier"):
    """Configurations drawn over the bowl's space with what `score` makes of them."""
    rng = np.random.default_rng([seed, 77])
    values = tuple(BOWL.decode(rng.random(len(BOWL))) for _ in range(count))
    return EarlierStudy(label, values, tuple(score(each) for each in values), key)


def opposite(values):
    """What is good is bad."""
    return -bowl(values)


def ended(values, *, score=bowl):
    """Completed trials of some configurations."""
    return tuple(
        ObservedTrial(number, each, "completed", score(each)) for number, each in enumerate(values)
    )
