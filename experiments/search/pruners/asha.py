"""Asynchronous successive halving with pause and resume."""

from dataclasses import dataclass
from typing import ClassVar

from experiments.search.history import History, ObservedTrial
from experiments.search.strategies.rungs import Race, last_resort, most_epochs, rung_epochs
from experiments.search.strategy import Decision, Promotion, PrunerDefaults, option


@dataclass(frozen=True, slots=True)
class AshaPruner(PrunerDefaults):
    """Pauses trials at rungs and promotes the best third of each rung from its checkpoint.

    A trial among the best when it enters a rung continues without a pause, which saves a resume.
    Trials are compared by the objective at the rung's epoch. Source: Li et al. 2020, Algorithm 2.
    """

    reduction: int = option(
        3,
        label="Reduction factor",
        help="One of this many trials at a rung is promoted.",
        lowest=2,
        highest=10,
    )
    levels: int = option(
        3,
        label="Rungs",
        help="With 3 rungs, 27 epochs give rungs at epochs 1, 3 and 9.",
        lowest=1,
        highest=6,
    )
    warm_up: int = option(
        0,
        label="Minimum epochs",
        help="Rungs below this epoch are skipped. Useful for models that start slowly.",
        lowest=0,
        highest=10_000,
    )

    slug: ClassVar[str] = "asha"
    label: ClassVar[str] = "ASHA"
    help: ClassVar[str] = (
        "Pauses trials at rungs and promotes the best third from its checkpoint. The "
        "best choice for long training runs."
    )

    def rungs(self, epochs: int) -> tuple[int, ...]:
        """Scaled to the epochs."""
        return rung_epochs(
            epochs, reduction=self.reduction, levels=self.levels, warm_up=self.warm_up
        )

    def looks_at(self, epoch: int, epochs: int) -> bool:
        """Only at rungs."""
        return epoch in self.rungs(epochs)

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Pause, unless it is among the best at its rung."""
        return self._race(most_epochs(trial, history)).decide(trial, history)

    def promote(self, history: History) -> Promotion | None:
        """Promote the best paused trial of the highest rung."""
        race = self._race(most_epochs(None, history))
        return race.promotable(history) or last_resort((race,), history)

    def _race(self, epochs: int) -> Race:
        return Race(self.rungs(epochs), self.reduction)
