"""A prior mean from earlier studies, weighted by how well they order the new trials."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import EarlierStudy
from experiments.search.models.embedding import Columns
from experiments.search.models.gaussian_process import GaussianProcess, fit
from experiments.search.models.observations import normal_scores
from experiments.search.space.encoding import Encoding, Matrix

Vector = npt.NDArray[np.float64]

JUDGED: Final = 8  # scored trials after which a study that orders them wrongly is dropped
PRIOR_SHARE, PAIRS = 0.75, 6.0  # prior share of ordered pairs, and pairs that it is worth
SLOPE, TRIALS = 0.8, 2.0  # slope of today's scores by the prior, and trials that it is worth
KEPT: Final = 32  # models of studies that a process caches

_learnt: OrderedDict[str, GaussianProcess] = OrderedDict()


@dataclass(frozen=True, slots=True)
class PriorMean:
    """Transformed loss that earlier studies expect: level + slope * weighted mean of theirs.

    weights: shape (s,), they sum to 1 or are all 0. share: (s,), of today's pairs of trials that
    each study puts in the right order.
    """

    processes: tuple[GaussianProcess, ...]
    weights: Vector
    share: Vector
    level: float
    slope: float

    def __call__(self, rows: Matrix) -> Vector:
        """At encoded rows (m, d): shape (m,)."""
        if not self.slope or not self.weights.any():
            return np.full(len(rows), self.level)
        found = np.full(len(rows), self.level)
        for process, weight in zip(self.processes, self.weights, strict=True):
            if weight:
                found += self.slope * weight * process.predict(rows)[0]
        return found

    def transfer_weights(self) -> tuple[float, ...]:
        """How much each study counts, 0 to 1: its weight times the slope, at most 1 in all."""
        return tuple(round(float(weight) * min(self.slope, 1.0), 3) for weight in self.weights)


def learn(encoding: Encoding, studies: tuple[EarlierStudy, ...]) -> tuple[GaussianProcess, ...]:
    """A model of each study's losses, ranked within the study: scores of other data have no scale."""
    space = json.dumps(encoding.space.to_dict(), sort_keys=True)
    found = []
    for study in studies:
        key = f"{study.key} {space}"
        process = _learnt.get(key) if study.key else None
        if process is None:
            rows = encoding.matrix(study.values)
            process = fit(Columns.of(encoding), rows, normal_scores(np.array(study.loss)))
        if study.key:
            _learnt[key] = process
            _learnt.move_to_end(key)
            while len(_learnt) > KEPT:
                _learnt.popitem(last=False)
        found.append(process)
    return tuple(found)


def prior_mean(processes: tuple[GaussianProcess, ...], rows: Matrix, scores: Vector) -> PriorMean:
    """Weigh the studies by how they order today's trials, and scale what they say together.

    rows: shape (n, d), encoded trials with a finite loss. scores: (n,), transformed losses.
    Weight = (share of ordered pairs - 1/2)^2, as in the ranking-weighted ensemble of Feurer, Letham
    & Bakshy 2018, made smooth; the slope is a ridge regression, never below 0.
    """
    predicted = np.array([process.predict(rows)[0] for process in processes])
    predicted = predicted.reshape(len(processes), len(rows))
    share, pairs = ordered_share(predicted, scores)
    smooth = (share * pairs + PRIOR_SHARE * PAIRS) / (pairs + PAIRS)
    weights = np.maximum(smooth - 0.5, 0.0) ** 2
    if len(scores) >= JUDGED:
        weights = np.where(share < 0.5, 0.0, weights)
    total = float(weights.sum())
    if total == 0:
        return PriorMean(processes, weights, share, 0.0, 0.0)
    weights = weights / total
    level, slope = regression(weights @ predicted, scores)
    return PriorMean(processes, weights, share, level, slope)


def ordered_share(predicted: Matrix, scores: Vector) -> tuple[Vector, float]:
    """Share of pairs in the right order by each row of (s, n) predictions; and how many pairs.

    Pairs of equal scores don't count, those of equal predictions half.
    """
    left, right = np.triu_indices(len(scores), 1)
    truth = np.sign(scores[left] - scores[right])
    counted = truth != 0
    if not counted.any():
        return np.full(len(predicted), 0.5), 0.0
    said = np.sign(predicted[:, left[counted]] - predicted[:, right[counted]])
    agrees = 0.5 * (1.0 + said * truth[counted])
    return agrees.mean(axis=1), float(counted.sum())


def regression(prior: Vector, scores: Vector) -> tuple[float, float]:
    """Level and slope of the scores by the prior; without trials the slope that is expected."""
    if not len(scores):
        return 0.0, SLOPE
    weight = len(scores) / (len(scores) + TRIALS)
    middle, level = weight * float(prior.mean()), weight * float(scores.mean())
    off = prior - middle
    slope = float(off @ (scores - level) + TRIALS * SLOPE) / float(off @ off + TRIALS)
    slope = max(slope, 0.0)
    return level - slope * middle, slope
