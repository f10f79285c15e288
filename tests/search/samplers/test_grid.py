"""Grid search."""

import numpy as np
import pytest

from experiments.search.history import History, ObservedTrial
from experiments.search.registry import make_sampler
from experiments.search.samplers.grid import GridSampler
from experiments.search.strategy import OptionsError
from tests.search.sampler_contract import MIXED, SamplerContract
from tests.search.spaces import choice, floats, ints, space_of

SQUARE = space_of(ints("a", 1, 10), ints("b", 1, 10))


class TestGrid(SamplerContract):
    sampler = GridSampler()

    def test_the_whole_grid_is_visited_once(self):
        history = self.run(MIXED, 1000)
        keys = {MIXED.key(values) for values in MIXED.grid()}
        assert len(history) == len(keys)
        assert {MIXED.key(trial.values) for trial in history.trials} == keys

    def test_the_order_spreads_early(self):
        trials = self.run(SQUARE, 25).trials
        assert len({trial.values["a"] for trial in trials}) >= 8
        assert len({trial.values["b"] for trial in trials}) >= 8

    def test_workers_in_parallel_never_get_the_same_point(self):
        """Two ask with the same history: different numbers begin at different places."""
        answers = {SQUARE.key(self.ask(SQUARE, History(), number).values) for number in range(100)}
        assert len(answers) == 100

    def test_a_point_that_somebody_put_in_by_hand_is_skipped_and_none_is_lost(self):
        by_hand = tuple(
            ObservedTrial(i, {"a": 5, "b": b}, "completed", 0.0) for i, b in enumerate((1, 2, 3))
        )
        history = History(by_hand)
        for number in range(3, 200):
            suggestion = self.ask(SQUARE, history, number)
            if suggestion is None:
                break
            trial = ObservedTrial(number, suggestion.values, "running")
            history = History((*history.trials, trial))
        assert len(history) == 100
        assert len({SQUARE.key(trial.values) for trial in history.trials}) == 100

    def test_listed_goes_through_the_last_row_first(self):
        sampler = GridSampler(order="listed")
        rng = np.random.default_rng(0)
        first = [sampler.suggest(SQUARE, History(), n, rng).values["b"] for n in range(10)]
        assert first == list(range(1, 11))

    def test_resolution_sets_the_values_of_a_range_without_steps(self):
        sampler = GridSampler(resolution=3)
        space = space_of(floats("x", 0, 1))
        rng = np.random.default_rng(0)
        values = {sampler.suggest(space, History(), n, rng).values["x"] for n in range(3)}
        assert values == {0.0, 0.5, 1.0}

    def test_a_grid_of_a_million_million_points_is_refused_with_its_widest_rows(self):
        space = space_of(*(ints(f"n{i}", 1, 1000) for i in range(4)), choice("c", "x"))
        (problem,) = self.sampler.problems(space)
        assert problem.path == "hyperparameters"
        assert "1,000,000,000,000 points" in problem.message
        assert "n3 (1,000)" in problem.message
        assert self.ask(space, History(), 0) is None

    def test_an_astronomic_grid_is_named_by_its_power(self):
        space = space_of(*(ints(f"n{i}", 1, 10**6) for i in range(10)))
        (problem,) = self.sampler.problems(space)
        assert "about 10^60 points" in problem.message

    def test_a_grid_within_the_limit_is_welcome(self):
        assert self.sampler.problems(SQUARE) == []

    @pytest.mark.parametrize(
        "options",
        [
            {"resolution": 1},
            {"resolution": 101},
            {"resolution": "x"},
            {"order": "zigzag"},
            {"a": 1},
        ],
    )
    def test_options_out_of_their_limits_are_refused(self, options):
        with pytest.raises(OptionsError):
            make_sampler("grid", options)
