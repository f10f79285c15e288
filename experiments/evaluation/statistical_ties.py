"""Trials statistically tied with the best, and tests against baselines, by the scores of executions.

`row_tests.py` has both for searches whose predictions are kept.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

LEVEL: Final = 0.05  # chance to tell two equal trials apart
FEWEST: Final = 2  # executions that a paired test needs
ROUNDING: Final = 1e-9  # relative difference of scores that are equal
SMALLEST: Final = 1e-15  # the same beside a score of 0

Scores = Mapping[int, Sequence[float]]
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TieGroup:
    """The best mean, and every trial that a paired test can't tell from it, by number.

    members: the best mean first; always with `best`. executions: scores of each. compared: trials that
    were looked at. rows: validation rows that were tested on; 0 where the scores of executions were.
    Without rows and with a single execution nothing can be tested, and the group is the best alone.
    """

    best: int
    members: tuple[int, ...]
    executions: int
    compared: int
    rows: int = 0

    @property
    def is_tested(self) -> bool:
        """Whether there was anything to test with."""
        return self.rows > 0 or self.executions >= FEWEST


def tie_group(scores: Scores, *, higher_is_better: bool, overlap: float = 0.0) -> TieGroup | None:
    """Group the trials that could be the best one; None without a finite score.

    scores: of each trial by number, one score an execution, all over the same parts in the same
    order. Trials with fewer executions than most (raced, pruned) or with a score that isn't finite
    are left out: parts differ in how hard they are. A trial is out of the group when its paired
    difference to the best mean is significant at the two-sided 5 % level of the corrected
    resampled t-test, variance (1 / n + overlap) s²: Nadeau & Bengio 2003, §4.1.
    """
    n = max((len(each) for each in scores.values()), default=0)
    kept = {
        number: each
        for number, each in scores.items()
        if len(each) == n and n and all(map(math.isfinite, each))
    }
    if not kept:
        return None
    numbers = np.array(list(kept), dtype=np.int64)
    table = np.array(list(kept.values()), dtype=np.float64) * (1.0 if higher_is_better else -1.0)
    means = table.mean(axis=1)
    order = np.lexsort((numbers, -means))
    best = int(order[0])
    if n < FEWEST:
        return TieGroup(int(numbers[best]), (int(numbers[best]),), n, len(numbers))
    p = _chances(table[best] - table, overlap)
    tied = [int(numbers[place]) for place in order if place == best or p[place] > LEVEL]
    return TieGroup(int(numbers[best]), tuple(tied), n, len(numbers))


def improvement(score: float, baseline: float, *, higher_is_better: bool) -> float:
    """By how much a score is better than a baseline's; 0 where they differ by rounding alone."""
    if math.isclose(score, baseline, rel_tol=ROUNDING, abs_tol=SMALLEST):
        return 0.0
    return score - baseline if higher_is_better else baseline - score


def beats(
    scores: Sequence[float],
    baseline: Sequence[float],
    *,
    higher_is_better: bool,
    overlap: float = 0.0,
    looks: int = 1,
) -> bool | None:
    """Whether a trial is better than a baseline on the same parts; None where no test is possible.

    looks: how many trials it is the best of. The level is divided by it (Bonferroni), since the
    best of many looks better than it is.
    """
    n = len(scores)
    if n < FEWEST or len(baseline) != n or not all(map(math.isfinite, (*scores, *baseline))):
        return None
    sign = 1.0 if higher_is_better else -1.0
    gain = sign * (np.array(scores, dtype=np.float64) - np.array(baseline, dtype=np.float64))
    means = float(np.mean(scores)), float(np.mean(baseline))
    if improvement(*means, higher_is_better=higher_is_better) <= 0:
        return False
    return bool(_chances(gain[None, :], overlap)[0] / 2 <= LEVEL / max(1, looks))


def _chances(differences: Vector, overlap: float) -> Vector:
    """Two-sided p of each row (k, n) of paired differences; 1 where all of them are 0."""
    n = differences.shape[1]
    mean = differences.mean(axis=1)
    error = differences.std(axis=1, ddof=1) * math.sqrt(1 / n + overlap)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0, np.abs(mean) / error, np.where(mean == 0, 0.0, np.inf))
    chances: Vector = 2 * scipy.special.stdtr(n - 1, -t)
    return chances
