"""Bayesian optimisation."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial
from experiments.search.models.candidates import draw_new
from experiments.search.models.gaussian_process import fit
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.samplers.random import RandomSampler
from tests.search.objectives import BOWL, BRANIN, BRANIN_LEAST, bowl, branin, search
from tests.search.sampler_contract import CONTINUOUS, SamplerContract, rng_of, score_of
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of, spaces
from tests.steps import steps_of

STATES = st.sampled_from(
    ["waiting", "running", "paused", "completed", "completed", "failed", "pruned", "stopped"]
)
SCORES = st.none() | st.floats() | st.sampled_from([0.5, 0.25, 1e-300])


@st.composite
def histories(draw, space):
    """Trials of any state and score, among them some that don't fit the space."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    trials = []
    for number in range(draw(st.integers(0, 14))):
        values = space.decode(rng.random(len(space)))
        if draw(st.integers(0, 9)) == 0:
            values = {"elsewhere": 1}
        executions = tuple(draw(st.lists(SCORES.filter(lambda s: s is not None), max_size=3)))
        curve = tuple(draw(st.lists(SCORES, max_size=3)))
        trials.append(ObservedTrial(number, values, draw(STATES), draw(SCORES), curve, executions))
    direction = draw(st.sampled_from(["minimize", "maximize"]))
    return History(tuple(trials), direction, draw(st.integers(-5, 5)))


