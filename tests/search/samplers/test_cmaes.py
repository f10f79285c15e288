"""CMA-ES, its state found by replaying the history."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.history import History, ObservedTrial
from experiments.search.models.cmaes_replay import Layout, replay
from experiments.search.models.observations import observe
from experiments.search.samplers.cmaes import CmaEsSampler
from experiments.search.space.axes import axes_of
from tests.search.sampler_contract import MIXED, SamplerContract, rng_of
from tests.search.spaces import boolean, choice, floats, ints, space_of, spaces

STATES = st.sampled_from(["completed", "failed", "running", "pruned", "stopped", "paused"])
SCORES = st.sampled_from([None, math.nan, math.inf, -math.inf, 0.0, 1.0]) | st.floats()


@settings(max_examples=25, deadline=None)
@given(
    space=spaces(), told=st.lists(st.tuples(STATES, SCORES), max_size=30), seed=st.integers(0, 9)
)
def test_any_space_and_history_gets_a_new_configuration_or_is_used_up(space, told, seed):
    rng = np.random.default_rng(seed)
    trials = tuple(
        ObservedTrial(i, space.draw(rng), state, score) for i, (state, score) in enumerate(told)
    )
    suggestion = CmaEsSampler().suggest(space, History(trials), 30, rng_of(30, seed))
    tried = {space.key(trial.values) for trial in trials}
    if suggestion is None:
        assert len(tried) == space.size()
    else:
        space.check(suggestion.values)
        assert space.key(suggestion.values) not in tried


class TestCmaEs(SamplerContract):
    sampler = CmaEsSampler()

    def search(self, space, loss, trials, seed=0):
        done = ()
        for number in range(trials):
            suggestion = self.ask(space, History(done, "minimize", seed), number, seed)
            score = loss(suggestion.values)
            done = (*done, ObservedTrial(number, suggestion.values, "completed", score))
        return done

    def test_the_sphere_function_is_solved_to_a_thousandth(self):
        # Hansen 2016, "The CMA evolution strategy: a tutorial", appendix A: f = sum of squares.
        space = space_of(*(floats(f"x{i}", -2, 2) for i in range(3)))
        trials = self.search(space, lambda v: sum((x - 0.7) ** 2 for x in v.values()), 220)
        assert min(trial.score for trial in trials) < 1e-3

    def test_steps_and_categories_follow_the_good_trials(self):
        space = space_of(
            *(ints("n", 0, 40), choice("c", "a", "b", "z"), boolean("flag"), floats("x", 0, 1))
        )

        def loss(values):
            return abs(values["n"] - 33) / 40 + (values["c"] != "z") + (not values["flag"])

        late = self.search(space, loss, 150)[60:]
        assert sum(t.values["c"] == "z" and t.values["flag"] for t in late) > len(late) / 3

    def test_a_generation_is_told_when_it_is_complete(self):
        space = space_of(floats("x", 0, 1), floats("y", 0, 1))
        layout = Layout.of(axes_of(space))
        rng = np.random.default_rng(0)
        trials = [ObservedTrial(i, space.draw(rng), "completed", float(i)) for i in range(13)]
        generations = [
            replay(layout, observe(space, History(tuple(trials[:count]))), 0)[1]
            for count in (0, 5, 6, 11, 12, 13)
        ]
        assert generations == [0, 0, 1, 1, 2, 2]

    def test_values_that_the_optimizer_reads_are_the_values_that_it_gives(self):
        layout = Layout.of(axes_of(MIXED))
        optimizer = layout.start(0, 6)
        axes = axes_of(MIXED)
        for _ in range(20):
            at = layout.coordinates(optimizer.ask())
            values = {name: axes[name].value(place) for name, place in at.items()}
            assert layout.coordinates(layout.solution(values, rng_of(0))) == at

    def test_long_searches_over_lists_of_different_lengths_keep_their_spread(self):
        space = space_of(
            *(choice("a", 1, 2, 3), choice("b", *(10.0**-i for i in range(6))), choice("c", 4, 8)),
            *(choice("d", "x", "y", "z"), choice("e", 8, 24, 72)),
        )
        with np.errstate(all="raise"):
            trials = self.search(space, lambda v: v["a"] * v["b"] + (v["d"] == "x"), 250)
        assert len({space.key(trial.values) for trial in trials}) == 250

    def test_a_search_at_rest_starts_again_with_more_at_a_time(self):
        space = space_of(floats("x", 0, 1), floats("y", 0, 1))
        layout = Layout.of(axes_of(space))
        trials = tuple(
            ObservedTrial(i, {"x": 0.5, "y": 0.5}, "completed", 1.0) for i in range(600)
        )
        optimizer, _ = replay(layout, observe(space, History(trials)), 0)
        assert optimizer.population_size > 6
