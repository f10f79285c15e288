"""Exact chance of the least p of Fisher's test over all thresholds of one hyperparameter."""

import numpy as np
import numpy.typing as npt
import scipy

Counts = npt.NDArray[np.int64]
Vector = npt.NDArray[np.float64]


def fisher(failed: Counts, n: int, f: int | Counts, beyond: Counts) -> Vector:
    """One-sided p that so many of f failures in n trials lie among those beyond a threshold.

    failed, beyond: shape (thresholds,).
    """
    return np.asarray(scipy.stats.hypergeom.sf(failed - 1, n, f, beyond), dtype=np.float64)


def least(n: int, failures: Counts, beyond: Counts) -> float:
    """Least p that any of these numbers of failures in n trials can have, at any threshold.

    beyond: trials beyond each threshold, ascending. As many failures as there are trials beyond are
    clearest, so that only the thresholds next to that number matter.
    """
    if not len(beyond):
        return 1.0
    place = np.searchsorted(beyond, failures)
    near = beyond[np.clip([place - 1, place], 0, len(beyond) - 1)]
    return float(fisher(np.minimum(failures, near), n, failures, near).min())


def crossing(n: int, f: int, cuts: Counts, p: float, mostly: float) -> float:
    """Chance that some threshold has a p as small, when f failures are dealt to n trials at random.

    cuts: trials beyond each threshold, ascending. mostly: share of them that has to fail for a
    threshold to count. The failures met from one end on are a lattice path, all of which are as
    likely; those that reach a threshold's boundary are taken out as they do (Hodges 1957, for the
    boundary of the two-sample Smirnov test).
    """
    low = np.ceil(mostly * cuts - 1e-9).astype(np.int64)
    # The least number of failures at each threshold whose p is as small, by bisection.
    high = np.full(len(cuts), f + 1, dtype=np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        is_small = fisher(middle, n, f, cuts) <= p * (1 + 1e-9)
        high = np.where((low < high) & is_small, middle, high)
        low = np.where((low < high) & ~is_small, middle + 1, low)
    bound = dict(zip(cuts.tolist(), low.tolist(), strict=True))
    alive = np.zeros(f + 1)
    alive[0] = 1.0
    met, crossed = np.arange(f + 1), 0.0
    for taken in range(n):
        fails = alive * (f - met) / (n - taken)
        alive = alive - fails
        alive[1:] += fails[:-1]
        edge = bound.get(taken + 1, f + 1)
        crossed += float(alive[edge:].sum())
        alive[edge:] = 0.0
    return min(1.0, crossed)
