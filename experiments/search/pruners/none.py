"""Room: search (standard library only). The pruner that lets every trial run to its end."""

from dataclasses import dataclass
from typing import ClassVar

from experiments.search.history import History, ObservedTrial
from experiments.search.strategy import Decision


@dataclass(frozen=True, slots=True)
class NoPruner:
    """Never stops a trial."""

    slug: ClassVar[str] = "none"
    label: ClassVar[str] = "No early stop of trials"
    help: ClassVar[str] = "Every trial trains until its epochs or its early stopping end it."

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Always go on."""
        del trial, history
        return Decision()

    def promote(self, history: History) -> int | None:
        """Nothing is ever paused, so nobody is promoted."""
        del history
        return None
