"""Prunes like ASHA if epochs are many and long enough."""

from dataclasses import dataclass
from typing import ClassVar, Final

from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial
from experiments.search.strategies.rungs import Race, last_resort, most_epochs, rung_epochs
from experiments.search.strategy import Decision, Promotion, PrunerDefaults, Standing

# A resume takes about half a second (a new child, its trace, the checkpoint).
RESUME_SECONDS: Final = 0.5
FEWEST_EPOCHS: Final = 9
REDUCTION: Final = 3
LEVELS: Final = 3


def prunes(epochs: int, epoch_seconds: float) -> bool:
    """Whether pausing and resuming costs less than the epochs that it saves."""
    return epochs >= FEWEST_EPOCHS and epoch_seconds > RESUME_SECONDS


def what_it_would_do(epochs: int, epoch_seconds: float | None) -> str:
    """For the form: what Auto does for such a search. None = nothing alike has run yet."""
    rungs = ", ".join(str(e) for e in rung_epochs(epochs, reduction=REDUCTION, levels=LEVELS))
    if epochs < FEWEST_EPOCHS:
        return f"No pruning: {epochs} epochs are too few."
    if epoch_seconds is None:
        return (
            f"Pauses at epochs {rungs} like ASHA if an epoch takes longer than "
            f"{RESUME_SECONDS:g} s; otherwise no pruning."
        )
    taken = f"an epoch takes about {plain(float(epoch_seconds), 2)} s"
    if prunes(epochs, epoch_seconds):
        return f"Pauses at epochs {rungs} like ASHA: {taken}."
    return f"No pruning: {taken}, less than resuming costs."


@dataclass(frozen=True, slots=True)
class AutoPruner(PrunerDefaults):
    """ASHA if an epoch takes more than 0.5 s, otherwise no pruning.

    Trials that were paused before epochs turned out to be short are promoted.
    """

    slug: ClassVar[str] = "auto"
    label: ClassVar[str] = "Auto"
    help: ClassVar[str] = (
        "Prunes only when an epoch takes longer than 0.5 s; below that, resuming "
        "costs more than it saves."
    )

    def rungs(self, epochs: int) -> tuple[int, ...]:
        """ASHA's own."""
        if epochs < FEWEST_EPOCHS:
            return ()
        return rung_epochs(epochs, reduction=REDUCTION, levels=LEVELS)

    def looks_at(self, epoch: int, epochs: int) -> bool:
        """Only at rungs."""
        return epoch in self.rungs(epochs)

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Decide as ASHA, or continue."""
        epochs = most_epochs(trial, history)
        if not prunes(epochs, history.epoch_seconds):
            return Decision()
        return Race(self.rungs(epochs), REDUCTION).decide(trial, history)

    def promote(self, history: History) -> Promotion | None:
        """As ASHA; everyone, in order of number, when pruning does not pay."""
        epochs = most_epochs(None, history)
        if prunes(epochs, history.epoch_seconds):
            race = Race(self.rungs(epochs), REDUCTION)
            return race.promotable(history) or last_resort((race,), history)
        paused = next((t for t in history.trials if t.state == "paused"), None)
        if paused is None:
            return None
        epoch = max(1, len(paused.curve))
        value = paused.curve[-1] if paused.curve else None
        reason = "Promoted: epochs are too short for pruning to pay."
        return Promotion(paused.number, reason, Standing(epoch=epoch, value=value))
