"""Simulated annealing on ranks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import History, Values
from experiments.search.models.candidates import (
    draw_new,
    neighbours,
    start_point,
    suggest_untried,
)
from experiments.search.models.observations import Observations, identity, observe
from experiments.search.space.space import Space
from experiments.search.strategy import SamplerDefaults, Suggestion, option

START: Final = 6  # spread points before the first jump
HOT: Final = 0.25  # mean rank from which a hot search jumps, as a share of the trials
COLD: Final = 0.5  # the same of a cold search, in ranks: mostly the best one
WIDE: Final = 0.3  # deviation of a hot jump along a range, as a share of it
NARROW: Final = 0.02  # the same of a cold one
HALFWAY: Final = 0.5  # the temperature above which a jump explores
JUMPS: Final = 8  # trials that are tried as the origin of a jump
BESIDE: Final = 24  # neighbours of each that are looked at for a new one


@dataclass(frozen=True, slots=True)
class AnnealingSampler(SamplerDefaults):
    """Each trial is a small jump from an earlier one, drawn by its rank.

    The chance of a trial to be the origin falls with its rank r as exp(-r / t), the Boltzmann
    distribution with ranks as energies; t falls until only the best are left. Since any finished
    trial may be the origin, workers need not wait for one another, and nothing depends on the
    score's scale. Source: Kirkpatrick, Gelatt and Vecchi 1983, "Optimization by simulated
    annealing"; restarts as in Ingber 1989.
    """

    slug: ClassVar[str] = "annealing"
    label: ClassVar[str] = "Simulated annealing"
    help: ClassVar[str] = (
        "Moves from good trials to neighbouring values, in large steps at first and "
        "smaller ones later. For spaces with many steps and cheap trials; takes "
        "milliseconds per trial."
    )

    trials: int = option(
        50,
        label="Cooling (trials)",
        help="Number of trials over which the temperature falls. About the budget of "
        "the search is best.",
        lowest=1,
        highest=1_000_000,
    )
    restart: int = option(
        30,
        label="Restart after (trials)",
        help="Restarts at a random configuration after this many trials without improvement.",
        lowest=1,
        highest=1_000_000,
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """A new neighbour of a good trial; None when a finite space is used up."""
        del number  # it is in the rng already
        seen = observe(space, history)
        placed = len(seen) + len(seen.pending)
        if placed < START or not seen.finite.any():
            values = start_point(space, placed, history.seed, seen.seen)
            if values is not None:
                return Suggestion(values, f"Initial point {placed + 1}.")
        begun = round_begin(seen, self.restart)
        heat = max(0.0, 1.0 - (placed - begun) / self.trials)
        if placed == begun > 0:
            for values in draw_new(space, seen.seen, rng, 1):
                why = f"Random restart: no improvement for {self.restart} trials."
                return Suggestion(values, why, "explore")
        for origin, values in _jumps(space, seen, heat, rng):
            if identity(values) not in seen.seen:
                why = f"Neighbour of trial {origin} at temperature {heat:.2f}."
                return Suggestion(values, why, "explore" if heat > HALFWAY else "exploit")
        why = "Random: all neighbours of the good trials are used."
        return suggest_untried(space, seen.seen, rng, why)


def round_begin(seen: Observations, restart: int) -> int:
    """How many trials had ended when the search last began anew; 0 = it never got stuck.

    A round ends when `restart` trials in a row bring nothing better than the round's best so far.
    """
    begun, idle, best = 0, 0, np.inf
    for count, loss in enumerate(seen.loss, start=1):
        better = bool(loss < best)
        best = min(best, float(loss))
        idle = 0 if better else idle + 1
        if idle >= restart:
            begun, idle, best = count, 0, np.inf
    return begun


def origin_chances(ranked: int, heat: float) -> npt.NDArray[np.float64]:
    """Chance of each of `ranked` trials, the best first, to be the origin of a jump, shape (n,).

    heat: 1 = hot, 0 = cold. Sums to 1 and falls with the rank.
    """
    spread = max(COLD, HOT * ranked * heat)
    weights = np.exp(-np.arange(ranked) / spread)
    return np.asarray(weights / weights.sum())


def _jumps(
    space: Space, seen: Observations, heat: float, rng: np.random.Generator
) -> Iterator[tuple[int, Values]]:
    """Number of the origin and a neighbour of it, one after the other."""
    ranked = [place for place in np.argsort(seen.loss, kind="stable") if seen.finite[place]]
    if not ranked:
        return
    chances = origin_chances(len(ranked), heat)
    width = NARROW * (WIDE / NARROW) ** heat
    for _ in range(JUMPS):
        place = ranked[int(rng.choice(len(ranked), p=chances))]
        moves = 1 + int(rng.random() < heat)
        origin = seen.values[place]
        for values in neighbours(space, origin, rng, BESIDE, moves=moves, width=width):
            yield seen.trials[place].number, values
