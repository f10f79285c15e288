"""Grid search."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiments.search.history import History, ObservedTrial
from experiments.search.samplers.grid import GridSampler
from experiments.search.strategies.registry import make_sampler
from experiments.search.strategy import OptionsError
from tests.search.sampler_contract import MIXED, SamplerContract, rng_of
from tests.search.spaces import choice, floats, ints, only_if, space_of, spaces
from tests.steps import steps_of

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

    def test_a_single_range_has_a_resolution_of_its_own(self):
        sampler = GridSampler(per_row="units=3, rate=2")
        space = space_of(
            ints("units", 16, 64, step=16),
            floats("rate", 0, 1),
            ints("n", 1, 10**9),
            choice("c", 1, 2),
        )
        assert "about" not in sampler.problems(space)[0].message
        sampler = GridSampler(per_row="units=3; rate = 2, n=1")
        assert sampler.problems(space) == []
        trials = [sampler.suggest(space, History(), n, rng_of(n)).values for n in range(12)]
        assert len({space.key(values) for values in trials}) == 12
        assert {values["units"] for values in trials} == {16, 48, 64}
        assert {values["rate"] for values in trials} == {0.0, 1.0}
        assert {values["n"] for values in trials} == {500_000_000}
        history = History(tuple(ObservedTrial(i, v, "running") for i, v in enumerate(trials)))
        assert sampler.suggest(space, history, 12, rng_of(12)) is None

    @pytest.mark.parametrize(
        "text, said",
        [
            ("units 3", 'Can\'t read "units 3". Write name=number'),
            ("units=x", "Can't read"),
            ("lr=3", "lr isn't a hyperparameter of this space"),
            ("c=2", "c isn't a range"),
            ("depth=2", "Other hyperparameters depend on depth"),
            ("units=0", "1 to 1,000"),
            ("units=3, units=4", "units appears twice"),
            ("=", "Can't read"),
        ],
    )
    def test_a_wrong_resolution_names_its_field_and_the_mend(self, text, said):
        space = space_of(
            ints("units", 1, 9),
            choice("c", "x", "y"),
            ints("depth", 1, 3),
            floats("deep", 0, 1, **only_if("depth", 2)),
        )
        (problem,) = GridSampler(per_row=text).problems(space)
        assert problem.path == "sampler_options.per_row"
        assert said in problem.message

    def test_the_first_points_of_a_large_grid_are_a_coarse_grid(self):
        """A prefix of 2^k points of a Sobol sequence has a point in every stretch of 1 / 2^k."""
        space = space_of(*(ints(f"n{i}", 0, 31) for i in range(3)))
        trials = self.run(space, 17).trials[1:]
        for name in space.defaults():
            assert len({trial.values[name] // 2 for trial in trials}) >= 14

    def test_it_begins_in_the_middle(self):
        assert self.ask(SQUARE, History(), 0).values == SQUARE.defaults()

    @given(spaces(small=True, most=4), st.sampled_from(["coarse to fine", "shuffled", "listed"]))
    @settings(max_examples=60, deadline=None)
    def test_every_order_visits_exactly_the_grid(self, space, order):
        sampler = GridSampler(order=order)
        grid = sampler._lattice(space)
        assume(grid.size <= 2000)
        places = list(sampler._order(grid, space, 3))
        assert sorted(places) == list(range(grid.size))

    def test_a_late_question_to_a_large_grid_is_answered_in_few_steps(self):
        space = space_of(*(ints(f"n{i}", 1, 10) for i in range(5)))
        assert self.ask(space, History(), 99_999) is not None
        assert steps_of(lambda: self.ask(space, History(), 99_998)) < 25 * 100_000

    @pytest.mark.parametrize(
        "options",
        [
            {"resolution": 1},
            {"resolution": 101},
            {"resolution": "x"},
            {"order": "zigzag"},
            {"per_row": 3},
            {"a": 1},
        ],
    )
    def test_options_out_of_their_limits_are_refused(self, options):
        with pytest.raises(OptionsError):
            make_sampler("grid", options)
