"""Bayesian optimisation: a Gaussian process and expected improvement."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar, Final

import numpy as np

from experiments.number_words import plain
from experiments.search.history import History, Values
from experiments.search.models.acquisition import CLIMBERS, DRAWN, AcquisitionSearch, marks
from experiments.search.models.candidates import draw_new, start_point, suggest_untried
from experiments.search.models.gaussian_process import GaussianProcess
from experiments.search.models.observations import Observations, identity, normal_scores, squash
from experiments.search.models.rung_model import Below, climb, levels
from experiments.search.models.surrogate import MakePrior, Surrogate, Transform, model
from experiments.search.models.transfer_prior import learn, prior_mean
from experiments.search.space.encoding import Encoding, Matrix
from experiments.search.space.space import Space
from experiments.search.space.unit_points import Points
from experiments.search.strategies.queued_configurations import from_portfolio
from experiments.search.strategy import SamplerDefaults, Suggestion, SuggestionKind, option

TRANSFORMS: Final = (normal_scores, squash)
LEAST: Final = 3  # trials that have ended before a model is used
ALLOWED: Final = 100  # random points that have to meet the constraints before they are modelled
WARM: Final = 1 / 3  # of the initial points are left after a warm start
LAST: Final = 32  # points drawn where the hunt finds none


@dataclass(frozen=True, slots=True)
class BayesianSampler(SamplerDefaults):
    """Models the objective after each trial and tries where the model expects to gain the most."""

    slug: ClassVar[str] = "bayesian"
    label: ClassVar[str] = "Bayesian optimisation"
    help: ClassVar[str] = (
        "Models the objective with a Gaussian process and maximizes expected "
        "improvement. The best choice for up to about 300 trials; takes less than a "
        "second per trial."
    )

    starts: int = option(
        6,
        label="Initial points",
        help="Number of initial points before the model decides, the middle of the "
        "space first. A third of them with a warm start.",
        lowest=1,
        highest=1000,
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """A starting point, or the configuration of the highest expected improvement."""
        *lower, seen = levels(space, history)
        own, starts = number, self.starts
        if history.warm.studies:
            own -= from_portfolio(space, history.warm, seen.seen)
            starts = math.ceil(self.starts * WARM)
        if own < starts or len(seen) < min(LEAST, starts):
            values = start_point(space, own, history.seed, seen.seen)
            if values is not None:
                return Suggestion(values, _first_words(own, starts))
        if len(seen) > 0 and len(space) > 0:
            return _Ask(space, history, seen, number, rng, tuple(lower)).answer()
        return suggest_untried(space, seen.seen, rng)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One question to the model. lower: what rungs show, below what is modelled."""

    space: Space
    history: History
    seen: Observations
    number: int
    rng: np.random.Generator
    lower: tuple[Observations, ...] = ()

    def answer(self) -> Suggestion | None:
        encoding = Encoding.of(self.space)
        rows = encoding.matrix([*self.seen.values, *self.seen.pending])
        transform = TRANSFORMS[self.number % 2]
        earlier = learn(encoding, self.history.warm.studies)
        surrogate = self._model(encoding, rows, transform, earlier)
        points = Points(encoding)
        hunt = AcquisitionSearch(points, surrogate.log_worth, frozenset(marks(rows)))
        around = self._around(surrogate)
        for unit in hunt.run(around, self._drawn(points), self.rng):
            values = self.space.decode(unit)
            if self.space.meets(values) and identity(values) not in self.seen.seen:
                return self._suggestion(surrogate, encoding, values)
        values_left = draw_new(self.space, self.seen.seen, self.rng, LAST)
        if not values_left:
            return suggest_untried(self.space, self.seen.seen, self.rng)
        worth = surrogate.log_worth(encoding.matrix(values_left))
        return self._suggestion(surrogate, encoding, values_left[int(np.argmax(worth))])

    def _model(
        self,
        encoding: Encoding,
        rows: Matrix,
        transform: Transform,
        earlier: tuple[GaussianProcess, ...],
    ) -> Surrogate:
        ladder = climb(encoding, self.lower, transform, self.rng, earlier)
        before: MakePrior | None = partial(prior_mean, earlier) if earlier else None
        if ladder is None:
            return model(encoding, self.seen, rows, transform, self.rng, before)
        before = partial(Below.of, ladder.process)
        found = model(encoding, self.seen, rows, transform, self.rng, before)
        return replace(found, earlier=ladder.earlier)

    def _around(self, surrogate: Surrogate) -> Matrix:
        good = surrogate.good[:CLIMBERS]
        units = [self.space.encode(self.seen.values[place]) for place in good]
        return np.array(units).reshape(-1, len(self.space))

    def _drawn(self, points: Points) -> Matrix:
        units = points.snap(self.rng.random((DRAWN, len(self.space))))
        if not self.space.constraints:
            return units
        return np.array(list(_allowed(self.space, units))).reshape(-1, len(self.space))

    def _suggestion(self, surrogate: Surrogate, encoding: Encoding, values: Values) -> Suggestion:
        row = encoding.matrix([values])
        mean, sd = (float(found[0]) for found in surrogate.process.predict(row))
        works = float(np.exp(surrogate.log_works(row)[0]))
        kind: SuggestionKind = "exploit" if mean <= surrogate.best else "explore"
        if not self.seen.finite.any():
            failed = (
                f"None of {len(self.seen)} trials has a score yet: the "
                "configuration least similar to them."
            )
            return Suggestion(values, failed, "explore")
        sign = 1.0 if self.history.direction == "minimize" else -1.0
        predicted, uncertainty = surrogate.in_loss(mean, sd)
        best = sign * surrogate.in_loss(surrogate.best, 0.0)[0]
        expected = f"predicted {plain(sign * predicted)} ± {plain(uncertainty, 2)}"
        known = f"{int(self.seen.finite.sum())} scored trials"
        if kind == "exploit":
            why = (
                f"Exploits {known}: {expected}; the best trial so far is predicted "
                f"at {plain(best)}."
            )
        else:
            why = f"Explores: {expected} after {known}, so it may beat the best trial ({plain(best)})."
        if works < 0.95:
            why += f" Probability of failure {1 - works:.0%}."
        weights = surrogate.earlier.transfer_weights() if surrogate.earlier else ()
        return Suggestion(values, why, kind, sign * predicted, uncertainty, weights)


def _allowed(space: Space, units: Matrix) -> Iterator[Matrix]:
    """The first points that meet the constraints."""
    found = 0
    for unit in units:
        if space.meets(space.decode(unit)):
            yield unit
            found += 1
        if found == ALLOWED:
            return


def _first_words(number: int, starts: int) -> str:
    if number == 0:
        return "The middle of the space."
    return f"Initial point {number + 1} of {max(starts, number + 1)}."
