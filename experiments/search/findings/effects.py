"""Share of the scores' variance that a hyperparameter explains, with an upper bound.

A least-squares fit of the trials' normal scores: for each number a line and a bend, for each choice
its words, and for the hyperparameter that is asked about also its products with the others. Scores
are ranked first, so that a few disasters don't make all else look unimportant.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy
from threadpoolctl import threadpool_limits

from experiments.search.space.encoding import Encoding

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

SPARE: Final = 20  # trials beyond the model's terms, at least
TOO_MUCH: Final = 1e6


@dataclass(frozen=True, slots=True)
class Effect:
    """explained: share of the scores' variance that goes with the hyperparameter, bias taken off.

    at_most: its upper bound at the asked level. trials: how many were used.
    """

    explained: float
    at_most: float
    trials: int


def effect(
    encoding: Encoding, places: Matrix, goodness: Vector, column: int, chance: float
) -> Effect | None:
    """The effect of one column; None with too few trials for the model.

    places: shape (n, d) of `Encoding.matrix`, the column active in all rows. goodness: shape (n,),
    of unit variance. chance: that the true share lies above the bound: the non-centrality of the
    partial F statistic whose distribution function at the observed one is `chance` (Smithson 2003,
    Confidence Intervals, §4), as a share of the whole variance.
    """
    every = [terms(encoding, places[:, each], each) for each in range(encoding.width)]
    own = every[column]
    others = [block for place, block in enumerate(every) if place != column and block.size]
    products = [own[:, :1] * block[:, :1] for block in others]
    base = np.column_stack([np.ones(len(goodness)), *others])
    full = np.column_stack([base, own, *products])
    n, most = full.shape
    if own.size == 0 or n < most + SPARE:
        return None
    rest_of_base, rank_of_base = _residual(base, goodness)
    rest, rank = _residual(full, goodness)
    freedom, spare = rank - rank_of_base, n - rank
    whole = float(((goodness - goodness.mean()) ** 2).sum())
    if freedom < 1 or spare < SPARE or whole <= 0 or rest <= 1e-12 * whole:
        return None
    # An F below that of no effect at all is luck, and tells no more than that.
    f = max(1.0, (rest_of_base - rest) / freedom / (rest / spare))
    unbiased = max(0.0, (rest_of_base - rest) - freedom * rest / spare)
    noncentral = _most_noncentral(freedom, spare, f, chance)
    return Effect(unbiased / whole, min(1.0, noncentral * (rest / spare) / whole), n)


def terms(encoding: Encoding, column: Vector, place: int) -> Matrix:
    """Shape (n, terms): centred line and bend, or indicators; an inactive value is a level of its own."""
    inactive = ~np.isfinite(column)
    blocks: list[Vector] = []
    if encoding.categorical[place]:
        words = np.unique(column[~inactive])
        blocks = [np.asarray(column == word, dtype=np.float64) for word in words[1:]]
    else:
        centred = np.where(inactive, 0.0, column - 0.5)
        blocks = [centred]
        if len(np.unique(column[~inactive])) > 2:
            blocks.append(np.where(inactive, 0.0, centred**2 - 1 / 12))
    if inactive.any() and not inactive.all():
        blocks.append(inactive.astype(np.float64))
    varied = [block for block in blocks if np.ptp(block) > 0]
    return np.column_stack(varied) if varied else np.empty((len(column), 0))


def _residual(design: Matrix, y: Vector) -> tuple[float, int]:
    """Sum of squares that is left, and the design's rank; by the normal equations of few columns."""
    with threadpool_limits(1):  # small products: threads would only wait for each other
        gram, right = design.T @ design, design.T @ y
        sizes, vectors = np.linalg.eigh(gram)
    kept = sizes > 1e-10 * sizes[-1]
    fitted = ((vectors.T @ right)[kept] ** 2 / sizes[kept]).sum()
    return max(0.0, float(y @ y - fitted)), int(kept.sum())


def _most_noncentral(freedom: int, spare: int, f: float, chance: float) -> float:
    """The largest non-centrality that an F this small still has the chance to come from."""

    def above(noncentral: float) -> float:
        return float(scipy.special.ncfdtr(freedom, spare, noncentral, f)) - chance

    high = 16.0
    while above(high) > 0 and high < TOO_MUCH:
        high *= 2
    return float(scipy.optimize.brentq(above, 0.0, high, xtol=1e-3)) if high < TOO_MUCH else high
