"""Stops a trial that does not get better any more."""

import math
from dataclasses import dataclass
from typing import ClassVar

from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial
from experiments.search.strategy import Decision, PrunerDefaults, Standing, option


@dataclass(frozen=True, slots=True)
class PatiencePruner(PrunerDefaults):
    """Stops a trial whose own objective has gained nothing for so many epochs.

    An epoch without a number gains nothing. Source: Prechelt 1998, "Early Stopping - But When?",
    the UP criterion, over epochs instead of strips.
    """

    epochs: int = option(
        5,
        label="Epochs without a gain",
        help="So many in a row stop the trial.",
        lowest=1,
        highest=10_000,
    )

    slug: ClassVar[str] = "patience"
    label: ClassVar[str] = "Patience: stop where nothing is gained"
    help: ClassVar[str] = (
        "A trial stops when its own score has not improved for some epochs. Compares with no "
        "other trial; early stopping does the same and lets the trial count as complete."
    )

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Stop when the best epoch lies too far back."""
        sign = 1.0 if history.direction == "minimize" else -1.0
        best, best_epoch = math.inf, 0
        for epoch, value in enumerate(trial.curve, start=1):
            if value is not None and math.isfinite(value) and sign * value < best:
                best, best_epoch = sign * value, epoch
        epoch = len(trial.curve)
        if epoch - best_epoch < self.epochs:
            return Decision()
        found = f"{plain(sign * best)} at epoch {best_epoch}" if best_epoch else "no number so far"
        reason = f"Stopped at epoch {epoch}: no gain for {epoch - best_epoch} epochs ({found})."
        value = sign * best if best_epoch else None
        return Decision("stop", reason, Standing(epoch=epoch, value=value))
