"""Paired differences of two trials' scores, with confidence interval and test."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import scipy

FEWEST: Final = 2  # numbers that a spread needs
CONFIDENCE: Final = 0.95

Place = TypeVar("Place", bound=Hashable)  # a part and a repeat


@dataclass(frozen=True, slots=True)
class Difference:
    """Other minus base, in the scores' units.

    low, high: 95 % interval. statistic, freedom, p: of the two-sided t-test that there is none;
    all are None where a spread can't be known. n: pairs, or of unpaired scores the fewer.
    """

    mean: float
    n: int
    is_paired: bool
    low: float | None = None
    high: float | None = None
    statistic: float | None = None
    freedom: float | None = None
    p: float | None = None

    @property
    def is_tested(self) -> bool:
        """Whether there is an interval."""
        return self.p is not None

    @property
    def is_open(self) -> bool:
        """Whether the interval includes 0: the difference isn't significant."""
        return self.low is not None and self.high is not None and self.low <= 0 <= self.high


def paired(
    base: Mapping[Place, float], other: Mapping[Place, float], *, overlap: float = 0.0
) -> Difference | None:
    """The mean difference over the parts that both have; None without one.

    base, other: finite scores by part and repeat. overlap: `Protocol.overlap`; folds share
    training rows, so the variance of the mean is (1 / n + overlap) times that of one difference:
    the corrected resampled t-test of Nadeau & Bengio 2003, §4.1, with n - 1 degrees of freedom.
    """
    shared = [key for key in base if key in other]
    if not shared:
        return None
    apart = np.array([other[key] - base[key] for key in shared], dtype=np.float64)
    n = len(shared)
    if n < FEWEST:
        return Difference(float(apart.mean()), n, is_paired=True)
    variance = float(apart.var(ddof=1)) * (1 / n + overlap)
    return _tested(float(apart.mean()), n, variance, n - 1, is_paired=True)


def unpaired(
    base: Sequence[float], other: Sequence[float], *, overlap: float = 0.0
) -> Difference | None:
    """The difference of two means over different parts; None where one has no score.

    Welch 1947's test, each variance corrected by `overlap` as in `paired`; the degrees of freedom
    are those of Welch and Satterthwaite.
    """
    if not base or not other:
        return None
    mean = math.fsum(other) / len(other) - math.fsum(base) / len(base)
    fewer = min(len(base), len(other))
    if fewer < FEWEST:
        return Difference(mean, fewer, is_paired=False)
    parts = [
        (float(np.var(scores, ddof=1)) * (1 / len(scores) + overlap), len(scores) - 1)
        for scores in (base, other)
    ]
    variance = sum(part for part, _ in parts)
    below = sum(part**2 / degrees for part, degrees in parts)
    freedom = variance**2 / below if below > 0 else float(fewer - 1)
    return _tested(mean, fewer, variance, freedom, is_paired=False)


def holm(chances: Sequence[float]) -> list[float]:
    """p-values adjusted for so many looks, in their order: Holm 1979, a step-down Bonferroni."""
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    found = [1.0] * len(chances)
    least = 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = least
    return found


def _tested(
    mean: float, n: int, variance: float, freedom: float, *, is_paired: bool
) -> Difference:
    error = math.sqrt(variance)
    half = float(scipy.special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    certain = math.copysign(math.inf, mean) if mean else 0.0  # no part says otherwise
    statistic = mean / error if error > 0 else certain
    p = float(2 * scipy.special.stdtr(freedom, -abs(statistic)))
    return Difference(mean, n, is_paired, mean - half, mean + half, statistic, float(freedom), p)