class TestBayesian(SamplerContract):
    sampler = BayesianSampler()

    @given(data=st.data())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def test_any_space_and_any_history_get_an_answer(self, data):
        space = data.draw(spaces())
        history = data.draw(histories(space))
        suggestion = self.ask(space, history, len(history))
        if suggestion is None:
            assert space.size() <= len(history)
        else:
            space.check(suggestion.values)
            tried = [trial.values for trial in history.trials]
            assert suggestion.values not in tried
            assert len(suggestion.why) < 290

    def test_it_starts_in_the_middle_and_spreads_out(self):
        history = search(self.sampler, BOWL, bowl, 6)
        first = history.trials[0].values
        assert first == BOWL.canonical(BOWL.defaults())
        assert len({trial.values["optimizer"] for trial in history.trials}) == 3

    @pytest.mark.parametrize(
        ("name", "seeds"),
        [
            ("branin", 2),
            pytest.param("branin", 5, marks=pytest.mark.thorough),
            pytest.param("bowl", 5, marks=pytest.mark.thorough),
        ],
    )
    def test_it_beats_random_by_far(self, name, seeds):
        """Mean over the seeds of how far the best trial is from the optimum: 2/3 of random's."""
        space, score, noise, least, trials = {
            "branin": (BRANIN, branin, 0.0, BRANIN_LEAST, 25),
            "bowl": (BOWL, bowl, 0.05, 0.0, 30),
        }[name]

        def mean_of(sampler):
            searches = [
                search(sampler, space, score, trials, seed=seed, noise=noise)
                for seed in range(seeds)
            ]
            bests = [min(score(trial.values) for trial in found.trials) for found in searches]
            return np.mean(bests) - least

        assert mean_of(self.sampler) < 0.66 * mean_of(RandomSampler())

    def test_maximizing_is_minimizing_the_opposite(self):
        history = search(self.sampler, BOWL, bowl, 12)
        turned = History(
            tuple(ObservedTrial(t.number, t.values, t.state, -t.score) for t in history.trials),
            "maximize",
        )
        one, other = (self.ask(BOWL, each, 12) for each in (history, turned))
        assert one.values == other.values
        assert one.predicted == pytest.approx(-other.predicted)

    @pytest.mark.parametrize("count", [24, pytest.param(40, marks=pytest.mark.thorough)])
    def test_a_failing_region_is_left(self, count):
        """Half of the space fails, and the scores get better towards it."""
        space = space_of(floats("x", 0, 1), floats("y", 0, 1))
        history = search(
            self.sampler, space, lambda v: None if v["x"] > 0.6 else 1 - v["x"] + v["y"], count
        )
        failed = [trial.state == "failed" for trial in history.trials]
        assert sum(failed[count // 2 :]) <= 0.3 * (count - count // 2)
        assert min(t.score for t in history.scored) < 0.5

    def test_where_all_have_failed_it_goes_elsewhere_and_says_so(self):
        space = space_of(floats("x", 0, 1))
        trials = tuple(ObservedTrial(i, {"x": 0.02 * i}, "failed") for i in range(10))
        suggestion = self.ask(space, History(trials), 10)
        assert suggestion.values["x"] > 0.4
        assert "None of 10 trials has a score" in suggestion.why

    def test_what_runs_already_is_not_asked_for_again_nor_its_neighbour(self):
        history = search(self.sampler, BRANIN, branin, 20)
        near = []
        for number in range(20, 24):
            suggestion = self.ask(BRANIN, history, 20)
            near.append(np.array([suggestion.values["x"] / 15, suggestion.values["y"] / 15]))
            trial = ObservedTrial(number, suggestion.values, "running")
            history = History((*history.trials, trial))
        gaps = [np.abs(a - b).max() for i, a in enumerate(near) for b in near[:i]]
        assert min(gaps) > 1e-3

    @pytest.mark.thorough
    def test_no_repeats_in_500_trials_of_600_points_with_four_at_a_time(self):
        """The first 400 are drawn at random: the nearer the end, the easier a repeat would be."""
        space = space_of(ints("a", 1, 10), choice("b", "x", "y", "z"), ints("c", 1, 20))
        assert space.size() == 600
        drawn = draw_new(space, frozenset(), rng_of(0), 400)
        trials = [
            ObservedTrial(number, values, "completed", score_of(values))
            for number, values in enumerate(drawn)
        ]
        for number in range(400, 500):
            done = number - 4
            if done >= 400:
                values = trials[done].values
                trials[done] = ObservedTrial(done, values, "completed", score_of(values))
            suggestion = self.ask(space, History(tuple(trials)), number)
            trials.append(ObservedTrial(number, suggestion.values, "running"))
        assert len({space.key(trial.values) for trial in trials}) == 500

    def test_executions_that_disagree_are_trusted_less(self):
        """The same lucky mean: three executions that agree make the model believe more in it."""
        base = [
            ObservedTrial(i, {"x": i / 10}, "completed", 1.0 + 0.01 * (i % 3), (), (1.0, 1.02))
            for i in range(10)
        ]

        def best(executions):
            lucky = ObservedTrial(10, {"x": 0.55}, "completed", 0.0, (), executions)
            return self.ask(space_of(floats("x", 0, 1)), History((*base, lucky)), 11)

        sure, unsure = best((0.0, 0.01, -0.01)), best((-3.0, 3.0, 0.0))
        assert sure.values != unsure.values or sure.uncertainty != unsure.uncertainty

    def test_it_says_what_it_expects_in_the_objectives_units(self):
        history = search(self.sampler, BOWL, lambda v: 100 + bowl(v), 20)
        suggestion = self.ask(BOWL, history, 20)
        assert suggestion.kind in ("explore", "exploit")
        assert 99 < suggestion.predicted < 103
        assert 0 < suggestion.uncertainty < 3
        assert plain(suggestion.predicted) in suggestion.why

    def test_starting_points_are_called_initial(self):
        assert self.ask(BOWL, History(), 0).kind == "initial"
        assert self.ask(BOWL, History(), 0).predicted is None

    def test_two_hundred_hyperparameters_and_a_thousand_choices_are_answered_in_few_steps(self):
        wide = space_of(*(floats(f"f{i}", 0, 1) for i in range(100)),
                        *(choice(f"c{i}", "a", "b", "c") for i in range(100)))  # fmt: skip
        long = space_of(choice("word", *(f"w{i}" for i in range(1000))), floats("x", 0, 1))
        for space in (wide, long):
            rng = np.random.default_rng(0)
            trials = tuple(
                ObservedTrial(i, space.draw(rng), "completed", float(rng.random()))
                for i in range(100)
            )
            space.check(self.ask(space, History(trials), 100).values)
            assert steps_of(partial(self.ask, space, History(trials), 100)) < 1_500_000

    def test_a_model_reads_250_trials_at_most(self, monkeypatch):
        sizes = []

        def noted(columns, rows, *arguments, **options):
            sizes.append(len(rows))
            return fit(columns, rows, *arguments, **options)

        monkeypatch.setattr("experiments.search.models.surrogate.fit", noted)
        rng = np.random.default_rng(0)
        trials = tuple(
            ObservedTrial(i, CONTINUOUS.draw(rng), "completed", float(rng.random()))
            for i in range(2000)
        )
        few, many = (
            steps_of(partial(self.ask, CONTINUOUS, History(trials[:count]), count))
            for count in (500, 2000)
        )
        assert set(sizes) == {250}
        assert many < 4 * few  # reading the trials is all that grows

    def test_a_narrow_constraint_is_met(self):
        space = space_of(
            *(ints(f"n{i}", 1, 9) for i in range(5)), constraints=("n0+n1+n2+n3+n4 >= 42",)
        )
        history = self.run(space, 25)
        assert len(history) == 25
        for trial in history.trials:
            space.check(trial.values)

    def test_an_inactive_hyperparameter_never_counts(self):
        space = space_of(boolean("deep"), floats("f", 0, 1, **only_if("deep", True)))
        history = search(self.sampler, space, lambda v: v.get("f", 2.0), 15)
        assert sum(trial.values == {"deep": False} for trial in history.trials) <= 1
        assert min(trial.score for trial in history.trials) < 0.05

    def test_huge_and_tiny_scores_are_no_trouble(self):
        for scale in (1e300, 1e-300):
            trials = tuple(
                ObservedTrial(i, {"x": i / 20}, "completed", scale * math.sin(i))
                for i in range(20)
            )
            suggestion = self.ask(space_of(floats("x", 0, 1)), History(trials), 20)
            assert suggestion is not None
