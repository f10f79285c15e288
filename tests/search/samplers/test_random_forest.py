"""Random forest search."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.search.history import History, ObservedTrial
from experiments.search.models.observations import normal_scores
from experiments.search.samplers.random_forest import RandomForestSampler, expectation
from tests.search.sampler_contract import CONTINUOUS, MIXED, SamplerContract, rng_of
from tests.search.spaces import boolean, choice, floats, ints, only_if, space_of, spaces

BRANIN = space_of(floats("x", -5, 10), floats("y", 0, 15))


def branin(values: dict) -> float:
    """Minimum 0.397887, at three points."""
    x, y = values["x"], values["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def search(space, trials: int, score, *, seed: int = 0, ahead: int = 0) -> History:
    """Scores come `ahead` trials late, as with ahead + 1 workers; None = the trial failed."""
    done: list[ObservedTrial] = []
    for number in range(trials):
        seen = [
            ObservedTrial(t.number, t.values, "running") if t.number >= number - ahead else t
            for t in done
        ]
        suggestion = RandomForestSampler().suggest(
            space, History(tuple(seen), "minimize", seed), number, rng_of(number, seed)
        )
        value = score(suggestion.values)
        state = "failed" if value is None else "completed"
        done.append(ObservedTrial(number, suggestion.values, state, value))
    return History(tuple(done), "minimize", seed)


class TestRandomForest(SamplerContract):
    sampler = RandomForestSampler()

    def test_it_nears_branin_s_minimum(self):
        """The test function of Hutter et al. 2011 and Jones et al. 1998."""
        found = [search(BRANIN, 40, branin, seed=seed).best.score for seed in range(3)]
        drawn = [
            min(branin(BRANIN.draw(rng_of(number, seed))) for number in range(40))
            for seed in range(10)
        ]
        assert np.median(found) < 1.0 < np.median(drawn)

    def test_four_workers_lose_little(self):
        found = [search(BRANIN, 40, branin, seed=seed, ahead=3).best.score for seed in range(2)]
        assert max(found) < 2.5

    def test_a_region_that_fails_is_avoided(self):
        space = space_of(floats("x", 0, 1), floats("y", 0, 1), choice("c", "a", "b", "d"))

        def score(values: dict) -> float | None:
            return None if values["x"] > 0.5 else values["y"] + 0.2 * (values["c"] == "a")

        history = search(space, 40, score)
        late = [trial.state for trial in history.trials[15:]]
        assert late.count("failed") <= 6  # half of the space fails: 12 of 25 by chance
        assert history.best.score < 0.1

    def test_when_nearly_everything_fails_it_still_looks_around(self):
        space = space_of(floats("x", 0, 1), floats("y", 0, 1))
        history = search(space, 30, lambda values: None)
        assert len({trial.values["x"] for trial in history.trials}) == 30

    def test_only_what_is_active_is_learnt(self):
        space = space_of(
            choice("branch", "good", "bad"),
            floats("a", 0, 1, **only_if("branch", "good")),
            floats("b", 0, 1, **only_if("branch", "bad")),
        )
        history = search(space, 30, lambda v: abs(v["a"] - 0.7) if "a" in v else 1.0)
        assert history.best.score < 0.05
        assert sum("a" in trial.values for trial in history.trials[10:]) >= 16

    def test_it_says_what_it_expects_and_why(self):
        history = search(BRANIN, 20, branin)
        for number in range(20, 24):
            suggestion = self.sampler.suggest(BRANIN, history, number, rng_of(number))
            why = suggestion.why
            assert why.startswith(("Exploits", "Explores"))
            assert f"predicted {suggestion.predicted:.4g}" in why
            assert suggestion.uncertainty >= 0
            assert suggestion.kind == ("exploit" if why.startswith("Exploits") else "explore")
        assert self.ask(BRANIN, History(), 0).why == "Initial point 1."

    def test_trials_that_were_put_in_by_hand_replace_the_starting_points(self):
        trials = search(BRANIN, 6, branin).trials
        assert "predicted" in self.ask(BRANIN, History(trials), 6).why

    def test_the_score_s_scale_does_not_matter(self):
        history = search(BRANIN, 12, branin)
        grown = tuple(
            ObservedTrial(t.number, t.values, "completed", 1000 * t.score + 7)
            for t in history.trials
        )
        for number in (12, 13):
            one = self.sampler.suggest(BRANIN, history, number, rng_of(number))
            other = self.sampler.suggest(BRANIN, History(grown), number, rng_of(number))
            assert one.values == other.values

    @pytest.mark.parametrize("space", [MIXED, CONTINUOUS])
    def test_a_thousand_trials_are_learnt_from(self, space):
        rng = np.random.default_rng(0)
        many = [space.draw(rng) for _ in range(1000)]
        trials = tuple(
            ObservedTrial(i, values, "completed", float(rng.normal()))
            for i, values in enumerate(many)
        )
        history = History(trials[: 40 if space is MIXED else 1000])
        space.check(self.ask(space, history, 1000).values)

    @given(spaces(most=5), st.data())
    @settings(max_examples=25, deadline=None)
    def test_any_space_and_any_history_get_a_new_configuration_or_the_end(self, space, data):
        rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
        states = st.sampled_from(["completed", "failed", "running", "pruned", "waiting"])
        scores = st.none() | st.floats(allow_nan=True, allow_infinity=True)
        trials = tuple(
            ObservedTrial(i, space.draw(rng), state, score if state == "completed" else None)
            for i, (state, score) in enumerate(
                data.draw(st.lists(st.tuples(states, scores), max_size=12))
            )
        )
        suggestion = self.ask(space, History(trials), len(trials))
        tried = {space.key(trial.values) for trial in trials}
        if suggestion is None:
            assert space.size() == len(tried)
        else:
            space.check(suggestion.values)
            assert space.key(suggestion.values) not in tried

    def test_words_and_numbers_are_mixed(self):
        space = space_of(
            choice("kind", *"abcdefgh"), boolean("on"), ints("n", 1, 10**9, scale="log")
        )

        def score(values: dict) -> float:
            return (values["kind"] != "f") + values["on"] + abs(math.log10(values["n"]) - 4) / 9

        assert search(space, 60, score).best.score < 0.15


LOSS = np.array([0.1, 0.2, 0.3, 0.4, 0.5])


def test_a_prediction_is_said_on_the_scale_of_the_score():
    scaled = normal_scores(LOSS)
    words = expectation(History(), LOSS, scaled, float(scaled[2]), float(scaled[3])).words
    assert words == "0.3, between 0.2 and 0.4"


def test_a_score_that_rises_is_said_with_its_own_sign():
    loss = -LOSS[::-1]
    words = expectation(History(direction="maximize"), loss, loss, -0.4, 0.1).words
    assert words == "0.4, between 0.3 and 0.5"


def test_beyond_what_was_seen_the_nearest_is_said_and_failures_don_t_count():
    loss = np.array([np.inf, 0.2, 0.1])
    words = expectation(History(), loss, normal_scores(loss), -9.0, 100.0).words
    assert words == "0.1, between 0.1 and 0.2"


def test_its_uncertainty_is_half_of_the_range_in_units_of_the_score():
    scaled = normal_scores(LOSS)
    found = expectation(History(), LOSS, scaled, float(scaled[2]), float(scaled[3]))
    assert (found.middle, round(found.uncertainty, 9)) == (0.3, 0.1)
