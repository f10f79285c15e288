"""No pruning."""

from dataclasses import dataclass
from typing import ClassVar

from experiments.search.history import History, ObservedTrial
from experiments.search.strategy import Decision, PrunerDefaults


@dataclass(frozen=True, slots=True)
class NoPruner(PrunerDefaults):
    """Never stops a trial."""

    slug: ClassVar[str] = "none"
    label: ClassVar[str] = "No pruning"
    help: ClassVar[str] = "Every trial trains to its last epoch or until early stopping."

    def looks_at(self, epoch: int, epochs: int) -> bool:
        return False

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        return Decision()
