"""A Gaussian process of the losses, and a classifier of failures."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.models.acquisition import log_expected_improvement, log_probability_below
from experiments.search.models.embedding import Columns
from experiments.search.models.gaussian_process import GaussianProcess, Mean, fit
from experiments.search.models.observations import Observations
from experiments.search.models.transfer_prior import PriorMean
from experiments.search.space.encoding import Encoding, Matrix

Vector = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Transform = Callable[[Vector], Vector]
MakePrior = Callable[[Matrix, Vector], Mean]

BEST, OTHERS = 150, 100  # the most useful trials: so many of the best, so many of the rest
PENDING: Final = 100  # pending trials, the latest: of many paused ones each adds little
PSEUDO: Final = 4.0  # observations that the pooled variance is worth, beside a trial's own


@dataclass(frozen=True, slots=True)
class LossScale:
    """Between losses and what a transform makes of them; both (k,), rising, without equals."""

    losses: Vector
    scores: Vector

    @classmethod
    def of(cls, loss: Vector, scores: Vector) -> "LossScale":
        """Of a transform's input and output, shape (n,); infinite losses don't count."""
        finite = np.isfinite(loss)
        losses, first = np.unique(loss[finite], return_index=True)
        return cls(losses, scores[finite][first])

    def loss(self, scores: Vector) -> Vector:
        """Back to losses, shape (m,), beyond both ends along the slope of the nearer half."""
        return _follow(scores, self.scores, self.losses)

    def score(self, losses: Vector) -> Vector:
        """The transform of losses that lie between those it was learnt from, or beyond them."""
        return _follow(losses, self.losses, self.scores)


@dataclass(frozen=True, slots=True)
class Surrogate:
    """The models after a search's trials, in transformed losses, lower is better.

    process: the latest pending trials are in it with their predicted means. best: the lowest posterior
    mean at a trial with a finite loss; the prior mean of 0 without one. good: places in the
    observations of the trials that the model predicts best, best first. failing: 1 where training
    works, -1 where it fails, less base. earlier: the prior mean from earlier studies.
    """

    process: GaussianProcess
    scale: LossScale
    best: float
    good: Rows
    failing: GaussianProcess | None
    base: float
    earlier: PriorMean | None = None

    def log_worth(self, rows: Matrix) -> Vector:
        """Log of expected improvement times the probability of success; rows (n, d) -> (n,)."""
        mean, sd = self.process.predict(rows)
        return log_expected_improvement(mean, sd, self.best) + self.log_works(rows)

    def log_works(self, rows: Matrix) -> Vector:
        """Log of the probability that training does not fail; rows (n, d) -> (n,).

        A least-squares classifier, R&W §6.5, eq. 6.42; the product with expected improvement is
        that of Gelbart, Snoek & Adams 2014, eq. 4.
        """
        if self.failing is None:
            return np.zeros(len(rows))
        mean, sd = self.failing.predict(rows)
        return log_probability_below(-mean - self.base, np.hypot(sd, self.failing.noise), 0.0)

    def in_loss(self, mean: float, sd: float) -> tuple[float, float]:
        """A prediction as loss and standard deviation in the objective's units; NaN without scale."""
        if not len(self.scale.losses):
            return math.nan, math.nan
        low, middle, high = self.scale.loss(np.array([mean - sd, mean, mean + sd]))
        return float(middle), float(high - low) / 2


