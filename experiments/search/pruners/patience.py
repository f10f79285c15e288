"""Stops a trial that has stopped improving."""

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
        label="Patience (epochs)",
        help="Stops a trial after this many epochs without improvement.",
        lowest=1,
        highest=10_000,
    )

    slug: ClassVar[str] = "patience"
    label: ClassVar[str] = "Patience"
    help: ClassVar[str] = (
        "Stops a trial whose objective hasn't improved for some epochs. It looks at "
        "no other trial. Early stopping does the same, but its trials count as "
        "completed."
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
        found = (
            f"{plain(sign * best)} at epoch {best_epoch}"
            if best_epoch
            else "no finite value so far"
        )
        reason = (
            f"Stopped at epoch {epoch}: no improvement for {epoch - best_epoch} "
            f"epochs (best {found})."
        )
        value = sign * best if best_epoch else None
        return Decision("stop", reason, Standing(epoch=epoch, value=value))
