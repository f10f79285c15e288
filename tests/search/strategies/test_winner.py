"""The winner that is recommended, beside the highest score."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.search.history import History, ObservedTrial
from experiments.search.samplers.random import RandomSampler
from experiments.search.strategies.winner import LEAST, recommend
from tests.search.objectives import BOWL, bowl, search
from tests.search.samplers.test_bayesian import histories
from tests.search.spaces import floats, space_of, spaces

LINE = space_of(floats("x", 0, 1))


def line(scores, direction="minimize") -> History:
    """Trials evenly along a line."""
    count = len(scores)
    trials = tuple(
        ObservedTrial(i, {"x": i / (count - 1)}, "completed", float(score))
        for i, score in enumerate(scores)
    )
    return History(trials, direction)


def valley(count: int, noise: float, seed: int = 0) -> np.ndarray:
    """A parabola with its least at 0.5."""
    x = np.linspace(0, 1, count)
    return 4 * (x - 0.5) ** 2 + noise * np.random.default_rng(seed).normal(size=count)


class TestWinner:
    def test_without_a_score_there_is_none(self):
        assert recommend(LINE, History()) is None
        assert recommend(LINE, line([math.nan, math.inf])) is None

    def test_few_trials_are_taken_at_their_word(self):
        winner = recommend(LINE, line(valley(LEAST - 1, 0.1)))
        assert winner.observed == winner.recommended
        assert str(LEAST) in winner.reason

    def test_a_lucky_score_far_from_the_good_ones_is_not_trusted(self):
        scores = valley(41, 0.05)
        scores[34] = scores.min() - 0.02  # truth there: 0.49
        winner = recommend(LINE, line(scores))
        assert winner.observed == 34
        assert abs(winner.recommended - 20) <= 8
        assert "probably lucky" in winner.reason
        assert winner.uncertainty > 0

    @pytest.mark.parametrize("direction", ["minimize", "maximize"])
    def test_both_directions_are_alike(self, direction):
        scores = valley(41, 0.05)
        scores[34] = scores.min() - 0.02
        sign = 1 if direction == "minimize" else -1
        winner = recommend(LINE, line(sign * scores, direction))
        same = recommend(LINE, line(scores))
        assert (winner.observed, winner.recommended) == (same.observed, same.recommended)
        assert winner.estimate == pytest.approx(sign * same.estimate)

    def test_without_noise_the_best_score_stays_the_winner(self):
        history = search(RandomSampler(), BOWL, bowl, 40)
        winner = recommend(BOWL, history)
        truth = {trial.number: bowl(trial.values) for trial in history.trials}
        assert truth[winner.recommended] < truth[winner.observed] + 0.05

    def test_a_trial_that_scored_clearly_worse_is_never_named(self):
        """The model's favourite scored badly; what it says can't outweigh that."""
        scores = valley(41, 0.02)
        scores[18:23] += 0.5
        winner = recommend(LINE, line(scores))
        assert winner.recommended not in range(18, 23)

    @pytest.mark.parametrize("seed", range(5))
    def test_where_the_models_know_nothing_one_of_the_best_scores_wins(self, seed):
        scores = np.random.default_rng(seed).normal(size=60)
        winner = recommend(LINE, line(scores))
        assert winner.recommended in np.argsort(scores)[:5]
        assert np.ptp(list(winner.estimates.values())) < np.ptp(scores) / 2

    def test_equal_scores_leave_the_first(self):
        winner = recommend(LINE, line(np.zeros(40)))
        assert winner.observed == winner.recommended == 0

    def test_failures_and_running_trials_are_never_named(self):
        history = line(valley(41, 0.05))
        trials = list(history.trials)
        for place in range(17, 24):
            state = "failed" if place % 2 else "running"
            trials[place] = replace(trials[place], state=state, score=None)
        winner = recommend(LINE, History(tuple(trials)))
        assert trials[winner.recommended].is_scored

    def test_on_average_it_loses_less_than_the_luckiest(self):
        """60 random trials of a noisy bowl, 20 seeds: true distance to the best trial that was run."""
        lost = {"lucky": 0.0, "named": 0.0}
        for seed in range(20):
            history = search(RandomSampler(), BOWL, bowl, 60, seed=seed, noise=0.3)
            winner = recommend(BOWL, history)
            truth = [bowl(trial.values) for trial in history.trials]
            lost["lucky"] += truth[winner.observed] - min(truth)
            lost["named"] += truth[winner.recommended] - min(truth)
        assert lost["named"] < 0.9 * lost["lucky"]

    def test_the_same_history_names_the_same(self):
        history = line(valley(60, 0.2))
        assert recommend(LINE, history) == recommend(LINE, history)

    @given(data=st.data())
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    def test_any_history_has_a_winner_or_none(self, data):
        space = data.draw(spaces())
        history = data.draw(histories(space))
        many = tuple(
            replace(trial, number=number) for number, trial in enumerate(history.trials * 4)
        )
        winner = recommend(space, replace(history, trials=many))
        assert (winner is None) == (history.best is None)
        if winner is not None:
            assert many[winner.recommended].is_scored
