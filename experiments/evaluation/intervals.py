"""Confidence intervals: of a trial's mean over executions, and of a score over rows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from experiments.evaluation.metrics import Metric


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % confidence interval over executions.

    `low` and `high` are None for a single execution and for several equal scores.
    """

    mean: float
    low: float | None
    high: float | None
    n: int

    @property
    def half_width(self) -> float | None:
        """What stands after ±: half of the interval's width, or the longer side of one that was cut."""
        if self.low is None or self.high is None:
            return None
        return max(self.high - self.mean, self.mean - self.low)


def interval(
    scores: Sequence[float], *, overlap: float = 0.0, metric: Metric | None = None
) -> Interval | None:
    """Mean ± 95 % (Student's t, n - 1 degrees of freedom); None without a finite score.

    overlap: validation rows by training rows of a part, where parts share training rows
    (`Protocol.overlap`). Their scores are alike then, and the variance of the mean is
    (1 / n + overlap) times that of one score: Nadeau & Bengio 2003, Inference for the
    generalization error, §4.1 (the corrected resampled t-test). With 0 it covers the noise of
    seeds on the same part, so the choice of validation rows is not in it. Scores that are NaN or
    infinite are left out.

    metric: of the scores. What no value of it can be is cut off, since few executions give wide intervals;
    that holds no mean, so the interval covers it as often as before.
    """
    finite = [float(score) for score in scores if math.isfinite(score)]
    n = len(finite)
    if n == 0:
        return None
    mean = math.fsum(finite) / n
    if n == 1 or min(finite) == max(finite):
        return Interval(mean, None, None, n)
    spread = float(np.std(finite, ddof=1))
    half = float(scipy.special.stdtrit(n - 1, 0.975)) * spread * math.sqrt(1 / n + overlap)
    least, most = (-math.inf, math.inf) if metric is None else metric.limits
    # A custom objective may only be named like the metric.
    return Interval(mean, max(mean - half, min(least, mean)), min(mean + half, max(most, mean)), n)


def interval_of_rows(scores: npt.NDArray[np.float64], *, is_share: bool) -> Interval:
    """A score with its 95 % interval from what each of its rows adds (`row_scores.py`), (n,).

    Student's t, n - 1 degrees of freedom. is_share: the score lies between 0 and 1; then it is the
    score interval of a share (Wilson 1927, Probable inference, the law of succession, and statistical
    inference), with as many rows as have this variance: it has a width where all rows are right.
    """
    n, mean = len(scores), float(np.mean(scores))
    if n < 2:
        return Interval(mean, None, None, n)
    variance = float(np.var(scores, ddof=1)) / n
    t = float(scipy.special.stdtrit(n - 1, 0.975))
    if not is_share:
        half = t * math.sqrt(variance)
        return Interval(mean, mean - half, mean + half, n)
    share = min(max(mean, 0.0), 1.0)
    rows = share * (1 - share) / variance if variance > 0 and 0 < share < 1 else n
    middle = (share + t * t / (2 * rows)) / (1 + t * t / rows)
    half = t / (1 + t * t / rows) * math.sqrt(share * (1 - share) / rows + (t / (2 * rows)) ** 2)
    return Interval(mean, max(0.0, middle - half), min(1.0, middle + half), n)
