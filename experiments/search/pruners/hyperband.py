"""Hyperband: several races with different first rungs."""

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
    """ASHA races side by side: bracket s leaves out the s lowest rungs, the last one has none.

    Trials go to brackets by their number, in Hyperband's proportions. Promotions go on from the
    checkpoint. Source: Li et al. 2018, Algorithm 1; run asynchronously as in Li et al. 2020.
    """

    reduction: int = option(
        3,
        label="One of",
        help="Of so many trials at a rung, one goes on.",
        lowest=2,
        highest=10,
    )
    levels: int = option(
        3,
        label="Rungs of the first bracket",
        help="So many brackets have rungs; one more trains every trial to its end.",
        lowest=1,
        highest=6,
    )

    slug: ClassVar[str] = "hyperband"
    label: ClassVar[str] = "Hyperband: races from quick to patient"
    help: ClassVar[str] = (
        "As ASHA, but some trials get more epochs before they are judged. For models of which "
        "nobody knows how slowly they start; costs more epochs than ASHA."
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
        """The first bracket that has somebody to send on."""
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
