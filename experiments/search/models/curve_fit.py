"""Extrapolates a learning curve to a later epoch, with uncertainty.

Two families of Domhan et al. 2015 (Table 1), both linear in their limit c and their gain a once the
shape is fixed: the power law c - a n^-p, and Weibull c - a exp(-(k n)^d). Instead of their MCMC the
shapes lie on a grid; c and a have a normal prior, so that each shape's prediction and its evidence
are closed formulas, and the answer is their mixture weighted by evidence.
"""

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

POWERS = (0.15, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0)
RATES = (0.01, 0.017, 0.03, 0.05, 0.08, 0.125, 0.2, 0.35, 0.6, 1.0)
BENDS = (0.5, 0.75, 1.0, 1.5)
PRIOR_RANGES = 5.0  # prior standard deviation of limit and gain, in ranges of the curve
LEAST_NOISE = 0.01  # of the range: a perfect fit of few points is luck


def chance_to_beat(curve: Sequence[float], epoch: int, target: float) -> float:
    """Return the probability that the curve (larger is better) exceeds `target` at the 1-based
    `epoch`.

    curve: from epoch 1 on, NaN where missing. With fewer than three finite values the probability
    is 1. It includes the noise of that epoch, because the score is one noisy epoch.
    """
    values = np.asarray(curve, dtype=np.float64)
    known = np.isfinite(values)
    if known.sum() < 3:
        return 1.0
    epochs = np.flatnonzero(known).astype(np.float64) + 1.0
    values = values[known]
    scale = float(np.ptp(values)) or max(1e-12, abs(float(values[-1])) * LEAST_NOISE)
    middle = float(values[-1])
    seen, wanted = (values - middle) / scale, (target - middle) / scale
    parts = [_predict(shape, epochs, seen, epoch) for shape in _shapes()]
    evidence = np.array([part[0] for part in parts])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    chances = np.array([_above(wanted, mean, spread) for _, mean, spread in parts])
    return float(weights @ chances)


Shape = tuple[str, float, float]


def _shapes() -> list[Shape]:
    powers = [("power", power, 0.0) for power in POWERS]
    return [*powers, *(("weibull", rate, bend) for rate, bend in product(RATES, BENDS))]


def _fall(shape: Shape, epochs: Vector) -> Vector:
    """How much of the gain is still missing at each epoch, shape (n,)."""
    kind, first, second = shape
    if kind == "power":
        return np.asarray(epochs**-first)
    return np.asarray(np.exp(-((first * epochs) ** second)))


def _predict(shape: Shape, epochs: Vector, seen: Vector, epoch: int) -> tuple[float, float, float]:
    """Log evidence, and mean and standard deviation at `epoch`, in ranges of the curve.

    Bayesian linear regression with the noise estimated from the residuals (Bishop 2006, 3.3, 3.5).
    """
    design = np.column_stack([np.ones_like(epochs), -_fall(shape, epochs)])
    residuals = seen - design @ np.linalg.lstsq(design, seen, rcond=None)[0]
    degrees = max(1, len(seen) - 2)
    noise = float(residuals @ residuals) / degrees + LEAST_NOISE**2
    precision = design.T @ design / noise + np.eye(2) / PRIOR_RANGES**2
    mean = np.linalg.solve(precision, design.T @ seen / noise)
    residuals = seen - design @ mean
    evidence = (
        -0.5 * len(seen) * math.log(noise)
        - 0.5 * float(residuals @ residuals) / noise
        - 0.5 * float(mean @ mean) / PRIOR_RANGES**2
        - 0.5 * float(np.linalg.slogdet(precision)[1])
    )
    last = np.array([1.0, -float(_fall(shape, np.array([float(epoch)]))[0])])
    variance = float(last @ np.linalg.solve(precision, last)) + noise
    return evidence, float(last @ mean), math.sqrt(variance)


def _above(target: float, mean: float, spread: float) -> float:
    return 0.5 * math.erfc((target - mean) / (spread * math.sqrt(2)))
