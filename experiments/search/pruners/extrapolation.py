"""Stops a trial whose extrapolated curve is unlikely to beat the best."""

import math
from dataclasses import dataclass
from typing import ClassVar

from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial
from experiments.search.models.curve_fit import chance_to_beat
from experiments.search.strategies.rungs import most_epochs
from experiments.search.strategy import Decision, PrunerDefaults, Standing, option


@dataclass(frozen=True, slots=True)
class ExtrapolationPruner(PrunerDefaults):
    """Predicts the last epoch from the curve so far, and stops when it is unlikely to beat the best.

    Source: Domhan et al. 2015, section 4: stop when P(y_m > y_best | y_1:n) falls below a limit.
    """

    certainty: int = option(
        90,
        label="Confidence (%)",
        help="Stops a trial when it misses the best score with this probability.",
        lowest=50,
        highest=99,
    )
    warm_up: int = option(
        5,
        label="Minimum epochs",
        help="Shorter curves aren't extrapolated.",
        lowest=4,
        highest=10_000,
    )
    interval: int = option(
        2,
        label="Interval (epochs)",
        help="How often the curve is extrapolated after that.",
        lowest=1,
        highest=1000,
    )

    slug: ClassVar[str] = "extrapolation"
    label: ClassVar[str] = "Learning-curve extrapolation"
    help: ClassVar[str] = (
        "Extrapolates each curve to its last epoch and stops trials that are very "
        "unlikely to beat the best. Handles slow starters well; saves less than ASHA."
    )

    def looks_at(self, epoch: int, epochs: int) -> bool:
        """After the warm-up, every so many epochs."""
        return self.warm_up <= epoch < epochs and (epoch - self.warm_up) % self.interval == 0

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Stop when the chance to beat the best trial is small; without one, never."""
        best = history.best
        epoch, last = len(trial.curve), self._last_epoch(trial, history)
        if best is None or best.score is None or not self.looks_at(epoch, last):
            return Decision()
        sign = 1.0 if history.direction == "maximize" else -1.0
        curve = [sign * v if v is not None else math.nan for v in trial.curve]
        finite = [value for value in curve if math.isfinite(value)]
        value = sign * finite[-1] if finite else None
        standing = Standing(epoch=epoch, value=value, cutoff=best.score)
        if finite and max(finite) >= sign * best.score:
            return Decision("go_on", "", standing)
        chance = chance_to_beat(curve, last, sign * best.score)
        if chance >= 1 - self.certainty / 100:
            return Decision("go_on", "", standing)
        reason = (
            f"Stopped at epoch {epoch}: its curve has a {100 * chance:.1g} % chance to "
            f"beat {plain(best.score)} (trial {best.number}) by epoch {last}."
        )
        return Decision("stop", reason, standing)

    def _last_epoch(self, trial: ObservedTrial, history: History) -> int:
        own = trial.values.get("epochs")
        return int(own) if isinstance(own, int | float) else most_epochs(trial, history)
