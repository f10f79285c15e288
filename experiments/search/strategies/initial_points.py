"""Initial points: the middle of the space, then Sobol points."""

from collections.abc import Set

import numpy as np
import scipy

from experiments.search.history import Values
from experiments.search.models.observations import Identity, identity
from experiments.search.space.space import Space

TRIED = 64  # points of the sequence that are looked at before the caller has to draw at random


def start_point(space: Space, index: int, seed: int, seen: Set[Identity]) -> Values | None:
    """The first point of the sequence from `index` on that is new and meets the constraints.

    index: 0 = each hyperparameter's default, or the middle of its range. Then come the points of
    a Sobol sequence scrambled by `seed`. None when the next few are all used up.
    Source: Sobol 1967; scrambling of Owen 1998 as scipy.stats.qmc has it.
    """
    if index == 0:
        first = space.canonical(space.defaults())
        if _is_new(space, first, seen):
            return first
    if len(space) == 0:
        return None
    sequence = scipy.stats.qmc.Sobol(
        len(space), scramble=True, rng=np.random.default_rng([seed % 2**64, 1])
    )
    sequence.fast_forward(max(index, 1))
    for unit in sequence.random(TRIED):
        values = space.decode(unit)
        if _is_new(space, values, seen):
            return values
    return None


def _is_new(space: Space, values: Values, seen: Set[Identity]) -> bool:
    return space.meets(values) and identity(values) not in seen
