"""Extrapolation stops what will miss the best one, and only that."""

import math

import numpy as np
import pytest

from experiments.search.models.curve_fit import chance_to_beat
from experiments.search.pruners.extrapolation import ExtrapolationPruner
from tests.search.pruner_contract import EPOCHS, PrunerContract, curve, history_of, trial


class TestContract(PrunerContract):
    pruner = ExtrapolationPruner()


BEST = trial(0, curve(0.9))


def first_stop(values):
    pruner = ExtrapolationPruner()
    for epoch in range(1, len(values)):
        one = trial(1, values[:epoch], "running")
        if pruner.decide(one, history_of(BEST)).action == "stop":
            return epoch
    return None


def test_a_curve_that_has_levelled_off_below_is_stopped_early():
    flat = tuple(0.5 * (1 - 0.7 * math.exp(-epoch)) for epoch in range(1, EPOCHS + 1))
    assert first_stop(flat) in range(5, 10)


def test_a_slow_starter_that_will_win_is_never_stopped():
    slow = tuple(0.95 * (1 - math.exp(-epoch / 8)) for epoch in range(1, EPOCHS + 1))
    assert slow[4] < BEST.curve[4] < BEST.score < slow[-1] + 0.05
    assert first_stop(slow) is None


def test_without_a_complete_trial_nothing_is_stopped():
    one = trial(1, (0.1,) * 9, "running")
    assert ExtrapolationPruner().decide(one, history_of()).action == "go_on"


def test_the_reason_names_the_trial_to_beat():
    one = trial(1, (0.1, 0.2, 0.21, 0.21, 0.21), "running")
    decision = ExtrapolationPruner().decide(one, history_of(BEST))
    assert decision.action == "stop"
    assert "to beat 0.893 (trial 0) by epoch 27" in decision.reason


@pytest.mark.parametrize("seed", range(10))
def test_the_chance_is_about_right_for_curves_of_either_family(seed):
    rng = np.random.default_rng(seed)
    epochs = np.arange(1, 51)
    limit, power = rng.uniform(0.6, 0.9), rng.uniform(0.3, 1.5)
    values = limit - 0.5 * epochs**-power + rng.normal(0, 0.005, 50)
    begun = [float(v) for v in values[:15]]
    assert chance_to_beat(begun, 50, float(values[-1]) + 0.15) < 0.2
    assert chance_to_beat(begun, 50, float(values[-1]) - 0.1) > 0.8
    assert chance_to_beat([-v for v in begun], 50, -float(values[-1]) - 0.15) > 0.8


def test_too_few_numbers_say_nothing():
    assert chance_to_beat([0.1, math.nan, 0.2], 10, 5.0) == 1.0
    assert chance_to_beat([0.3] * 8, 10, 0.4) < 0.01
