"""Random search."""

import numpy as np

from experiments.search.history import History, ObservedTrial
from experiments.search.samplers.random import RandomSampler
from tests.search.sampler_contract import SamplerContract, rng_of
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of


class TestRandom(SamplerContract):
    sampler = RandomSampler()

    def test_the_first_draw_is_the_space_s_own(self):
        space = space_of(floats("lr", 1e-4, 1e-1, scale="log"), ints("n", 1, 9))
        assert self.ask(space, History(), 0).values == space.draw(rng_of(0))

    def test_a_continuous_branch_is_found_beside_a_thousand_used_ones(self):
        names = [f"c{i}" for i in range(1000)]
        space = space_of(choice("a", *names), floats("x", 0, 1, **only_if("a", "c0")))
        used = tuple(
            ObservedTrial(i, {"a": name}, "completed", 0.0) for i, name in enumerate(names[1:])
        )
        suggestion = self.ask(space, History(used), 999)
        assert suggestion.values["a"] == "c0"

    def test_a_huge_space_with_one_configuration_left_by_constraints_ends(self):
        space = space_of(
            *(ints(f"n{i}", 1, 5) for i in range(6)), constraints=("n0*n1*n2*n3*n4*n5 >= 15625",)
        )
        history = self.run(space, 3)
        assert [trial.values["n0"] for trial in history.trials] == [5]

    def test_workers_that_ask_for_different_numbers_differ(self):
        space = space_of(floats("x", 0, 1), boolean("b"))
        answers = {self.ask(space, History(), number).values["x"] for number in range(50)}
        assert len(answers) == 50

    def test_ten_thousand_trials_are_looked_through_in_time(self):
        space = space_of(ints("n", 1, 10**6), floats("x", 0, 1))
        rng = np.random.default_rng(0)
        trials = tuple(ObservedTrial(i, space.draw(rng), "completed", 0.0) for i in range(10_000))
        assert self.ask(space, History(trials), 10_000) is not None
