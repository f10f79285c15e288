"""A Gaussian process over encoded values, with MAP hyperparameters.

Equations are those of Rasmussen & Williams 2006, Gaussian Processes for Machine Learning (R&W).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.search.models.embedding import Columns, Embedding, squared_distances
from experiments.search.space.encoding import Matrix

Vector = npt.NDArray[np.float64]
Mean = Callable[[Matrix], Vector]  # encoded rows (m, d) -> (m,)

ROOT5: Final = math.sqrt(5.0)
JITTERS: Final = (0.0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)
LEARN_FROM: Final = 120  # rows that the settings are learnt from, spread over the targets
WORK: Final = 3e8  # operations that learning the settings may take, about


@dataclass(frozen=True, slots=True)
class Settings:
    """Hyperparameters of the process, as logarithms.

    lengths: shape (d,), log of each column's length scale, where a whole range has length 1.
    signal: log variance of the function. noise: log variance of one observation.
    """

    lengths: Vector
    signal: float
    noise: float

    def flat(self) -> Vector:
        """All of them in one vector, shape (d + 2,)."""
        return np.concatenate([self.lengths, [self.signal, self.noise]])

    @classmethod
    def from_flat(cls, flat: Vector) -> "Settings":
        """The inverse of `flat`."""
        return cls(flat[:-2], float(flat[-2]), float(flat[-1]))


@dataclass(frozen=True, slots=True)
class Prior:
    """Independent normal priors on the logarithms: (mean, deviation) of each kind.

    length: for one column; with d columns the mean grows by log(d) / 2, as the distance of two
    random points does. Source: Hvarfner, Hellsten & Nardi 2024, eq. 8 (the idea, not the figures).
    """

    length: tuple[float, float] = (math.log(0.5), 0.8)
    signal: tuple[float, float] = (0.0, 0.5)
    noise: tuple[float, float] = (math.log(0.05), 1.2)

    def mean(self, width: int) -> Settings:
        """The settings that are most probable without data."""
        length = self.length[0] + 0.5 * math.log(max(width, 1))
        return Settings(np.full(width, length), self.signal[0], self.noise[0])

    def deviation(self, width: int) -> Vector:
        """Shape (d + 2,)."""
        return Settings(np.full(width, self.length[1]), self.signal[1], self.noise[1]).flat()


PRIOR: Final = Prior()


@dataclass(frozen=True, slots=True)
class GaussianProcess:
    """The posterior given n rows. Targets without a prior mean have one of 0: standardize them.

    rows: shape (n, d), encoded. targets: (n,). extra: (n,), known variance of each target on top
    of the noise. factor: (n, n), lower Cholesky factor of K + noise. weights: (n,), K^-1 times the
    targets less their prior mean. R&W eq. 2.38.
    """

    embedding: Embedding
    settings: Settings
    rows: Matrix
    targets: Vector
    extra: Vector
    factor: Matrix
    weights: Vector
    prior_mean: Mean | None = None

    @property
    def noise(self) -> float:
        """Standard deviation of one observation around the function."""
        return math.exp(0.5 * self.settings.noise)

    def predict(self, rows: Matrix) -> tuple[Vector, Vector]:
        """Mean and standard deviation of the function (not of an observation) at (m, d) rows.

        R&W eq. 2.25-2.26.
        """
        scale = np.exp(-self.settings.lengths)[self.embedding.owner]
        known = self.embedding.features(self.rows) * scale
        cross = matern(
            squared_distances(self.embedding.features(rows) * scale, known), self.settings.signal
        )
        mean = cross @ self.weights
        if self.prior_mean is not None:
            mean = mean + self.prior_mean(rows)
        half = scipy.linalg.solve_triangular(self.factor, cross.T, lower=True, check_finite=False)
        variance = math.exp(self.settings.signal) - np.einsum("ij,ij->j", half, half)
        return mean, np.sqrt(np.maximum(variance, 1e-12))

    def fitted(self) -> Vector:
        """Posterior mean of the function at the own rows, (n,): K K^-1 y = y - noise K^-1 y."""
        return self.targets - (math.exp(self.settings.noise) + self.extra) * self.weights

    def leave_one_out(self) -> tuple[Vector, Vector]:
        """Each target as the others predict it: mean and deviation of the observation, (n,) each.

        R&W eq. 5.12: mean = y - [K^-1 y] / [K^-1]_ii, variance = 1 / [K^-1]_ii.
        """
        precision = np.diag(_inverse(self.factor))
        return self.targets - self.weights / precision, np.sqrt(1.0 / precision)

    def with_pending(self, rows: Matrix) -> "GaussianProcess":
        """With its predictions at pending `rows` taken as if they had been observed.

        The kriging believer of Ginsbourger, Le Riche & Carraro 2010, §3.2: means stay what they
        are, and the uncertainty shrinks where results are on their way.
        """
        if len(rows) == 0:
            return self
        return condition(
            self.embedding.columns,
            self.settings,
            np.concatenate([self.rows, rows]),
            np.concatenate([self.targets, self.predict(rows)[0]]),
            np.concatenate([self.extra, np.zeros(len(rows))]),
            self.prior_mean,
        )


def condition(
    columns: Columns,
    settings: Settings,
    rows: Matrix,
    targets: Vector,
    extra: Vector,
    mean: Mean | None = None,
) -> GaussianProcess:
    """The posterior under given settings. R&W algorithm 2.1, with jitter where it has to be."""
    embedding = Embedding.of(columns, rows)
    scaled = embedding.features(rows) * np.exp(-settings.lengths)[embedding.owner]
    kernel = matern(_own_distances(scaled), settings.signal)
    factor = _factor(kernel, math.exp(settings.noise) + extra)
    centred = targets if mean is None else targets - mean(rows)
    weights = np.asarray(scipy.linalg.lapack.dpotrs(factor, centred, lower=1)[0])
    return GaussianProcess(embedding, settings, rows, targets, extra, factor, weights, mean)


def fit(
    columns: Columns,
    rows: Matrix,
    targets: Vector,
    extra: Vector | None = None,
    *,
    prior: Prior = PRIOR,
    mean: Mean | None = None,
) -> GaussianProcess:
    """The posterior under the most probable settings (MAP, by L-BFGS from the better of two starts).

    rows: shape (n, d), n >= 1. targets: (n,), finite, about mean 0 and deviation 1.
    extra: (n,), known variances, 0 where nothing is known. mean: what is expected before.
    """
    added = np.zeros(len(targets)) if extra is None else extra
    some = _spread(targets)
    centred = targets if mean is None else targets - mean(rows)
    settings = learn(columns, rows[some], centred[some], added[some], prior)
    return condition(columns, settings, rows, targets, added, mean)


def learn(
    columns: Columns, rows: Matrix, targets: Vector, extra: Vector, prior: Prior = PRIOR
) -> Settings:
    """The settings of the highest posterior density that the search finds."""
    embedding = Embedding.of(columns, rows)
    loss = PosteriorLoss(embedding, embedding.features(rows), targets, extra, prior)
    count, features = loss.features.shape
    steps = min(max(int(WORK / (count**2 * (count + features) + 1)), 5), 30)
    first = prior.mean(rows.shape[1]).flat()
    wiggly = first - np.append(np.full(len(first) - 2, 0.7), [0.0, 1.5])
    start = min((first, wiggly), key=lambda flat: loss.with_gradient(flat)[0])
    bounds = [(value - 5.0, value + 5.0) for value in first]
    limits = {"maxiter": steps, "maxfun": 2 * steps, "ftol": 1e-5}
    found = scipy.optimize.minimize(
        loss.with_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds, options=limits
    )
    return Settings.from_flat(np.asarray(found.x))


@dataclass(frozen=True, slots=True)
class PosteriorLoss:
    """Minus the log posterior density of settings, up to a constant of the prior."""

    embedding: Embedding
    features: Matrix
    targets: Vector
    extra: Vector
    prior: Prior

    def with_gradient(self, flat: Vector) -> tuple[float, Vector]:
        """At Settings.flat(), shape (d + 2,): the value and its gradient. R&W eq. 5.8 and 5.9."""
        settings = Settings.from_flat(flat)
        owner = self.embedding.owner
        scaled = self.features * np.exp(-settings.lengths)[owner]
        squared = _own_distances(scaled)
        kernel = matern(squared, settings.signal)
        noise = math.exp(settings.noise)
        factor = _factor(kernel, noise + self.extra)
        weights = np.asarray(scipy.linalg.lapack.dpotrs(factor, self.targets, lower=1)[0])
        count = len(self.targets)
        value = 0.5 * float(self.targets @ weights) + float(np.log(np.diag(factor)).sum())
        value += 0.5 * count * math.log(2 * math.pi)
        # Half of (K^-1 - weights weights^T): the derivative of the value by each entry of K.
        by_entry = 0.5 * (_inverse(factor) - np.outer(weights, weights))
        by_square = by_entry * matern_slope(squared, settings.signal)
        moments = by_square.sum(axis=1) @ scaled**2
        crossed = np.einsum("ij,ij->j", scaled, by_square @ scaled)
        by_feature = 2 * (moments - crossed)  # sum over pairs of slope times squared difference
        by_length = -2 * np.bincount(owner, by_feature, minlength=len(settings.lengths))
        by_signal = float((by_entry * kernel).sum())
        by_noise = noise * float(np.trace(by_entry))
        gradient = np.concatenate([by_length, [by_signal, by_noise]])
        width = len(settings.lengths)
        deviation = self.prior.deviation(width)
        off = (flat - self.prior.mean(width).flat()) / deviation
        return value + 0.5 * float(off @ off), gradient + off / deviation


def matern(squared: Matrix, signal: float) -> Matrix:
    """Matérn 5/2 of squared scaled distances; signal: log variance. R&W eq. 4.17, r / l = sqrt(squared)."""
    far = ROOT5 * np.sqrt(squared)
    return math.exp(signal) * (1.0 + far + (5.0 / 3.0) * squared) * np.exp(-far)


def matern_slope(squared: Matrix, signal: float) -> Matrix:
    """Derivative of `matern` by the squared distance, finite at 0 too."""
    far = ROOT5 * np.sqrt(squared)
    return (-5.0 / 6.0 * math.exp(signal)) * (1.0 + far) * np.exp(-far)


def _own_distances(scaled: Matrix) -> Matrix:
    squared = squared_distances(scaled, scaled)
    np.fill_diagonal(squared, 0.0)
    return squared


def _factor(kernel: Matrix, diagonal: Vector) -> Matrix:
    """Lower Cholesky factor of kernel + diagonal, with the least jitter that makes one."""
    scale = float(np.mean(np.diag(kernel))) or 1.0
    for jitter in JITTERS:
        full = kernel.copy()
        full[np.diag_indices_from(full)] += diagonal + jitter * scale
        factor, info = scipy.linalg.lapack.dpotrf(full, lower=1, clean=1)
        if info == 0:
            return np.asarray(factor)
    raise ArithmeticError("The covariance matrix is not positive definite.")


def _inverse(factor: Matrix) -> Matrix:
    """Inverse of the matrix whose lower Cholesky factor this is."""
    lower = np.tril(scipy.linalg.lapack.dpotri(factor, lower=1)[0])
    return np.asarray(lower + np.tril(lower, -1).T)


def _spread(targets: Vector) -> npt.NDArray[np.intp]:
    """Up to LEARN_FROM rows, evenly over the order of the targets."""
    order = np.argsort(targets, kind="stable")
    if len(order) <= LEARN_FROM:
        return order
    return order[np.linspace(0, len(order) - 1, LEARN_FROM).astype(np.intp)]
