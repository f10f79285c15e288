"""Simulated annealing on ranks."""

import numpy as np
import pytest

from experiments.search.history import History, ObservedTrial
from experiments.search.models.observations import observe
from experiments.search.samplers.annealing import AnnealingSampler, origin_chances, round_begin
from tests.search.sampler_contract import SamplerContract, rng_of
from tests.search.spaces import floats, ints, space_of

VALLEY = space_of(floats("x", -2, 2), floats("y", -1, 3))
BOWL = space_of(*(floats(f"x{i}", 0, 1) for i in range(5)))
LINE = space_of(ints("n", 1, 1000))


def rosenbrock(values: dict) -> float:
    return (1 - values["x"]) ** 2 + 100 * (values["y"] - values["x"] ** 2) ** 2


def bowl(values: dict) -> float:
    return sum((x - 0.3 - 0.1 * i) ** 2 for i, x in enumerate(values.values()))


def search(sampler, space, trials: int, score, seed: int) -> History:
    history = History((), "minimize", seed)
    for number in range(trials):
        values = sampler.suggest(space, history, number, rng_of(number, seed)).values
        trial = ObservedTrial(number, values, "completed", score(values))
        history = History((*history.trials, trial), "minimize", seed)
    return history


def line(losses: list[float]) -> History:
    return History(
        tuple(ObservedTrial(i, {"n": i + 1}, "completed", loss) for i, loss in enumerate(losses))
    )


class TestAnnealing(SamplerContract):
    sampler = AnnealingSampler()

    @pytest.mark.parametrize("space, score", [(VALLEY, rosenbrock), (BOWL, bowl)])
    def test_it_descends_valleys_and_bowls_where_chance_does_not(self, space, score):
        """Rosenbrock's valley is the first test function of Corana et al. 1987, "Minimizing
        multimodal functions of continuous variables with the simulated annealing algorithm"."""
        sampler = AnnealingSampler(trials=100)
        ended = [search(sampler, space, 100, score, seed).best.score for seed in range(8)]
        drawn = [
            min(score(space.draw(rng_of(number, seed))) for number in range(100))
            for seed in range(8)
        ]
        assert np.median(ended) < 0.6 * np.median(drawn)

    @pytest.mark.parametrize("ranked", [1, 2, 7, 100])
    def test_origins_follow_boltzmann_s_distribution_of_ranks(self, ranked):
        """Kirkpatrick et al. 1983: the ratio of two chances depends on their difference alone."""
        for heat in (0.0, 0.3, 1.0):
            chances = origin_chances(ranked, heat)
            assert chances.sum() == pytest.approx(1)
            ratios = chances[1:] / chances[:-1]
            assert np.allclose(ratios, ratios[:1])
            assert (ratios < 1).all()

    def test_a_cold_search_jumps_from_the_best_and_a_hot_one_from_many(self):
        assert origin_chances(50, 0.0)[0] > 0.8
        assert origin_chances(50, 1.0)[0] < 0.1

    def test_it_cools_with_the_trials_and_says_so(self):
        history = search(self.sampler, LINE, 55, lambda v: float(v["n"]), 1)
        hot = self.ask(LINE, History(history.trials[:10]), 10).why
        assert "temperature 0.80" in hot

    def test_a_search_that_is_stuck_begins_anew(self):
        falling = [float(-i) for i in range(10)]
        assert round_begin(observe(LINE, line(falling)), 5) == 0
        assert round_begin(observe(LINE, line([*falling, 0, 0, 0, 0])), 5) == 0
        assert round_begin(observe(LINE, line([*falling, 0, 0, 0, 0, 0])), 5) == 15
        again = [*falling, 0, 0, 0, 0, 0, 7, 6, 5, 4]
        assert round_begin(observe(LINE, line(again)), 5) == 15
        why = self.sampler.suggest(LINE, line([1.0] * 31), 31, rng_of(31)).why
        assert why == "Random restart: no improvement for 30 trials."

    def test_equal_scores_and_failures_don_t_stop_it(self):
        trials = tuple(ObservedTrial(i, {"n": i + 1}, "failed") for i in range(40))
        assert self.ask(LINE, History(trials), 40) is not None
        assert self.ask(LINE, line([3.0] * 40), 40) is not None

    def test_jumps_are_small_when_cold(self):
        history = line([float(i) for i in range(60)])
        values = [
            self.sampler.suggest(LINE, history, 60, rng_of(n)).values["n"] for n in range(20)
        ]
        assert np.median(values) < 250
