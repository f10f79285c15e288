"""Fold racing of a running trial against the best."""

from experiments.evaluation.fold_racing import Lap, lap
from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial
from experiments.search.strategy import Decision, Standing


def race(trial: ObservedTrial, history: History) -> Decision:
    """Stop a trial that can't win any more. trial.executions: the scores that it has so far."""
    best = history.best
    if best is None or best.number == trial.number:
        return Decision()
    others = [
        other.executions
        for other in history.scored
        if other.number not in (best.number, trial.number)
    ]
    higher = history.direction == "maximize"
    found = lap(trial.executions, best.executions, others, higher_is_better=higher)
    if found is None or not found.is_lost:
        return Decision()
    standing = Standing(
        epoch=len(trial.curve), value=found.mean, cutoff=found.best_mean, rank=2, n=2
    )
    return Decision("stop", _words(found, trial, best), standing)


def _words(found: Lap, trial: ObservedTrial, best: ObservedTrial) -> str:
    own = ", ".join(plain(score) for score in trial.executions)
    theirs = ", ".join(plain(score) for score in best.executions[: found.ran])
    return (
        f"Can't win: after {found.ran} of {found.of} executions it is {found.gap:.3g} "
        f"behind trial {best.number} ({own} against {theirs}). A gap of more than "
        f"{plain(found.limit, 2)} is unlikely to close."
    )
