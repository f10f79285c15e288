"""The median rule of Google Vizier."""

import math
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial
from experiments.search.strategy import Decision, PrunerDefaults, Standing, option


@dataclass(frozen=True, slots=True)
class MedianPruner(PrunerDefaults):
    """Stops a trial whose best value so far is worse than the median of the others at its epoch.

    The others are the completed trials that have a number at this very epoch. Source: Golovin et
    al. 2017 (Google Vizier), section 3.2.2, with the peers' values instead of their running means,
    as in Optuna's MedianPruner.
    """

    start_trials: int = option(
        5,
        label="Minimum trials",
        help="This many trials complete before any trial is stopped.",
        lowest=1,
        highest=1000,
    )
    warm_up: int = option(
        3,
        label="Warm-up epochs",
        help="No trial is stopped before this epoch.",
        lowest=0,
        highest=10_000,
    )
    interval: int = option(
        1,
        label="Interval (epochs)",
        help="How often a trial is compared after that.",
        lowest=1,
        highest=1000,
    )

    slug: ClassVar[str] = "median"
    label: ClassVar[str] = "Median rule"
    help: ClassVar[str] = (
        "Stops a trial that is worse than the median of the completed trials at the "
        "same epoch. Cheap and careful, but a stopped slow starter never resumes."
    )

    def looks_at(self, epoch: int, epochs: int) -> bool:
        """After the warm-up, every so many epochs."""
        if epoch >= epochs or epoch < max(1, self.warm_up):
            return False
        return (epoch - max(1, self.warm_up)) % self.interval == 0

    def decide(self, trial: ObservedTrial, history: History) -> Decision:
        """Stop below the median."""
        epoch = len(trial.curve)
        if not self.looks_at(epoch, epoch + 1) or len(history.scored) < self.start_trials:
            return Decision()
        sign = 1.0 if history.direction == "minimize" else -1.0
        others = [
            sign * value
            for other, value in history.at_step(epoch)
            if other.state == "completed" and other.number != trial.number
        ]
        if not others:
            return Decision()
        own = [sign * v for v in trial.curve if v is not None and math.isfinite(v)]
        best = min(own, default=math.inf)
        middle = median(others)
        standing = Standing(
            epoch=epoch,
            value=sign * best if own else None,
            cutoff=sign * middle,
            rank=1 + sum(value < best for value in others),
            n=len(others) + 1,
        )
        if best <= middle:
            return Decision("go_on", "", standing)
        shown = plain(sign * best) if own else "no finite value so far"
        reason = (
            f"Stopped at epoch {epoch}: its best value, {shown}, is worse than "
            f"{plain(sign * middle)}, the median of {len(others)} completed trials at "
            "this epoch."
        )
        return Decision("stop", reason, standing)
