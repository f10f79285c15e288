"""What a history teaches."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiments.search.history import History, ObservedTrial
from experiments.search.models.observations import normal_scores, observe, squash
from tests.search.spaces import floats, space_of

SPACE = space_of(floats("x", 0, 1))


def trial(number, state="completed", score=None, **more):
    return ObservedTrial(number, {"x": number / 10}, state, score, **more)


def test_losses_point_down_whatever_the_direction():
    trials = (trial(0, score=0.9), trial(1, score=0.5))
    assert list(observe(SPACE, History(trials, "maximize")).loss) == [-0.9, -0.5]
    assert list(observe(SPACE, History(trials, "minimize")).loss) == [0.9, 0.5]


def test_failures_are_infinitely_bad_and_pending_trials_are_apart():
    trials = (
        trial(0, "failed"),
        trial(1, score=math.nan),
        trial(2, "running"),
        trial(3, score=1.0),
    )
    found = observe(SPACE, History(trials))
    assert list(found.loss) == [math.inf, math.inf, 1.0]
    assert list(found.finite) == [False, False, True]
    assert found.pending == ({"x": 0.2},)
    assert len(found.seen) == 4


def test_a_pruned_trial_is_never_better_than_the_median():
    trials = (
        trial(0, score=1.0),
        trial(1, score=2.0),
        trial(2, score=3.0),
        trial(3, "pruned", curve=(9.0, 0.5)),
        trial(4, "pruned", curve=(9.0, 2.5)),
        trial(5, "pruned"),
    )
    assert list(observe(SPACE, History(trials)).loss[3:]) == [2.0, 2.5, math.inf]


def test_trials_that_do_not_fit_the_space_teach_nothing():
    old = ObservedTrial(0, {"x": 7.0}, "completed", 0.1)
    assert len(observe(SPACE, History((old, trial(1, score=0.2))))) == 1


def test_the_variance_is_that_of_the_mean_over_executions():
    found = observe(
        SPACE, History((trial(0, score=2.0, executions=(1.0, 3.0)), trial(1, score=1)))
    )
    assert found.variance[0] == 1.0
    assert math.isnan(found.variance[1])


losses = st.lists(
    st.one_of(st.floats(-1e12, 1e12), st.just(math.inf)), min_size=1, max_size=40
).map(np.array)


@given(losses)
def test_transforms_are_finite_and_keep_the_order(loss):
    for transformed in (normal_scores(loss), squash(loss)):
        assert np.isfinite(transformed).all()
        order = np.argsort(loss, kind="stable")
        steps = np.diff(transformed[order])
        assert (steps >= -1e-9).all()


def test_normal_scores_are_the_quantiles_of_the_ranks():
    scores = normal_scores(np.array([3.0, 1.0, 2.0]))
    assert np.allclose(scores, [0.8694, -0.8694, 0.0], atol=1e-4)


def test_squash_keeps_the_good_half_linear_and_compresses_the_tail():
    plain = squash(np.array([0.0, 0.5, 1.0, 1.5, 2.0, 100.0, 1000.0]))
    good = np.diff(plain[:4])
    assert np.allclose(good, good[0])
    assert plain[-1] - plain[-2] < 10 * good[0]  # 900 apart, where 0.5 is one step
