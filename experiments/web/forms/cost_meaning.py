"""Room: web. What the budget of the new-experiment form buys: fits, trials, time."""

from dataclasses import dataclass
from typing import Any

from experiments.evaluation.protocol import Protocol
from experiments.number_words import duration
from experiments.reports.experiments.fit_seconds import FitSeconds
from experiments.search.space.space import Space
from experiments.search.strategies.rungs import space_epochs


@dataclass(frozen=True, slots=True)
class Cost:
    """What the budget buys. Times are None until a like search has run in the project.

    words: how many fits a trial is, and how long it takes: "5 folds × 2 repeats = 10 executions per trial".
    """

    fits_a_trial: int
    trials: int
    fits: int
    trial_seconds: tuple[float, float] | None
    total_seconds: float | None
    seen: int
    words: str


def cost_of(
    source: dict[str, Any], protocol: Protocol | None, seen: FitSeconds | None
) -> Cost | None:
    """None while the protocol or the number of trials is wrong. source: the plan's JSON."""
    trials, parallel = source["budget"]["max_trials"], source["budget"]["parallel"]
    if protocol is None or not isinstance(trials, int) or not 0 < trials <= 10**6:
        return None
    each = protocol.executions
    lanes = parallel if isinstance(parallel, int) and parallel > 0 else 1
    return Cost(
        fits_a_trial=each,
        trials=trials,
        fits=trials * each,
        trial_seconds=(seen.shortest * each, seen.longest * each) if seen else None,
        total_seconds=seen.mean * each * trials / lanes if seen else None,
        seen=seen.n if seen else 0,
        words=multiplier_words(protocol, seen),
    )


def epochs_words(source: dict[str, Any], protocol: Protocol | None, space: Space | None) -> str:
    """That not even one trial fits into the budget of epochs; empty where one does."""
    limit = source["budget"]["max_epochs"]
    if protocol is None or space is None or not isinstance(limit, int):
        return ""
    epochs, fits = space_epochs(space), protocol.executions
    most = epochs * fits
    if not 0 < limit < most:
        return ""
    product = (
        f"{fits} executions × {epochs:,} epochs = {most:,}" if fits > 1 else f"{most:,} epochs"
    )
    return (
        f"One trial may take {product}, more than the limit of {limit:,}: unless it stops early, the "
        "search ends before any trial has a score. Allow more epochs or fewer executions per trial."
    )


def multiplier_words(protocol: Protocol, seen: FitSeconds | None) -> str:
    """The executions of a trial as a product, with the time that they take together, if known."""
    parts = {"k_fold": f"{protocol.folds} folds", "subsampling": f"{protocol.rounds} rounds"}
    factors = [parts[protocol.kind]] if protocol.kind in parts else []
    factors += [f"{protocol.repeats} repeats"] if protocol.repeats > 1 else []
    each = protocol.executions
    fits = "1 execution per trial" if each == 1 else f"{each} executions per trial"
    product = f"{' × '.join(factors)} = {fits}" if factors else fits
    return f"{product}, about {duration(seen.mean * each)} per trial." if seen else f"{product}."
