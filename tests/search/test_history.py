"""What samplers and pruners see."""

from experiments.search.history import History, ObservedTrial

NAN = float("nan")


def trial(number, state="completed", score=None, curve=()):
    return ObservedTrial(number, {"a": number}, state, score, curve)


TRIALS = (
    trial(0, score=0.5),
    trial(1, score=NAN),
    trial(2, "failed"),
    trial(3, "running", curve=(0.9, 0.8)),
    trial(4, score=0.2),
    trial(5, score=0.2),
    trial(6, "waiting"),
    trial(7, "paused", score=0.0),
    trial(8, "pruned", score=-1.0),
    trial(9, score=float("inf")),
    trial(10, "stopped"),
)


def numbers(trials):
    return [each.number for each in trials]


def test_a_diverged_trial_is_completed_but_not_scored():
    history = History(TRIALS)
    assert numbers(history.completed) == [0, 1, 4, 5, 9]
    assert numbers(history.scored) == [0, 4, 5]


def test_pending_trials_are_those_that_will_still_get_a_score():
    assert numbers(History(TRIALS).pending) == [3, 6, 7]


def test_the_best_is_the_earliest_of_equals_in_either_direction():
    assert History(TRIALS, "minimize").best.number == 4
    assert History(TRIALS, "maximize").best.number == 0
    assert History(TRIALS[1:4]).best is None
    assert History().best is None


def test_at_step_gives_finite_values_of_curves_that_reach_it():
    history = History((trial(0, curve=(0.5, None, 0.3)), trial(1, curve=(0.4, NAN)), trial(2)))
    assert [(t.number, value) for t, value in history.at_step(1)] == [(0, 0.5), (1, 0.4)]
    assert [(t.number, value) for t, value in history.at_step(3)] == [(0, 0.3)]
    assert history.at_step(2) == history.at_step(0) == history.at_step(4) == ()
