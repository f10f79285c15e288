"""Log expected improvement, and its maximization over a space."""

import math
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from experiments.search.space.encoding import Matrix
from experiments.search.space.unit_points import Points

Vector = npt.NDArray[np.float64]
Score = Callable[[Matrix], Vector]

DRAWN: Final = 600  # points at random
CLIMBERS: Final = 8  # best points that climb
BESIDE: Final = 12  # neighbours of each that a step looks at
STEPS: Final = 8
LOG_ROOT_2PI: Final = 0.5 * math.log(2 * math.pi)


def log_expected_improvement(mean: Vector, sd: Vector, best: float) -> Vector:
    """Logarithm of E[max(best - f, 0)] for f ~ N(mean, sd^2), lower is better; shape (n,).

    Jones, Schonlau & Welch 1998, eq. 15; exact in the far tail too, where the plain formula gives
    0, by Ament et al. 2023, Unexpected improvements, eq. 9.
    """
    return np.log(sd) + log_gain((best - mean) / sd)


def log_gain(z: Vector) -> Vector:
    """log(z Phi(z) + phi(z)), for any finite z; shape (n,)."""
    out = np.empty_like(z)
    near = z > -1.0
    far = z < -1e6
    some = z[near]
    density = np.exp(-0.5 * some**2 - LOG_ROOT_2PI)
    out[near] = np.log(some * scipy.special.ndtr(some) + density)
    tail = z[~near & ~far]
    # phi(z) (1 + z Phi(z) / phi(z)), and Phi(z) / phi(z) = sqrt(pi / 2) erfcx(-z / sqrt 2)
    mills = math.sqrt(math.pi / 2) * scipy.special.erfcx(-tail / math.sqrt(2))
    # 1 - |z| mills cancels for large |z|; its series is 1 / z^2 - 3 / z^4 + 15 / z^6 …
    series = 1 / tail**2 - 3 / tail**4 + 15 / tail**6
    rest = np.where(tail < -100.0, series, 1.0 + tail * mills)
    out[~near & ~far] = -0.5 * tail**2 - LOG_ROOT_2PI + np.log(rest)
    out[far] = -0.5 * z[far] ** 2 - LOG_ROOT_2PI - 2 * np.log(-z[far])
    return out


def log_probability_below(mean: Vector, sd: Vector, bound: float) -> Vector:
    """Logarithm of P(f < bound) for f ~ N(mean, sd^2); shape (n,)."""
    return np.asarray(scipy.special.log_ndtr((bound - mean) / sd))


@dataclass(frozen=True, slots=True)
class AcquisitionSearch:
    """A search for the points of the highest score: at random and around good ones, then climbing.

    score: of encoded rows, shape (n, d) -> (n,). seen: `marks` of points that must not come again.
    """

    points: Points
    score: Score
    seen: Set[bytes]

    def run(self, around: Matrix, drawn: Matrix, rng: np.random.Generator) -> Iterator[Matrix]:
        """Points of the unit cube that meet the constraints, the best first, none of them seen.

        around: points, shape (k, d), best first, whose neighbours are looked at. drawn: others.
        """
        near = np.repeat(around[:CLIMBERS], BESIDE, axis=0)
        units = np.concatenate(
            [drawn, self.points.neighbours(near, rng)] if len(near) else [drawn]
        )
        pool, scores = units, self._scores(units)
        climbers, heights = self._best(pool, scores)
        for _ in range(STEPS if len(climbers) else 0):
            beside = self.points.neighbours(np.repeat(climbers, BESIDE, axis=0), rng)
            found = self._scores(beside)
            pool, scores = np.concatenate([pool, beside]), np.concatenate([scores, found])
            climbers, heights = self._climb(climbers, heights, beside, found)
        order = np.argsort(-scores, kind="stable")
        for place in order[: int(np.isfinite(scores).sum())]:
            if self._meets(pool[place]):
                yield pool[place]

    def _climb(
        self, climbers: Matrix, heights: Vector, beside: Matrix, found: Vector
    ) -> tuple[Matrix, Vector]:
        """Each climber on its best neighbour that lies higher and meets the constraints."""
        climbers, heights = climbers.copy(), heights.copy()
        for place in range(len(climbers)):
            own = slice(place * BESIDE, (place + 1) * BESIDE)
            for other in np.argsort(-found[own], kind="stable"):
                if found[own][other] <= heights[place]:
                    break
                if self._meets(beside[own][other]):
                    climbers[place], heights[place] = beside[own][other], found[own][other]
                    break
        return climbers, heights

    def _best(self, pool: Matrix, scores: Vector) -> tuple[Matrix, Vector]:
        chosen: list[int] = []
        for place in np.argsort(-scores, kind="stable")[: 10 * CLIMBERS]:
            if np.isfinite(scores[place]) and self._meets(pool[place]):
                chosen.append(int(place))
            if len(chosen) == CLIMBERS:
                break
        return pool[chosen], scores[chosen]

    def _scores(self, units: Matrix) -> Vector:
        rows = self.points.places(units)
        new = np.array([mark not in self.seen for mark in marks(rows)], dtype=np.bool_)
        scores = np.full(len(units), -np.inf)
        if new.any():
            scores[new] = self.score(rows[new])
        return scores

    def _meets(self, unit: Matrix) -> bool:
        space = self.points.space
        return not space.constraints or space.meets(space.decode(unit))


def marks(rows: Matrix) -> list[bytes]:
    """Return hashable keys of encoded rows."""
    rounded = np.round(np.nan_to_num(rows, nan=-1.0), 9) + 0.0
    return [row.tobytes() for row in rounded]
