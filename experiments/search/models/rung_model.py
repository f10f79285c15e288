"""Prior for later epochs from the scores of trials paused at rungs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from experiments.search.history import History
from experiments.search.models.embedding import Columns
from experiments.search.models.gaussian_process import GaussianProcess, Mean, fit
from experiments.search.models.observations import Observations, fitting, observe, observe_at
from experiments.search.models.surrogate import Transform, most_useful
from experiments.search.models.transfer_prior import PriorMean, prior_mean, regression
from experiments.search.space.encoding import Encoding, Matrix
from experiments.search.space.space import Space

Vector = npt.NDArray[np.float64]

FEWEST: Final = 3  # results at a level before it is modelled


@dataclass(frozen=True, slots=True)
class Below:
    """Prior mean of a level: level + slope * what the model of the level below says. Rows (m, d) -> (m,).

    The auto-regressive scheme of Kennedy & O'Hagan 2000, eq. 1: what a lower rung foresees badly
    gets a slope near 0, and then the level is learnt from its own results. That only the best of
    a rung come further does not bend the slope, since they are chosen by what it is a slope of.
    """

    process: GaussianProcess
    level: float
    slope: float

    @classmethod
    def of(cls, process: GaussianProcess, rows: Matrix, scores: Vector) -> "Below":
        """Fitted to the level's own results: (n, d) encoded, and (n,) transformed losses."""
        return cls(process, *regression(process.predict(rows)[0], scores))

    def __call__(self, rows: Matrix) -> Vector:
        """What is expected before the level's own results are seen."""
        return self.level + self.slope * self.process.predict(rows)[0]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The model of the highest rung below the modelled level, which stands on those below it.

    earlier: the prior mean of the lowest one from earlier studies.
    """

    process: GaussianProcess
    earlier: PriorMean | None


def levels(space: Space, history: History) -> tuple[Observations, ...]:
    """Rungs at which trials are paused, the lowest first, then whole trainings: the last is modelled.

    Rungs with fewer than `FEWEST` results are left out, and so are whole trainings while there are
    fewer but a rung has enough.
    """
    known = fitting(space, history)
    whole = observe(space, history, known)
    rungs = {len(trial.curve) for trial in history.trials if trial.state == "paused"} - {0}
    found = [observe_at(history, known, rung) for rung in sorted(rungs)]
    found = [each for each in found if each.finite.sum() >= FEWEST]
    if found and whole.finite.sum() < FEWEST:
        return tuple(found)
    return (*found, whole)


def climb(
    encoding: Encoding,
    lower: Sequence[Observations],
    transform: Transform,
    rng: np.random.Generator,
    earlier: tuple[GaussianProcess, ...] = (),
) -> Ladder | None:
    """Model the rungs one above the other; None without any. earlier: models of earlier studies."""
    process, first = None, None
    for seen in lower:
        rows, scores, finite = encoding.matrix(seen.values), transform(seen.loss), seen.finite
        mean: Mean | None = None
        if process is not None:
            mean = Below.of(process, rows[finite], scores[finite])
        elif earlier:
            mean = first = prior_mean(earlier, rows[finite], scores[finite])
        kept = most_useful(seen.loss, rng)
        process = fit(Columns.of(encoding), rows[kept], scores[kept], mean=mean)
    return None if process is None else Ladder(process, first)
