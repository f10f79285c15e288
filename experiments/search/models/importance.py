"""Importance of hyperparameters, alone and in pairs.

Conditional hyperparameters are judged among the trials where they are active: one study for each
condition, in which its parents vary only as far as the condition lets them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.search.history import Value, Values
from experiments.search.models.functional_anova import Decomposition, Matrix
from experiments.search.models.observations import squash
from experiments.search.models.range_cells import CellAxis, Vector, codes_of
from experiments.search.models.surrogate import LossScale
from experiments.search.space.axes import axes_of
from experiments.search.space.hyperparameter import Condition
from experiments.search.space.space import Space

LEAST_TRIALS: Final = 30  # docs/decisions/0019: with fewer the first place is often chance
MOST_TRIALS: Final = 400  # of all trials; more are drawn from with a fixed seed
MOST_ACTIVE: Final = 200  # of one condition's; fewer where there are several
ALL_ACTIVE: Final = 500  # of all conditions'
MOST_STUDIES: Final = 5  # conditions that are looked at, those with the most trials first
MOST_PAIRS: Final = 5  # of a study
SEED: Final = 19

Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Share of the losses' variance due to one hyperparameter, or to two only together.

    low, high: 95 % interval; not significant if it includes 0.
    """

    names: tuple[str, ...]
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Study:
    """One condition's trials. state: `estimated`, `few` (less than 30), `equal` (one loss), `unclear`
    (halves of the trials don't agree on any effect) or `left_out` (too many conditions).

    conditions: the outer one first; none: all trials. names: the hyperparameters judged here.
    n: trials that could be used. used: those that were. effects: alone first, the largest first.
    """

    conditions: Conditions
    names: tuple[str, ...]
    n: int
    used: int
    state: str
    effects: tuple[Effect, ...] = ()
    decomposition: Decomposition | None = None
    scale: LossScale | None = None

    def axis(self, name: str) -> CellAxis | None:
        """The cells of a hyperparameter in this study; None where it is not in it."""
        axes = self.decomposition.axes if self.decomposition else ()
        return next((axis for axis in axes if axis.name == name), None)

    def surface(self, first: str, second: str) -> tuple[Matrix, Matrix] | None:
        """Typical loss at each cell of two hyperparameters over all others, and its standard error.

        None where they are not both in this study. Means are taken of squashed losses, so that a
        few very bad trials don't decide, and brought back.
        """
        if self.decomposition is None or self.scale is None:
            return None
        places = [axis.name for axis in self.decomposition.axes]
        if first not in places or second not in places:
            return None
        mean, error = self.decomposition.surface(places.index(first), places.index(second))
        low, middle, high = (
            self.scale.loss(part.ravel()).reshape(mean.shape)
            for part in (mean - error, mean, mean + error)
        )
        return middle, (high - low) / 2


def studies(space: Space, values: Sequence[Values], loss: Vector) -> tuple[Study, ...]:
    """A study of all trials, then one for each condition, the one with the most trials first.

    values: configurations of the space. loss: shape (n,), finite, lower is better.
    """
    axes = axes_of(space)
    groups: dict[Conditions, list[str]] = {(): []}
    for name in axes:
        groups.setdefault(tuple(_conditions(space, name)), []).append(name)
    active = {
        conditions: np.array([all(name in v for name in names) for v in values], dtype=np.bool_)
        for conditions, names in groups.items()
    }
    inner = sorted((c for c in groups if c), key=lambda c: (-int(active[c].sum()), groups[c]))
    found = []
    each = min(MOST_ACTIVE, ALL_ACTIVE // max(1, min(len(inner), MOST_STUDIES)))
    with threadpool_limits(1):  # small products: threads would only wait for each other
        for place, conditions in enumerate([(), *inner]):
            names, rows = tuple(groups[conditions]), np.flatnonzero(active[conditions]).tolist()
            if place > MOST_STUDIES:
                found.append(Study(conditions, names, len(rows), 0, "left_out"))
            elif names:
                own = [values[row] for row in rows]
                most = each if conditions else MOST_TRIALS
                found.append(_study(space, conditions, names, own, loss[rows], most))
    return tuple(found)


def _conditions(space: Space, name: str) -> Iterator[Condition]:
    """What must hold for a name to be active, the outer condition first."""
    condition = space[name].only_if
    if condition is not None:
        yield from _conditions(space, condition.name)
        yield condition


def _study(
    space: Space,
    conditions: Conditions,
    names: tuple[str, ...],
    values: Sequence[Values],
    loss: Vector,
    most: int,
) -> Study:
    n = len(values)
    if n < LEAST_TRIALS:
        return Study(conditions, names, n, n, "few")
    if n > most:
        drawn = np.random.default_rng(SEED).choice(n, most, replace=False)
        kept = sorted(drawn.tolist())
        values, loss = [values[place] for place in kept], loss[kept]
    used = len(values)
    if np.ptp(loss) == 0:
        return Study(conditions, names, n, used, "equal")
    squashed = _calmed(loss)
    axes = _axes(space, conditions, values)
    parts = Decomposition.of(axes, codes_of(axes, values), squashed, SEED)
    scale = LossScale.of(loss, squashed)
    state = "estimated" if parts.tells else "unclear"
    effects = _effects(parts, names) if parts.tells else ()
    return Study(conditions, names, n, used, state, effects, parts, scale)


def _calmed(loss: Vector) -> Vector:
    """Squashed, and what is still far out drawn to three quartile ranges above the quartile."""
    squashed = squash(loss)
    low, high = np.quantile(squashed, [0.25, 0.75])
    fence = high + 3 * (high - low)
    return np.minimum(squashed, fence) if high > low else squashed


def _axes(space: Space, conditions: Conditions, values: Sequence[Values]) -> tuple[CellAxis, ...]:
    """Axes that are active in every one of these trials and have something to choose in them."""
    allowed: dict[str, tuple[Value, ...]] = {each.name: each.values for each in conditions}
    found = []
    for name, axis in axes_of(space).items():
        if all(name in each for each in values):
            tried = [each[name] for each in values]
            found.append(CellAxis.of(axis, tried, allowed.get(name)))
    return tuple(axis for axis in found if len(axis.shares) > 1)


def _effects(parts: Decomposition, names: tuple[str, ...]) -> tuple[Effect, ...]:
    """Of each name alone, and of the pairs with one of them that matter most."""
    own = [axis.name for axis in parts.axes]
    alone = [
        Effect((name,), *parts.share(place)) for place, name in enumerate(own) if name in names
    ]
    pairs = [
        Effect((name, other), *parts.share(first, second))
        for first, name in enumerate(own)
        for second, other in enumerate(own)
        if first < second and (name in names or other in names)
    ]
    alone.sort(key=lambda effect: -effect.share)
    pairs.sort(key=lambda effect: -effect.share)
    return (*alone, *(pair for pair in pairs[:MOST_PAIRS] if pair.share > 0))
