"""Rules that choose the winner among statistically tied trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from experiments.number_words import plain

WinnerRule = Literal["score", "smallest", "fastest", "simplest"]

RULES: Final[Mapping[WinnerRule, str]] = {
    "score": "best smoothed score",
    "smallest": "smallest model",
    "fastest": "fastest epochs",
    "simplest": "closest to the defaults",
}
SUPERLATIVES: Final[Mapping[WinnerRule, str]] = {
    "score": "most promising",
    "smallest": "smallest",
    "fastest": "fastest",
    "simplest": "closest to the defaults",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statistically tied trial and its costs.

    parameters: number of weights. epoch_seconds: training time of an epoch. changes: searched
    hyperparameters that differ from the default. None if unknown: such a trial is chosen last.
    """

    number: int
    parameters: int | None
    epoch_seconds: float | None
    changes: int | None

    def cost(self, rule: WinnerRule) -> tuple[float, float, int]:
        """What the rule makes small; ties go by size, then by number."""
        first = {
            "smallest": self.parameters,
            "fastest": self.epoch_seconds,
            "simplest": self.changes,
        }.get(rule)
        return (_known(first), _known(self.parameters), self.number)


def cheapest(candidates: Sequence[Candidate], rule: WinnerRule) -> int:
    """The number of the candidate that a rule other than "score" prefers."""
    return min(candidates, key=lambda each: each.cost(rule)).number


def gives_up(objective: str, score: float, best_score: float, *, best: int) -> str:
    """Say in a sentence how far a trial's score is behind that of the best trial, by its number."""
    of_which = f"the best tied trial ({best}, {plain(best_score)})"
    if score == best_score:
        return f"It has the same {objective} as {of_which}."
    return f"It gives up {plain(abs(score - best_score), 2)} of {objective} against {of_which}."


def _known(value: float | None) -> float:
    return float("inf") if value is None else float(value)
