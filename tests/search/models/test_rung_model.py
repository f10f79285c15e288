"""What a sampler makes of trials that pause at rungs."""

from dataclasses import replace

import numpy as np

from experiments.search.history import History, ObservedTrial
from experiments.search.models.observations import normal_scores
from experiments.search.models.rung_model import FEWEST, Below, climb, levels
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.space.encoding import Encoding
from experiments.search.space.space import Space

SPACE = Space.from_dict(
    {"hyperparameters": [{"name": "x", "type": "int", "min": 0, "max": 99, "scale": "linear"}]}
)


def paused(number, x, *curve) -> ObservedTrial:
    return ObservedTrial(number, {"x": x}, "paused", None, curve)


def complete(number, x, *curve) -> ObservedTrial:
    return ObservedTrial(number, {"x": x}, "completed", curve[-1], curve)


def history_of(*trials) -> History:
    return History(trials, "minimize")


LOW = [paused(n, 10 * n, abs(10 * n - 70) / 10) for n in range(10)]


def test_whole_trainings_alone_are_one_level():
    trials = [complete(n, n, 0.5, 0.4) for n in range(5)]
    assert len(levels(SPACE, history_of(*trials))) == 1


def test_a_rung_is_modelled_until_enough_came_to_the_end():
    (rung,) = levels(SPACE, history_of(*LOW))
    assert len(rung) == 10
    ended = [complete(10 + n, 70 + n, 0.0, 0.3, 0.2) for n in range(FEWEST)]
    lower, whole = levels(SPACE, history_of(*LOW, *ended))
    assert len(lower) == 10 + FEWEST
    assert len(whole) == FEWEST
    assert len(whole.pending) == 10
    assert len(levels(SPACE, history_of(*LOW, *ended[:-1]))) == 1


def test_a_rung_with_few_results_is_left_out():
    higher = [paused(10 + n, 70 + n, 0.0, 0.1) for n in range(FEWEST - 1)]
    (rung,) = levels(SPACE, history_of(*LOW, *higher))
    assert len(rung) == 10 + FEWEST - 1


def test_a_trial_that_failed_is_bad_at_every_rung():
    failed = ObservedTrial(10, {"x": 99}, "failed")
    (rung,) = levels(SPACE, history_of(*LOW, failed))
    assert len(rung) == 11
    assert np.isinf(rung.loss[-1])
    assert rung.finite.sum() == 10


def test_a_region_that_fails_is_avoided_while_all_others_pause():
    failed = [ObservedTrial(10 + n, {"x": 60 + 2 * n}, "failed") for n in range(10)]
    found = [
        BayesianSampler().suggest(
            SPACE, history_of(*LOW, *failed), number, np.random.default_rng([0, number])
        )
        for number in range(20, 26)
    ]
    assert sum(60 <= each.values["x"] <= 78 for each in found) <= 2


def test_a_search_for_high_values_is_read_the_other_way_round():
    trials = [replace(trial, curve=(-trial.curve[0],)) for trial in LOW]
    (rung,) = levels(SPACE, History(tuple(trials), "maximize"))
    assert int(np.argmin(rung.loss)) == 7


def test_a_rung_that_foretells_nothing_gets_hardly_a_slope():
    encoding = Encoding.of(SPACE)
    ladder = climb(
        encoding, levels(SPACE, history_of(*LOW)), normal_scores, np.random.default_rng(0)
    )
    rows = encoding.matrix([{"x": x} for x in range(0, 100, 5)])
    like = normal_scores(ladder.process.predict(rows)[0])
    assert Below.of(ladder.process, rows, like).slope > 0.7
    assert Below.of(ladder.process, rows, -like).slope == 0.0


def test_the_sampler_learns_from_rungs_before_any_trial_is_complete():
    found = [
        BayesianSampler().suggest(
            SPACE, history_of(*LOW), number, np.random.default_rng([0, number])
        )
        for number in range(10, 14)
    ]
    assert np.median([abs(each.values["x"] - 70) for each in found]) <= 8
    assert all(each.values not in [trial.values for trial in LOW] for each in found)
