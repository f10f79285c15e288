"""Quasi-random search."""

import numpy as np
from scipy.stats import qmc

from experiments.search.history import History
from experiments.search.samplers.quasi_random import QuasiRandomSampler
from tests.search.sampler_contract import CONTINUOUS, SamplerContract
from tests.search.spaces import floats, ints, space_of

SQUARE = space_of(floats("x", 0, 1), floats("y", 0, 1))


class TestQuasiRandom(SamplerContract):
    sampler = QuasiRandomSampler()

    def test_it_begins_in_the_middle(self):
        assert self.ask(CONTINUOUS, History(), 0).values == CONTINUOUS.defaults()

    def test_every_stretch_of_a_range_gets_its_share(self):
        """Property of a (t, s)-sequence in base 2, Sobol 1967: each half, quarter, … has as many."""
        trials = self.run(SQUARE, 65).trials[1:]
        for name in ("x", "y"):
            shares = np.histogram([t.values[name] for t in trials], bins=16, range=(0, 1))[0]
            assert shares.min() >= 3
            assert shares.max() <= 5

    def test_its_discrepancy_is_below_that_of_random_points(self):
        points = np.array([list(t.values.values()) for t in self.run(SQUARE, 64).trials])
        drawn = [qmc.discrepancy(np.random.default_rng(i).random((64, 2))) for i in range(20)]
        assert qmc.discrepancy(points) < min(drawn)

    def test_workers_that_ask_for_different_numbers_get_different_points(self):
        answers = {self.ask(SQUARE, History(), number).values["x"] for number in range(50)}
        assert len(answers) == 50

    def test_two_hundred_hyperparameters_are_no_hindrance(self):
        space = space_of(*(floats(f"x{i}", 0, 1) for i in range(199)), ints("n", 1, 10**9))
        for trial in self.run(space, 4).trials:
            space.check(trial.values)