def model(
    encoding: Encoding,
    seen: Observations,
    rows: Matrix,
    transform: Transform,
    rng: np.random.Generator,
    make_prior: MakePrior | None = None,
) -> Surrogate:
    """Fit the losses and the failures.

    rows: shape (n + p, d), encoded: the n trials that ended, at least one, then the p pending ones.
    transform: of losses, for instance `normal_scores`. make_prior: makes the prior mean of the
    rows that have a loss and their scores, from earlier studies or lower rungs.
    """
    columns = Columns.of(encoding)
    rows, pending = rows[: len(seen)], rows[len(seen) :]
    finite = seen.finite
    scores = transform(seen.loss)
    scale = LossScale.of(seen.loss, scores)
    kept = most_useful(seen.loss, rng)
    known = extra_variance(seen, scale)
    mean = make_prior(rows[finite], scores[finite]) if make_prior else None
    process = fit(columns, rows[kept], scores[kept], known[kept], mean=mean)
    own = np.flatnonzero(finite[kept])
    best = float(process.fitted()[own].min()) if len(own) else 0.0
    failing, base = None, 0.0
    if finite.any() and not finite.all():
        failing, base = _fit_failures(columns, rows, finite, rng)
    earlier = mean if isinstance(mean, PriorMean) else None
    good = kept[own[np.argsort(process.fitted()[own], kind="stable")]]
    return Surrogate(
        process.with_pending(pending[-PENDING:]), scale, best, good, failing, base, earlier
    )


def _fit_failures(
    columns: Columns, rows: Matrix, finite: npt.NDArray[np.bool_], rng: np.random.Generator
) -> tuple[GaussianProcess, float]:
    labels = np.where(finite, 1.0, -1.0)
    base = float(labels.sum() / (len(labels) + 1))  # one more trial that is neither
    kept = most_useful(labels, rng)
    return fit(columns, rows[kept], labels[kept] - base), base


def most_useful(
    loss: Vector, rng: np.random.Generator, *, best: int = BEST, others: int = OTHERS
) -> Rows:
    """Places of the trials that a model is fitted to: all of them, or the best and some others."""
    order = np.argsort(loss, kind="stable").astype(np.intp)
    if len(order) <= best + others:
        return np.arange(len(order), dtype=np.intp)
    drawn = rng.choice(order[best:], others, replace=False)
    return np.sort(np.concatenate([order[:best], drawn]))


def extra_variance(seen: Observations, scale: LossScale) -> Vector:
    """Variance of each transformed loss by its executions, shape (n,).

    Two or three executions say little about their own spread, so that each trial's is drawn
    towards the pooled one. 0 where no trial has two executions: the model learns the noise then.
    """
    variance = mean_variance(seen)
    if not variance.any():
        return np.zeros(len(seen))
    deviation = np.sqrt(variance)
    loss = np.where(seen.finite, seen.loss, 0.0)
    half = 0.5 * np.abs(scale.score(loss + deviation) - scale.score(loss - deviation))
    return np.where(seen.finite, half**2, 0.0)


def mean_variance(seen: Observations) -> Vector:
    """Variance of each trial's loss as the mean of its executions, in squared units, shape (n,)."""
    counts = np.array([max(len(trial.executions), 1) for trial in seen.trials], dtype=np.float64)
    known = np.isfinite(seen.variance)
    if not known.any():
        return np.zeros(len(seen))
    freedom = np.where(known, counts - 1, 0.0)
    single = np.where(known, seen.variance, 0.0) * counts
    pooled = float((freedom * single).sum() / freedom.sum())
    return np.asarray((PSEUDO * pooled + freedom * single) / (PSEUDO + freedom) / counts)


def _follow(x: Vector, xs: Vector, ys: Vector) -> Vector:
    """Linear interpolation, and beyond both ends the slope of the nearer half. xs rises."""
    if len(xs) < 2:
        return np.full(len(x), ys[0])
    middle, last = len(xs) // 2, len(xs) - 1
    inside = np.interp(x, xs, ys)
    # Losses may be as large as floats go: a slope of nothing then says that all is one.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        low = (ys[middle] - ys[0]) / (xs[middle] - xs[0])
        upper = min(middle, last - 1)
        high = (ys[last] - ys[upper]) / (xs[last] - xs[upper])
        beyond = np.minimum(x - xs[0], 0.0) * low + np.maximum(x - xs[last], 0.0) * high
        return np.asarray(inside + np.nan_to_num(beyond))
