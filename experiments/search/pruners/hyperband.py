"""Hyperband: several brackets with different first rungs."""

from dataclasses import dataclass
from typing import ClassVar

from experiments.search.history import History, ObservedTrial
from experiments.search.strategies.rungs import (
    Race,
    bracket_of,
    last_resort,
    most_epochs,
    rung_epochs,
)
from experiments.search.strategy import Decision, Promotion, PrunerDefaults, option


@dataclass(frozen=True, slots=True)
class HyperbandPruner(PrunerDefaults):
    """ASHA in several brackets: bracket s omits the s lowest rungs, the last one has none.

    A trial's number determines its bracket, in Hyperband's proportions. Promoted trials continue
    from the checkpoint. Source: Li et al. 2018, Algorithm 1; asynchronous as in Li et al. 2020.
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
        label="Rungs of the first bracket",
        help="Number of brackets with rungs. One more bracket trains every trial to "
        "its last epoch.",
        lowest=1,
        highest=6,
    )

    slug: ClassVar[str] = "hyperband"
    label: ClassVar[str] = "Hyperband"
    help: ClassVar[str] = (
        "Like ASHA, but some trials get more epochs before they are ranked. For "
        "models whose starting speed is unknown; costs more epochs than ASHA."
    )

    def rungs(self, epochs: int) -> tuple[int, ...]:
        """Of the first bracket, which has all of them."""
        return rung_epochs(epochs, reduction=self.reduction, levels=self.levels)

    def looks_at(self, epoch: int, epochs: int) -> bool:
        """Only at rungs."""
        return epoch in self.rungs(epochs)

    def bracket(self, trial: ObservedTrial, brackets: int) -> int:
        """The bracket of a trial."""
        return bracket_of(trial.number, reduction=self.reduction, brackets=brackets)

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Pause, unless it is among the best of its bracket at its rung."""
        races = self._races(most_epochs(trial, history))
        return races[self.bracket(trial, len(races))].decide(trial, history)

    def promote(self, history: History) -> Promotion | None:
        """Promote from the first bracket with a candidate."""
        races = self._races(most_epochs(None, history))
        found = (race.promotable(history) for race in races)
        return next(filter(None, found), None) or last_resort(races, history)

    def _races(self, epochs: int) -> tuple[Race, ...]:
        rungs = self.rungs(epochs)
        brackets = len(rungs) + 1
        return tuple(
            Race(
                rungs[s:],
                self.reduction,
                lambda trial, s=s: self.bracket(trial, brackets) == s,  # type: ignore[misc]
                bracket=s + 1,
            )
            for s in range(brackets)
        )
