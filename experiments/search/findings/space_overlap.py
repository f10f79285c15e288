"""How much of a space another one covers."""

from typing import Final

from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import Space

TRIED: Final = 64  # values of a range, evenly on its scale


def overlap(space: Space, other: Space) -> float:
    """The share of `space` that `other` could draw as well, in [0, 1]; constraints are not looked at.

    A product of shares, one for each searched hyperparameter. What only the other searches changes
    nothing: this one takes it as the model has it.
    """
    share = 1.0
    for row in space.searched:
        share *= _share(row, other[row.name]) if row.name in other else 0.0
    return share if len(space) else 0.0


def _share(row: Hyperparameter, other: Hyperparameter) -> float:
    count = min(row.count() or TRIED, TRIED)
    values = [row.decode((place + 0.5) / count) for place in range(count)]
    return sum(not other.problem(value) for value in values) / count
