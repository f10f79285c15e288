"""A history as data for models: losses and their transforms, variances, failures, configurations."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from experiments.search.history import History, ObservedTrial, Values
from experiments.search.space.space import Space

Vector = npt.NDArray[np.float64]
Fitting = tuple[tuple[ObservedTrial, Values], ...]
Identity = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Observations:
    """Trials that have ended, in order of number, and what is still to come.

    loss: shape (n,), lower is better whatever the direction; inf where training failed or
    diverged. variance: shape (n,), of the mean over a trial's executions; NaN with fewer than two.
    seen: every configuration that was ever proposed.
    """

    trials: tuple[ObservedTrial, ...]
    values: tuple[Values, ...]
    loss: Vector
    variance: Vector
    pending: tuple[Values, ...]
    seen: frozenset[Identity]

    def __len__(self) -> int:
        """How many trials have ended."""
        return len(self.values)

    @property
    def finite(self) -> npt.NDArray[np.bool_]:
        """Shape (n,): which trials have a loss that can be compared."""
        return np.isfinite(self.loss)


def fitting(space: Space, history: History) -> Fitting:
    """The trials that fit the space with their canonical values: the expensive part of reading."""
    return tuple(
        (trial, values)
        for trial in history.trials
        if (values := configuration_of(space, trial.values)) is not None
    )


def observe(space: Space, history: History, known: Fitting | None = None) -> Observations:
    """Read a history as losses; trials of an older space that don't fit this one are left out.

    A pruned or stopped trial counts with its last value, but never as better than the median of
    the completed ones: it was pruned because it was behind. One that was pruned between executions
    counts as the best one's score plus how far it was behind it on the same folds.
    """
    known = fitting(space, history) if known is None else known
    middle, best = _median_loss(history), history.best
    ended = [(trial, values) for trial, values in known if not trial.is_pending]
    return Observations(
        trials=tuple(trial for trial, _ in ended),
        values=tuple(values for _, values in ended),
        loss=np.array([_loss(t, history, middle, best) for t, _ in ended], dtype=np.float64),
        variance=np.array([_variance(trial) for trial, _ in ended], dtype=np.float64),
        pending=tuple(values for trial, values in known if trial.is_pending),
        seen=frozenset(identity(values) for _, values in known),
    )


def observe_at(history: History, known: Fitting, epoch: int) -> Observations:
    """Read a history as losses at the 1-based epoch, of all trials whose curve is known so far.

    Failed trials are in it with an infinite loss, wherever they failed.
    """
    there = [
        (trial, values)
        for trial, values in known
        if trial.state == "failed" or len(trial.curve) >= epoch
    ]
    losses = [
        math.inf if trial.state == "failed" else history.loss(trial.curve[epoch - 1])
        for trial, _ in there
    ]
    return Observations(
        trials=tuple(trial for trial, _ in there),
        values=tuple(values for _, values in there),
        loss=np.array(losses, dtype=np.float64),
        variance=np.full(len(there), math.nan),
        pending=tuple(
            values for trial, values in known if trial.is_pending and len(trial.curve) < epoch
        ),
        seen=frozenset(identity(values) for _, values in known),
    )


def identity(values: Values) -> Identity:
    """What makes a configuration the same as another; values as `Space.canonical` gives them."""
    return tuple(values.items())


def configuration_of(space: Space, given: Values) -> Values | None:
    """The values as the space writes them, what it doesn't name left out; None unless they are
    one of its configurations.
    """
    try:
        active = space.active(given)
        values: Values = {}
        for row in space.hyperparameters:
            if row.name in active:
                value = given[row.name]
                if row.problem(value):
                    return None
                values[row.name] = row.canonical(value)
        return values if space.meets(values) else None
    except (LookupError, ArithmeticError, TypeError, ValueError):
        return None


def _median_loss(history: History) -> float:
    losses = [history.loss(trial.score) for trial in history.scored]
    return float(np.median(losses)) if losses else -math.inf


def _loss(
    trial: ObservedTrial, history: History, middle: float, best: ObservedTrial | None
) -> float:
    if trial.state == "completed":
        return history.loss(trial.score)
    ran = len(trial.executions)
    if trial.state == "pruned" and best is not None and 0 < ran < len(best.executions):
        behind = float(np.mean(trial.executions) - np.mean(best.executions[:ran]))
        return history.loss((best.score or 0.0) + behind)
    if trial.state == "failed" or not trial.curve:
        return math.inf
    return max(history.loss(trial.curve[-1]), middle)


def _variance(trial: ObservedTrial) -> float:
    finite = [value for value in trial.executions if math.isfinite(value)]
    if len(finite) < 2:
        return math.nan
    return float(np.var(finite, ddof=1) / len(finite))


def normal_scores(loss: Vector) -> Vector:
    """Quantiles of the normal distribution by rank: only the order counts.

    loss: shape (n,), lower is better, inf = failed. Returns: (n,), equal losses get equal scores,
    failures share the worst. Source: van der Waerden 1952, with Blom's plotting positions.
    """
    ranks = scipy.stats.rankdata(np.where(np.isnan(loss), np.inf, loss), method="average")
    return np.asarray(scipy.special.ndtri((ranks - 0.375) / (len(loss) + 0.25)), dtype=np.float64)


def squash(loss: Vector) -> Vector:
    """Keep the scale of the good half and compress the bad tail logarithmically.

    loss: shape (n,), lower is better, inf = failed. Returns: (n,), mean 0 and deviation 1 where
    the losses differ; failures lie one unit of the good half beyond the worst.
    """
    finite = np.isfinite(loss)
    if not finite.any():
        return np.zeros(len(loss))
    middle, best = float(np.median(loss[finite])), float(np.min(loss[finite]))
    scale = middle - best
    if not scale > 0:
        scale = float(np.std(loss[finite])) or 1.0
    # A difference of huge losses can overflow: what is infinitely bad is just very bad.
    with np.errstate(over="ignore", invalid="ignore"):
        relative = np.nan_to_num((loss[finite] - middle) / scale, nan=0.0, posinf=1e300)
    squashed = np.where(relative > 0, np.log1p(np.maximum(relative, 0)), relative)
    out = np.full(len(loss), squashed.max() + 1.0)
    out[finite] = squashed
    deviation = float(np.std(out))
    return np.asarray((out - out.mean()) / (deviation if deviation > 0 else 1.0))
