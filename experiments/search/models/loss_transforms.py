"""Transforms of losses to a scale that a model can fit."""

import numpy as np
import numpy.typing as npt
import scipy

Vector = npt.NDArray[np.float64]


def normal_scores(loss: Vector) -> Vector:
    """Quantiles of the normal distribution by rank: only the order counts.

    loss: shape (n,), lower is better, inf = failed. Returns: (n,), equal losses get equal scores,
    failures share the worst. Source: van der Waerden 1952, with Blom's plotting positions.
    """
    ranks = scipy.stats.rankdata(np.where(np.isnan(loss), np.inf, loss), method="average")
    return np.asarray(scipy.special.ndtri((ranks - 0.375) / (len(loss) + 0.25)), dtype=np.float64)


def squash(loss: Vector) -> Vector:
    """Keep the scale of the good half and compress the bad tail logarithmically.

    loss: shape (n,), lower is better, inf = failed. Returns: (n,), mean 0 and deviation 1 where
    the losses differ; failures lie one unit of the good half beyond the worst.
    """
    finite = np.isfinite(loss)
    if not finite.any():
        return np.zeros(len(loss))
    middle, best = float(np.median(loss[finite])), float(np.min(loss[finite]))
    scale = middle - best
    if not scale > 0:
        scale = float(np.std(loss[finite])) or 1.0
    # A difference of huge losses can overflow: what is infinitely bad is just very bad.
    with np.errstate(over="ignore", invalid="ignore"):
        relative = np.nan_to_num((loss[finite] - middle) / scale, nan=0.0, posinf=1e300)
    squashed = np.where(relative > 0, np.log1p(np.maximum(relative, 0)), relative)
    out = np.full(len(loss), squashed.max() + 1.0)
    out[finite] = squashed
    deviation = float(np.std(out))
    return np.asarray((out - out.mean()) / (deviation if deviation > 0 else 1.0))
