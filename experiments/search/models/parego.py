"""ParEGO: several objectives as one loss, with new weights for each trial.

Source: Knowles 2006, "ParEGO: a hybrid algorithm with on-line landscape approximation for expensive
multiobjective optimization problems", IEEE Transactions on Evolutionary Computation 10(1), section
III. Every sampler can search for a front like this: it sees a history with one score a trial.
"""

import math
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.search.history import Direction, History, Objective, ObservedTrial

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

RHO: Final = 0.05  # of equation 2
STREAM: Final = 2006  # tells the weights' random numbers from the sampler's own


def draw_weights(history: History, number: int) -> Vector:
    """Weights of the objectives for trial `number`, the score's first: the same in each call.

    Returns: shape (k,), each above 0, their sum 1. Uniform over all such weights, where Knowles
    takes the points of a fine grid (equation 1).
    """
    rng = np.random.default_rng([history.seed % 2**64, number, STREAM])
    return rng.dirichlet(np.ones(1 + len(history.more_objectives)))


def scalarised(history: History, weights: Vector) -> History:
    """Return the history with one loss per trial instead of its objectives.

    weights: shape (k,), main objective first. A completed trial with a NaN objective counts as
    diverged; a trial that people stopped counts as average. Curves, executions and earlier studies
    have the main objective only, so they are dropped.
    """
    ended = [trial for trial in history.trials if trial.state == "completed"]
    scores = tchebycheff(unit_losses(losses(ended, objectives_of(history))), weights)
    finite = scores[np.isfinite(scores)]
    middle = float(np.median(finite)) if len(finite) else math.nan
    own = {trial.number: float(score) for trial, score in zip(ended, scores, strict=True)}
    trials = tuple(
        replace(
            trial,
            score=own.get(trial.number),
            more=(),
            curve=(middle,) if trial.curve and trial.state in ("stopped", "pruned") else (),
            executions=(),
        )
        for trial in history.trials
    )
    warm = replace(history.warm, studies=())
    return replace(
        history, trials=trials, direction="minimize", confirm=0, warm=warm, more_objectives=()
    )


def objectives_of(history: History) -> tuple[Objective, ...]:
    """All of them, the score first."""
    return (Objective("the score", history.direction), *history.more_objectives)


def losses(trials: list[ObservedTrial], objectives: tuple[Objective, ...]) -> Matrix:
    """Return the objectives of completed trials, lower is better, shape (n, k); a row with a NaN
    is all NaN.
    """
    rows = [_loss_row(trial, objectives) for trial in trials]
    found = np.array(rows, dtype=np.float64).reshape(len(trials), len(objectives))
    found[~np.isfinite(found).all(axis=1)] = math.nan
    return found


def unit_losses(loss: Matrix) -> Matrix:
    """Each objective by its ranks, the best 0 and the worst 1; one that is constant 0 throughout.

    loss: shape (n, k), NaN in all of a row that has no number. Ranks in place of Knowles's ranges:
    parameters or seconds differ by factors, and one huge model must not make all others look alike.
    """
    unit = np.full_like(loss, math.nan)
    whole = np.isfinite(loss).all(axis=1)
    if whole.any():
        ranks = scipy.stats.rankdata(loss[whole], method="average", axis=0)
        low, high = ranks.min(axis=0), ranks.max(axis=0)
        unit[whole] = (ranks - low) / np.where(high > low, high - low, 1.0)
    return unit


def tchebycheff(unit: Matrix, weights: Vector) -> Vector:
    """Augmented Tchebycheff function: the largest weighed loss, and a little of their sum.

    unit: shape (n, k), in [0, 1]. Returns: (n,), lower is better, NaN for a row without numbers.
    Source: Knowles 2006, equation 2.
    """
    weighed = unit * weights
    if not len(weighed):
        return np.zeros(0)
    return np.asarray(weighed.max(axis=1) + RHO * weighed.sum(axis=1))


def weights_words(history: History, weights: Vector) -> str:
    """What this trial's loss is made of, as a sentence."""
    parts = [
        f"{objective.name} {100 * weight:.0f} %"
        for weight, objective in zip(weights, objectives_of(history), strict=True)
    ]
    return f"Objective weights: {' and '.join((', '.join(parts[:-1]), parts[-1]))}."


def _loss_row(trial: ObservedTrial, objectives: tuple[Objective, ...]) -> list[float]:
    values = (trial.score, *trial.more)
    if len(values) != len(objectives):
        return [math.nan] * len(objectives)
    return [
        _loss(value, objective.direction)
        for value, objective in zip(values, objectives, strict=True)
    ]


def _loss(value: float | None, direction: Direction) -> float:
    if value is None:
        return math.nan
    return value if direction == "minimize" else -value
