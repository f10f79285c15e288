"""A model's prediction as text and on the scale of the score."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.number_words import plain
from experiments.search.history import History

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expectation:
    """A score that a model expects; low, high: one standard deviation to either side."""

    middle: float
    low: float
    high: float

    @property
    def uncertainty(self) -> float:
        """Half of what lies between."""
        return (self.high - self.low) / 2

    @property
    def words(self) -> str:
        """Such as "0.913, between 0.88 and 0.94"."""
        return f"{plain(self.middle)}, between {plain(self.low)} and {plain(self.high)}"


def expectation(
    history: History, loss: Vector, scaled: Vector, mean: float, sd: float
) -> Expectation:
    """What a model on a transformed scale expects.

    loss: shape (n,), lower is better, inf = failed, at least one finite. scaled: shape (n,), the
    same losses as the model saw them, in the same order. mean, sd: the prediction on that scale.
    Beyond the observed losses it says the nearest of them.
    """
    finite = np.isfinite(loss)
    order = np.argsort(loss[finite], kind="stable")
    sign = 1.0 if history.direction == "minimize" else -1.0
    ends = np.interp([mean, mean - sd, mean + sd], scaled[finite][order], loss[finite][order])
    middle, *others = (sign * float(end) for end in ends)
    low, high = sorted(others)
    return Expectation(middle, low, high)
