"""Several objectives as one loss a trial: what ParEGO promises, and that samplers find fronts by it."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.search.history import EarlierStudy, History, Objective, ObservedTrial, WarmStart
from experiments.search.models import parego
from experiments.search.strategies.queued_configurations import suggest
from experiments.search.strategies.registry import SAMPLERS, make_sampler
from tests.search.sampler_contract import MIXED, rng_of, score_of
from tests.search.spaces import floats, space_of

SIZE = Objective("parameters", "minimize")
NUMBERS = st.floats(-1e12, 1e12)
UNIT = space_of(floats("x", 0, 1), floats("y", 0, 1), floats("z", 0, 1))


def trials_of(rows, state="completed"):
    return tuple(
        ObservedTrial(number, {"x": number}, state, score, more=tuple(more))
        for number, (score, *more) in enumerate(rows)
    )


def history_of(rows, *more, **changes):
    return History(trials_of(rows), more_objectives=more or (SIZE,), **changes)


def scores(history, weights):
    return [trial.score for trial in parego.scalarised(history, np.array(weights)).trials]


ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=12)
WEIGHTS = st.tuples(*[st.floats(0.01, 1.0)] * 3).map(lambda each: np.array(each) / sum(each))
THREE = (SIZE, Objective("val_f1", "maximize"))


@given(rows=ROWS, weights=WEIGHTS)
def test_a_dominated_trial_never_has_the_lower_loss(rows, weights):
    found = scores(history_of(rows, *THREE), weights)
    for mine, loss in zip(rows, found, strict=True):
        for other, its in zip(rows, found, strict=True):
            better = (mine[0] <= other[0], mine[1] <= other[1], mine[2] >= other[2])
            if all(better) and mine != other:
                assert loss < its


@given(rows=ROWS, weights=WEIGHTS)
def test_the_scale_of_an_objective_does_not_matter(rows, weights):
    stretched = [(score, 3 * size - 7, f1) for score, size, f1 in rows]
    if [r[1] for r in stretched] != sorted(r[1] for r in stretched):
        ranks = np.unique([r[1] for r in rows], return_inverse=True)[1]
        stretched = [
            (s, math.exp(rank / 10), f) for (s, _, f), rank in zip(rows, ranks, strict=True)
        ]
        assert scores(history_of(stretched, *THREE), weights) == pytest.approx(
            scores(history_of(rows, *THREE), weights)
        )


@given(rows=ROWS, weights=WEIGHTS, constant=NUMBERS)
def test_a_constant_objective_changes_no_order(rows, weights, constant):
    with_it = scores(history_of([(s, constant, f) for s, _, f in rows], *THREE), weights)
    without = scores(history_of([(s, f) for s, _, f in rows], THREE[1]), weights[[0, 2]])
    assert (
        np.argsort(with_it, kind="stable").tolist() == np.argsort(without, kind="stable").tolist()
    )


def test_equal_trials_have_equal_losses():
    assert scores(history_of([(1.0, 5)] * 4), [0.3, 0.7]) == [0.0] * 4


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_an_objective_without_a_number_counts_as_diverged(value):
    found = scores(history_of([(1.0, 5), (2.0, value), (3.0, 4)]), [0.5, 0.5])
    assert math.isnan(found[1])
    assert [math.isfinite(each) for each in found] == [True, False, True]
    assert scores(history_of([(1.0, value)]), [0.5, 0.5])[0] != 0


def test_a_stopped_trial_is_held_for_middling_and_pending_ones_stay_pending():
    told = history_of([(1.0, 5), (2.0, 4), (3.0, 3)])
    stopped = ObservedTrial(3, {"x": 3}, "stopped", curve=(0.1, 0.9))
    running = ObservedTrial(4, {"x": 4}, "running", curve=(0.1,))
    seen = parego.scalarised(
        replace(told, trials=(*told.trials, stopped, running)), np.array([0.5, 0.5])
    )
    middle = sorted(trial.score for trial in seen.scored)[1]
    assert seen.trials[3].curve == (middle,)
    assert (seen.trials[4].state, seen.trials[4].score, seen.trials[4].curve) == (
        "running",
        None,
        (),
    )


def test_what_tells_of_the_score_alone_is_left_out():
    warm = WarmStart(studies=(EarlierStudy("before", ({"x": 1},), (1.0,)),))
    told = history_of([(0.9, 5), (0.8, 4)], direction="maximize", warm=warm)
    seen = parego.scalarised(told, np.array([1.0, 0.0]))
    assert (seen.direction, seen.more_objectives, seen.warm.studies) == ("minimize", (), ())
    assert seen.best.number == 0  # the higher score is better
    assert all(trial.executions == () for trial in seen.trials)


def test_weights_are_each_trials_own_and_the_same_whenever_asked():
    told = history_of([(1.0, 5)], *THREE, seed=3)
    drawn = [parego.draw_weights(told, number) for number in range(50)]
    again = [parego.draw_weights(replace(told, trials=()), number) for number in range(50)]
    assert np.array_equal(drawn, again)
    assert np.allclose(np.sum(drawn, axis=1), 1)
    assert len({tuple(each) for each in drawn}) == 50
    assert np.ptp(drawn, axis=0).min() > 0.6


@pytest.mark.parametrize("slug", SAMPLERS)
def test_every_sampler_answers_the_same_question_alike_and_expects_nobodys_score(slug):
    rows = [(score_of(MIXED.draw(rng_of(n))), float(n % 4)) for n in range(9)]
    trials = tuple(
        ObservedTrial(n, MIXED.draw(rng_of(n)), "completed", row[0], more=row[1:])
        for n, row in enumerate(rows)
    )
    history = History(trials, more_objectives=(SIZE,), seed=2, planned=30)
    first, second = (
        suggest(make_sampler(slug, {}), MIXED, history, 9, rng_of(9)) for _ in range(2)
    )
    assert first == second
    MIXED.check(first.values)
    assert (first.predicted, first.uncertainty) == (None, None)


def test_the_reason_says_how_the_objectives_are_weighed():
    history = History(
        tuple(
            ObservedTrial(n, UNIT.draw(rng_of(n)), "completed", float(n), more=(n % 3,))
            for n in range(8)
        ),
        more_objectives=(SIZE,),
    )
    why = suggest(make_sampler("bayesian", {}), UNIT, history, 8, rng_of(8)).why
    assert re.match(r"Objective weights: the score \d+ % and parameters \d+ %\. \w", why)


def zdt1(values):
    """Zitzler, Deb and Thiele 2000, two objectives to minimise; the front is y = z = 0."""
    far = 1 + 4.5 * (values["y"] + values["z"])
    return values["x"], far * (1 - math.sqrt(values["x"] / far))


def area(points, worst=(1.1, 1.5)):
    """The hypervolume of two objectives that points dominate, up to a worst point."""
    found, height = 0.0, worst[1]
    for x, y in sorted(points):
        if x < worst[0] and y < height:
            found += (worst[0] - x) * (height - y)
            height = y
    return found


def front_area(slug, seed, count):
    trials = ()
    for number in range(count):
        history = History(trials, seed=seed, planned=count, more_objectives=(SIZE,))
        found = suggest(
            make_sampler(slug, {}), UNIT, history, number, np.random.default_rng([seed, number])
        )
        score, more = zdt1(found.values)
        trials += (ObservedTrial(number, found.values, "completed", score, more=(more,)),)
    return area([(trial.score, *trial.more) for trial in trials])


def test_auto_finds_a_far_better_front_than_random_search():
    by_chance = [front_area("random", seed, 24) for seed in range(20)]
    assert front_area("auto", 0, 24) > max(max(by_chance), 2 * np.mean(by_chance))
