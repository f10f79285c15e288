"""Expected improvement, and the hunt for its largest value."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from experiments.search.models.acquisition import (
    AcquisitionSearch,
    log_expected_improvement,
    log_gain,
    log_probability_below,
    marks,
)
from experiments.search.space.encoding import Encoding
from experiments.search.space.unit_points import Points
from tests.search.spaces import floats, ints, space_of


class TestExpectedImprovement:
    @pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (2.0, 0.5), (-1.5, 0.2), (1.0, 3.0)])
    def test_it_is_the_integral_of_its_definition(self, mean, sd):
        best = 0.7
        expected, _ = quad(
            lambda value: (best - value) * norm.pdf(value, mean, sd), mean - 12 * sd, best
        )
        found = log_expected_improvement(np.array([mean]), np.array([sd]), best)
        assert math.exp(found[0]) == pytest.approx(expected, rel=1e-6)

    def test_at_the_best_it_is_the_deviation_over_the_root_of_two_pi(self):
        found = log_expected_improvement(np.array([1.0]), np.array([2.0]), 1.0)
        assert math.exp(found[0]) == pytest.approx(2.0 / math.sqrt(2 * math.pi))

    def test_it_falls_smoothly_where_the_plain_formula_is_zero(self):
        z = -np.geomspace(0.5, 1e12, 4000)
        found = log_gain(z)
        assert np.isfinite(found).all()
        assert (np.diff(found) < 0).all()

    @pytest.mark.parametrize("z", [-1.0, -100.0, -1e6])
    def test_its_pieces_meet(self, z):
        left, right = log_gain(np.array([z * (1 + 1e-12), z * (1 - 1e-12)]))
        assert left == pytest.approx(right, rel=1e-9)

    def test_the_far_tail_is_its_asymptote(self):
        z = -1e4
        expected = -0.5 * z**2 - 0.5 * math.log(2 * math.pi) - 2 * math.log(-z)
        assert log_gain(np.array([z]))[0] == pytest.approx(expected, rel=1e-12)

    def test_the_probability_below_is_that_of_the_normal(self):
        found = log_probability_below(np.array([1.0]), np.array([2.0]), 0.0)
        assert math.exp(found[0]) == pytest.approx(norm.cdf(-0.5))


class TestHunt:
    space = space_of(floats("x", 0, 1), floats("y", 0, 1), ints("n", 1, 50))

    def run(self, space, score, seen=frozenset(), draws=50):
        rng = np.random.default_rng(0)
        points = Points(Encoding.of(space))
        drawn = points.snap(rng.random((draws, len(space))))
        return list(AcquisitionSearch(points, score, seen).run(drawn[:0], drawn, rng))

    def test_it_climbs_to_the_top_of_a_hill(self):
        top = np.array([0.31, 0.77, 0.5])
        found = self.run(self.space, lambda rows: -((rows - top) ** 2).sum(axis=1))
        assert np.abs(found[0] - top).max() < 0.05

    def test_points_come_in_falling_order(self):
        found = self.run(self.space, lambda rows: rows[:, 0])
        heights = [unit[0] for unit in found]
        assert heights == sorted(heights, reverse=True)

    def test_what_was_seen_does_not_come(self):
        space = space_of(ints("n", 1, 6))
        encoding = Encoding.of(space)
        seen = marks(encoding.matrix([{"n": n} for n in range(1, 6)]))
        found = self.run(space, lambda rows: -rows[:, 0], frozenset(seen))
        assert {space.decode(unit)["n"] for unit in found} == {6}

    def test_constraints_are_met_also_on_the_way_up(self):
        space = space_of(floats("x", 0, 1), floats("y", 0, 1), constraints=("x + y <= 0.5",))
        found = self.run(space, lambda rows: rows.sum(axis=1))
        sums = [unit.sum() for unit in found]
        assert max(sums) <= 0.5
        assert sums[0] > 0.45

    def test_nothing_comes_where_everything_was_seen(self):
        space = space_of(ints("n", 1, 3))
        seen = marks(Encoding.of(space).matrix([{"n": n} for n in (1, 2, 3)]))
        assert self.run(space, lambda rows: rows[:, 0], frozenset(seen)) == []
