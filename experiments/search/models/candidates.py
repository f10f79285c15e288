"""Candidate configurations: initial points, random ones, neighbours, and the last untried ones."""

from collections.abc import Iterator, Set

import numpy as np
import scipy

from experiments.search.history import Values
from experiments.search.models.observations import Identity, identity
from experiments.search.space.encoding import is_categorical
from experiments.search.space.grid_order import walk
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import Space
from experiments.search.strategy import Suggestion

TRIED = (
    64  # points of the Sobol sequence that are looked at before the caller has to draw at random
)
FINE = 1000  # values of a range without steps, where the rest of a space is looked through
LAST = "One of the last untried configurations."
WIDTH = 0.1  # standard deviation of a small move, in shares of a range without steps


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


def draw_new(
    space: Space, seen: Set[Identity], rng: np.random.Generator, count: int
) -> list[Values]:
    """Up to `count` different configurations at random, none of them seen.

    Fewer come back where few are left; `last_new` then looks through the rest.
    """
    found: dict[Identity, Values] = {}
    for unit in rng.random((4 * count, len(space))):
        values = space.decode(unit)
        mark = identity(values)
        if mark not in seen and mark not in found and space.meets(values):
            found[mark] = values
            if len(found) == count:
                break
    return list(found.values())


def last_new(space: Space, seen: Set[Identity], rng: np.random.Generator) -> Values | None:
    """Return an untried configuration, found by walking the whole space; None if all were tried."""
    for values in walk(space.lattice(resolution=FINE), rng):
        if space.meets(values):
            values = space.canonical(values)
            if identity(values) not in seen:
                return values
    return None


def suggest_untried(
    space: Space, seen: Set[Identity], rng: np.random.Generator, why: str = LAST
) -> Suggestion | None:
    """A random untried configuration, or one of the last; None when a finite space is used up.

    why: the reason of a random one.
    """
    for values in draw_new(space, seen, rng, 1):
        return Suggestion(values, why, "explore")
    rest = last_new(space, seen, rng)
    return None if rest is None else Suggestion(rest, LAST, "explore")


def neighbours(
    space: Space,
    values: Values,
    rng: np.random.Generator,
    count: int,
    *,
    moves: int = 1,
    width: float = WIDTH,
) -> Iterator[Values]:
    """Configurations beside `values`, one after the other: `moves` of its hyperparameters moved.

    An ordered one moves by a step or two (by `width` of a range without steps, give or take), a
    categorical one to any other choice; what a move makes active is drawn at random. Constraints
    are met; the same neighbour may come twice. Source: the local search of Hutter et al. 2011, §4.3.
    """
    rows = [row for row in space.searched if row.name in values and row.count() != 1]
    if not rows:
        return
    unit = space.encode(values)
    inactive = np.array([row.name not in values for row in space.searched])
    columns = {row.name: column for column, row in enumerate(space.searched)}
    for _ in range(count):
        moved = np.where(inactive, rng.random(len(unit)), unit)
        for place in rng.permutation(len(rows))[:moves]:
            column = columns[rows[place].name]
            moved[column] = _moved(rows[place], moved[column], width, rng)
        neighbour = space.decode(moved)
        if space.meets(neighbour):
            yield neighbour


def _moved(row: Hyperparameter, unit: float, width: float, rng: np.random.Generator) -> float:
    count = row.count()
    if count is None:
        return float(np.clip(unit + width * rng.normal(), 0.0, 1.0))
    index = min(int(unit * count), count - 1)
    if is_categorical(row):
        other = int(rng.integers(count - 1))
        index = other + (other >= index)
    else:
        index = min(max(index + _step(count, width, rng), 0), count - 1)
    return (index + 0.5) / count


def _step(count: int, width: float, rng: np.random.Generator) -> int:
    """One or two steps; a share of a list so long that it is nearly a range without steps."""
    far = round(abs(width * count * rng.normal())) if count > 20 else int(rng.integers(1, 3))
    return max(1, far) * (1 if rng.random() < 0.5 else -1)
