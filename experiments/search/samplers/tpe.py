"""The tree-structured Parzen estimator of Optuna.

Optuna is imported at the first question: it takes seconds that a web server need not wait for.
"""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from experiments.search.history import History, Values
from experiments.search.models.candidates import neighbours, start_point, suggest_untried
from experiments.search.models.observations import Observations, identity, observe
from experiments.search.space.axes import assemble, axes_of
from experiments.search.space.space import Space
from experiments.search.strategy import SamplerDefaults, Suggestion, option

ASKS = 8  # suggestions of Optuna before a neighbour of its last one is taken
MOST = 500  # trials that the two densities are made of: the best 25 and the latest


@dataclass(frozen=True, slots=True)
class TpeSampler(SamplerDefaults):
    """Models where good and where other configurations lie, and tries where good ones are densest.

    Source: Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", §4, in the
    multivariate form of Falkner et al. 2018 (BOHB), as Optuna's TPESampler has it: conditional
    groups of hyperparameters are modelled apart, and running trials count as bad ones.
    """

    slug: ClassVar[str] = "tpe"
    label: ClassVar[str] = "Tree-structured Parzen estimator (TPE)"
    help: ClassVar[str] = (
        "Compares the densities of good trials and of all others. For searches of "
        "more than 300 trials and for spaces with many conditions; takes milliseconds "
        "per trial."
    )

    start_trials: int = option(
        10,
        label="Initial points",
        help="Number of initial points: the middle of the space, then Sobol points.",
        lowest=1,
        highest=1000,
    )
    candidates: int = option(
        24,
        label="Candidates",
        help="Number of configurations drawn from the density of good trials for each suggestion.",
        lowest=1,
        highest=1000,
    )

    def suggest(
        self, space: Space, history: History, number: int, rng: np.random.Generator
    ) -> Suggestion | None:
        """The start, then the densest new configuration; None when a finite space is used up."""
        past = observe(space, history)
        if len(past) < self.start_trials or not axes_of(space):
            start = start_point(space, number, history.seed, past.seen)
            if start is not None:
                return Suggestion(start, f"Initial point, one of {self.start_trials}.")
        else:
            found = self._densest(space, past, rng)
            if found is not None:
                return found
        return suggest_untried(space, past.seen, rng, "Random.")

    def _densest(
        self, space: Space, past: Observations, rng: np.random.Generator
    ) -> Suggestion | None:
        import optuna

        from experiments.search.models.optuna_study import ask_for, make_study

        axes = axes_of(space)
        sampler = optuna.samplers.TPESampler(
            seed=int(rng.integers(2**31)),
            multivariate=True,
            group=True,
            constant_liar=True,
            n_startup_trials=1,
            n_ei_candidates=self.candidates,
        )
        study = make_study(axes, past, sampler, most=MOST)
        values: Values = {}
        for _ in range(ASKS):
            trial = study.ask()
            values = assemble(space, partial(ask_for, trial, axes))
            if space.meets(values) and identity(values) not in past.seen:
                why = "Largest ratio of the densities of good and other trials."
                return Suggestion(values, why, "exploit")
        for near in neighbours(space, values, rng, 50):
            if identity(near) not in past.seen:
                why = "Neighbour of the configuration with the largest density ratio."
                return Suggestion(near, why, "exploit")
        return None
