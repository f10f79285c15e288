"""Which trials are better than a baseline, and which can't be told from the best: tests over rows.

All trials were scored on the same rows, so their differences are paired. Where two are equally good, a
row's difference is as likely to be for the one as for the other: its sign is flipped at random, the same
for all trials, which keeps what they have in common. The largest statistic of all trials is compared
with the largest of all trials after each flip (max-T: Westfall & Young 1993, Resampling-based multiple
testing, §2.3), so the choice of the best of many is paid for, and a single execution can be tested.

A difference has to show twice: at each one's own best epoch, and at epochs that other rows chose. The
first favours whose epochs differ more. The second has twice the variance that its rows show where epochs
differ by luck alone: rows choose for each other (`bench evaluation --only labels`).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.evaluation.expected import RowTable
from experiments.evaluation.statistical_ties import LEVEL, TieGroup

Vector = npt.NDArray[np.float64]

FLIPS: Final = 2_000
FEWEST_FLIPS: Final = 400
FLIPS_A_LOOK: Final = 40  # the smallest p is then half of LEVEL, however many looks are paid for
WORK: Final = 1e9  # flips × units × trials: a quarter of a second of a slow core
AT_ONCE: Final = 4_000_000  # signs in memory
# Statistics nearer than this are equal: those of right and wrong rows often are.
SAME: Final = 1e-5


def chances_of_luck(table: RowTable, baseline: RowTable, *, of: int = 0) -> Vector:
    """p of each trial, (trials,): that the best of as many trials looks that much better than a baseline.

    baseline: a single trial's, over the same units. of: how many trials the table's are the best
    of, where it hasn't all of them: each further table's worth of trials is one more chance (Šidák 1967).
    """
    looks = max(1.0, of / len(table.numbers))
    p = _chances(
        (table.shown - baseline.shown) * table.weights,
        (table.fair - baseline.fair) * table.weights,
        fewest=int(FLIPS_A_LOOK * looks),
    )
    return np.asarray(-np.expm1(looks * np.log1p(-p)) if looks > 1 else p)


def p_of_none_better(table: RowTable, baseline: RowTable, *, of: int = 0) -> float:
    """p of the hypothesis that no trial is better than the baseline; arguments as `chances_of_luck`."""
    return float(chances_of_luck(table, baseline, of=of).min())


def tie_group_by_rows(table: RowTable, *, executions: int = 1) -> TieGroup:
    """Group the trials that could be the best one: a confidence set for it.

    A trial is out when its difference to the best search score is above the 95 % quantile of the
    largest difference of all trials to it (multiple comparisons with the best: Hsu 1984, Constrained
    simultaneous confidence intervals; the model confidence set: Hansen, Lunde & Nason 2011, §3.1.2).
    """
    scores = table.shown @ table.weights
    order = np.lexsort((np.array(table.numbers), -scores.round(9)))
    best = int(order[0])
    p = _chances(
        (table.shown[best] - table.shown) * table.weights,
        (table.fair[best] - table.fair) * table.weights,
    )
    tied = [table.numbers[place] for place in order if place == best or p[place] > LEVEL]
    return TieGroup(table.numbers[best], tuple(tied), executions, len(order), table.rows)


def _chances(shown: Vector, fair: Vector, *, fewest: int = 0) -> Vector:
    """The larger p of each row of both (k, units) differences."""
    return np.maximum(_p_of_flips(shown, fewest=fewest), _p_of_flips(fair, fewest=fewest))


def _p_of_flips(parts: Vector, *, fewest: int, seed: int = 0) -> Vector:
    """p of each row of (k, units) differences that add up to how much better something is, 1 if not at all.

    The share of flips after which the largest of the k statistics is as large, the unflipped one included.
    """
    k, units = parts.shape
    size = np.sqrt(np.square(parts).sum(axis=1))
    scaled = (parts / np.where(size > 0, size, 1.0)[:, None]).astype(np.float32)
    observed = scaled.sum(axis=1)
    flips = max(fewest, int(np.clip(WORK / (units * k), FEWEST_FLIPS, FLIPS)))
    rng = np.random.default_rng([seed, units])
    largest = []
    for start in range(0, flips, step := max(1, AT_ONCE // units)):
        count = min(step, flips - start)
        signs = rng.integers(0, 2, (count, units), dtype=np.int8).astype(np.float32) * 2 - 1
        largest.append((signs @ scaled.T).max(axis=1))
    null = np.sort(np.concatenate(largest))
    above = flips - np.searchsorted(null, observed - SAME)
    return np.asarray((1 + above) / (flips + 1))
