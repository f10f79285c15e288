"""A random forest predicts scores; expected improvement chooses the configuration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from experiments.number_words import plain
from experiments.search.history import History, Values
from experiments.search.models.acquisition import (
    AcquisitionSearch,
    log_expected_improvement,
    marks,
)
from experiments.search.models.candidates import start_point, suggest_untried
from experiments.search.models.forest import Forest, columns_of, unknown_words
from experiments.search.models.main_effects import Trend
from experiments.search.models.observations import (
    Observations,
    identity,
    normal_scores,
    observe,
    squash,
)
from experiments.search.models.surrogate import most_useful
from experiments.search.models.transfer_prior import PriorMean, learn, prior_mean
from experiments.search.space.encoding import Encoding, Matrix
from experiments.search.space.space import Space
from experiments.search.space.unit_points import Points
from experiments.search.strategy import SamplerDefaults, Suggestion, SuggestionKind, option

Vector = npt.NDArray[np.float64]

AIMS: Final = {"exploit": "Exploits", "explore": "Explores"}
LEAST: Final = 3  # scores that a forest needs
DRAWN: Final = 400  # points at random
CLIMBED: Final = 6  # good trials whose neighbours are looked at
DOUBT: Final = 0.5  # of the trees' deviation: each follows single scores, their mean much less so
CERTAIN: Final = 1e-6  # least deviation: all trees agree where all losses are equal
BEST: Final = 250  # trials that a forest learns from: so many of the best, as many of the rest


@dataclass(frozen=True, slots=True)
class RandomForestSampler(SamplerDefaults):
    """Sequential model-based search with a forest as its model, as SMAC does it.

    Unlike SMAC it starts with a few spread points instead of a quarter of the budget, measures
    improvement against the best predicted mean instead of the luckiest score, mixes in no random
    trials, and leaves to its trees only what main effects do not explain (`Trend`). Source: Hutter,
    Hoos and Leyton-Brown 2011, "Sequential model-based optimization for general algorithm
    configuration", §4.
    """

    slug: ClassVar[str] = "random_forest"
    label: ClassVar[str] = "Random forest"
    help: ClassVar[str] = (
        "Predicts scores with a random forest and maximizes expected improvement. For "
        "many choices and conditions; takes less than a second per trial."
    )

    start: int = option(
        6,
        label="Initial points",
        help="Number of initial points before the forest decides.",
        lowest=1,
        highest=1000,
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """The configuration that promises most; None when a finite space is used up."""
        seen = observe(space, history)
        placed = len(seen) + len(seen.pending)
        if placed < self.start or seen.finite.sum() < LEAST:
            values = start_point(space, placed, history.seed, seen.seen)
            if values is not None:
                return Suggestion(values, f"Initial point {placed + 1}.")
        if seen.finite.any() and len(space):
            view = _View.of(space, seen, history, rng)
            for values in view.promising(rng):
                if identity(values) not in seen.seen:
                    return view.suggestion(values, history)
        return suggest_untried(
            space, seen.seen, rng, "Random: the forest found no new configuration."
        )


@dataclass(frozen=True, slots=True)
class _View:
    """What the forest says of a space.

    loss: shape (n,), transformed. earlier: what earlier studies expect of it. trend: main effects
    on what they leave unsaid. own: shape (n,), the rest, which the forest learns. best: the lowest
    mean. spread: deviation of what the trend is fitted to, that of a word which was never tried.
    """

    points: Points
    seen: Observations
    matrix: Matrix
    loss: Vector
    own: Vector
    forest: Forest
    means: Vector
    best: float
    earlier: PriorMean | None
    trend: Trend
    spread: float

    @classmethod
    def of(
        cls, space: Space, seen: Observations, history: History, rng: np.random.Generator
    ) -> "_View":
        """Grow the forest on the trials that have ended; those still to come count as predicted."""
        encoding = Encoding.of(space)
        matrix = encoding.matrix([*seen.values, *seen.pending])
        rows = columns_of(encoding, matrix)
        ended, ahead = rows[: len(seen)], rows[len(seen) :]
        loss = (normal_scores, squash)[len(history) % 2](seen.loss)
        known = matrix[: len(seen)]
        models = learn(encoding, history.warm.studies)
        earlier = prior_mean(models, known[seen.finite], loss[seen.finite]) if models else None
        before = earlier(known) if earlier else np.zeros(len(known))
        kept = most_useful(seen.loss, rng, best=BEST, others=BEST)
        scored = kept[seen.finite[kept]]
        trend = Trend.fit(encoding, known[scored], (loss - before)[scored])
        before = before + trend(known)
        own = loss - before
        spread = float((own + trend(known)).std())
        seed = int(rng.integers(2**32))
        forest = Forest.grow(ended[kept], own[kept], seed)
        if len(ahead):
            filled = np.concatenate([own[kept], forest.predict(ahead)[0]])
            forest = Forest.grow(np.concatenate([ended[kept], ahead]), filled, seed)
        means = forest.predict(ended)[0] + before
        best = float(means[seen.finite].min())
        return cls(
            Points(encoding), seen, matrix, loss, own, forest, means, best, earlier, trend, spread
        )

    def promising(self, rng: np.random.Generator) -> Iterator[Values]:
        """Configurations by expected improvement, the best first."""
        space = self.points.space
        good = np.argsort(self.means, kind="stable")[:CLIMBED]
        around = np.array([space.encode(self.seen.values[place]) for place in good])
        drawn = self.points.snap(rng.random((DRAWN, len(space))))
        hunt = AcquisitionSearch(self.points, self._gain, set(marks(self.matrix)))
        return (space.decode(unit) for unit in hunt.run(around, drawn, rng))

    def suggestion(self, values: Values, history: History) -> Suggestion:
        """With what is expected of it, and whether it is tried for that or for its uncertainty."""
        row = self.points.encoding.matrix([values])
        mean, sd = (float(part[0]) for part in self._predict(row))
        expected = expectation(history, self.seen.loss, self.loss, mean, sd)
        kind: SuggestionKind = "exploit" if mean <= self.best else "explore"
        weights = self.earlier.transfer_weights() if self.earlier else ()
        why = f"{AIMS[kind]}: predicted {expected.words}."
        return Suggestion(values, why, kind, expected.middle, expected.uncertainty, weights)

    def _predict(self, matrix: Matrix) -> tuple[Vector, Vector]:
        mean, sd = self.forest.predict(columns_of(self.points.encoding, matrix))
        strange = unknown_words(self.points.encoding, matrix, self.matrix)
        mean = np.where(strange, float(self.own.mean()), mean)
        sd = np.where(strange, self.spread, DOUBT * sd)
        mean = mean + self.trend(matrix)
        if self.earlier:
            mean = mean + self.earlier(matrix)
        return mean, np.maximum(sd, CERTAIN)

    def _gain(self, matrix: Matrix) -> Vector:
        return log_expected_improvement(*self._predict(matrix), self.best)


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
