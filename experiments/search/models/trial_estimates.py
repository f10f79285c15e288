"""Smoothed scores: three models and a trial's own score combined."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import History
from experiments.search.models.embedding import Columns
from experiments.search.models.forest import Forest, columns_of
from experiments.search.models.gaussian_process import GaussianProcess, fit
from experiments.search.models.observations import normal_scores, observe, squash
from experiments.search.models.surrogate import (
    LossScale,
    extra_variance,
    mean_variance,
    most_useful,
)
from experiments.search.space.encoding import Encoding, Matrix
from experiments.search.space.space import Space

Vector = npt.NDArray[np.float64]

CAUTION: Final = 0.7  # deviations by which an estimate has to be better than it looks
WORSE: Final = 2.0  # deviations of the noise beyond which a score is clearly worse than the best
MODEL_SHARE: Final = 0.6  # weight of the models beside the trial's own score


@dataclass(frozen=True, slots=True)
class TrialEstimates:
    """Estimates of the models for each trial, on the scale of squashed losses, lower is better.

    numbers: of the trials. scored: (k,), which of them completed with a score. scores: (k,), their
    own. pessimistic: (k,), mean of the models plus caution. mean, sd: (k,), of the Gaussian
    process. noise: standard deviation of one score.
    """

    numbers: tuple[int, ...]
    scored: npt.NDArray[np.bool_]
    scores: Vector
    pessimistic: Vector
    mean: Vector
    sd: Vector
    noise: float
    scale: LossScale

    @property
    def standing(self) -> Vector:
        """(k,), models and own score combined; infinite for trials without a score."""
        together = MODEL_SHARE * self.pessimistic + (1 - MODEL_SHARE) * self.scores
        return np.where(self.scored, together, np.inf)

    def clearly_worse(self, best: int) -> npt.NDArray[np.bool_]:
        """(k,), whose own score is clearly worse than that of the trial at place `best`."""
        worse: npt.NDArray[np.bool_] = self.scores > self.scores[best] + WORSE * self.noise
        return worse


def estimate_trials(space: Space, history: History) -> TrialEstimates:
    """Fit the models; the same history gives the same estimates. It needs a trial with a score."""
    seen = observe(space, history)
    rng = np.random.default_rng(history.seed % 2**64)
    encoding = Encoding.of(space)
    rows = encoding.matrix(seen.values)
    kept = most_useful(seen.loss, rng)
    scores = squash(seen.loss)
    scale = LossScale.of(seen.loss, scores)
    known = extra_variance(seen, scale)
    processes = [
        fit(Columns.of(encoding), rows[kept], transform(seen.loss)[kept], known[kept])
        for transform in (normal_scores, squash)
    ]
    explained = [_explained(process) for process in processes]
    forest = _forest_estimates(encoding, rows[kept], scores[kept], rng)
    found = [(p.fitted(), p.predict(rows[kept])[1]) for p in processes] + [forest]
    weights = np.maximum([*explained, float(np.mean(explained))], 1e-6)
    weights = weights / weights.sum()
    mean = np.einsum("i,ij->j", weights, np.array([mean for mean, _ in found]))
    sd = np.einsum("i,ij->j", weights, np.array([sd for _, sd in found]))
    noise = processes[1].noise
    if mean_variance(seen).any():
        noise = math.hypot(noise, float(np.sqrt(np.median(known[kept]))))
    squashed = found[1]
    return TrialEstimates(
        numbers=tuple(seen.trials[place].number for place in kept),
        scored=np.array([seen.trials[place].is_scored for place in kept], dtype=np.bool_),
        scores=scores[kept],
        pessimistic=mean + CAUTION * sd,
        mean=squashed[0],
        sd=squashed[1],
        noise=noise,
        scale=scale,
    )


def _explained(process: GaussianProcess) -> float:
    """Share of the targets' variance that the leave-one-out predictions explain; 1 at most."""
    mean, _ = process.leave_one_out()
    spread = float(np.var(process.targets))
    if not spread > 0:
        return 0.0
    return 1.0 - float(np.mean((process.targets - mean) ** 2)) / spread


def _forest_estimates(
    encoding: Encoding, rows: Matrix, scores: Vector, rng: np.random.Generator
) -> tuple[Vector, Vector]:
    columns = columns_of(encoding, rows)
    return Forest.grow(columns, scores, int(rng.integers(2**32))).predict(columns)
