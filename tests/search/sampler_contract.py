"""What every sampler must do: subclass `SamplerContract` and set `sampler`."""

import math
from typing import ClassVar

import numpy as np
import pytest

from experiments.search.declarations import declared
from experiments.search.history import History, ObservedTrial
from experiments.search.sampler_rules import SAMPLER_RULES
from experiments.search.space.space import Space
from experiments.search.strategies.registry import SAMPLERS, make_sampler
from experiments.search.strategy import Sampler, Suggestion
from tests.search.spaces import boolean, choice, fixed, floats, ints, only_if, space_of

MIXED = space_of(
    choice("optimizer", "adam", "sgd", "rmsprop"),
    floats("learning_rate", 1e-4, 1e-1, step=10, scale="log"),
    boolean("nesterov", **only_if("optimizer", "sgd")),
    floats("momentum", 0.1, 0.9, step=0.4, **only_if("nesterov", True)),
    ints("units", 16, 64, step=16),
    fixed("epochs", 5),
    constraints=("units <= 48 or learning_rate < 0.05",),
)
CONTINUOUS = space_of(
    floats("lr", 1e-5, 1e-1, scale="log"),
    floats("dropout", 0.0, 0.5),
    ints("units", 8, 64, scale="log"),
)


def rng_of(number: int, seed: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, number])


def score_of(values: dict) -> float:
    """A smooth bowl over whatever numbers there are."""
    numbers = [value for value in values.values() if not isinstance(value, str)]
    return math.fsum((math.log10(abs(value) + 1e-3) + 1) ** 2 for value in numbers)


class SamplerContract:
    """Rules of every sampler, whatever it does to choose."""

    sampler: ClassVar[Sampler]

    def ask(self, space: Space, history: History, number: int, seed: int = 0) -> Suggestion | None:
        return self.sampler.suggest(space, history, number, rng_of(number, seed))

    def run(self, space: Space, most: int, *, state: str = "completed", seed: int = 0) -> History:
        """A search of at most `most` trials, each given its state and score at once."""
        history = History((), "minimize", seed)
        for number in range(most):
            suggestion = self.ask(space, history, number, seed)
            if suggestion is None:
                break
            score = score_of(suggestion.values) if state == "completed" else None
            trial = ObservedTrial(number, suggestion.values, state, score)
            history = History((*history.trials, trial), "minimize", seed)
        return history

    def test_it_is_registered_with_words_for_the_form(self):
        kind = type(self.sampler)
        assert SAMPLERS[self.sampler.slug] is kind
        assert self.sampler.label
        assert self.sampler.help.endswith(".")
        for option in declared(kind):
            assert option.label
            assert option.help.endswith(".")
        assert make_sampler(self.sampler.slug, {}) == kind()

    @pytest.mark.parametrize(
        "words, rule", SAMPLER_RULES, ids=[words for words, _ in SAMPLER_RULES]
    )
    def test_it_keeps_the_rules_that_own_samplers_are_asked_too(self, words, rule):
        assert rule(self.sampler), words

    def test_seed_zero_is_a_seed_like_any_other(self):
        assert self.run(MIXED, 8, seed=0) == self.run(MIXED, 8, seed=0)
        other = [trial.values for trial in self.run(MIXED, 8, seed=1).trials]
        assert [trial.values for trial in self.run(MIXED, 8, seed=0).trials] != other

    def test_a_choice_of_one_and_a_space_of_fixed_values_work(self):
        for space in (space_of(choice("a", "x")), space_of(fixed("a", 1), fixed("b", "y"))):
            history = self.run(space, 3)
            assert len(history) == 1
            space.check(history.trials[0].values)

    def test_a_finite_space_is_used_up_and_then_there_is_nothing(self):
        space = space_of(
            choice("a", "x", "y"),
            ints("b", 1, 6, **only_if("a", "x")),
            boolean("c"),
            constraints=("b != 3",),
        )
        history = self.run(space, 100)
        keys = {space.key(values) for values in space.grid()}
        assert len(history) == len(keys) == 12
        assert {space.key(trial.values) for trial in history.trials} == keys
        assert self.ask(space, history, len(history)) is None
        assert self.ask(space, history, 10_000) is None

    def test_after_its_beginning_it_explores_or_exploits_and_says_which(self):
        drawn = [MIXED.draw(rng_of(number)) for number in range(40)]
        trials = tuple(
            ObservedTrial(number, values, "completed", score_of(values))
            for number, values in enumerate(drawn)
        )
        suggestion = self.ask(MIXED, History(trials), 40)
        assert suggestion.kind in ("explore", "exploit")
