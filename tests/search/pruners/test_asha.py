"""ASHA by the paper's table, and what it does with pauses, promotions and the end of a search."""

import math

import pytest

from experiments.search.pruners.asha import AshaPruner
from experiments.search.strategies.rungs import rung_epochs
from tests.search.pruner_contract import PrunerContract, curve, history_of, trial


class TestContract(PrunerContract):
    pruner = AshaPruner()


@pytest.mark.parametrize(
    ("epochs", "rungs"),
    [(27, (1, 3, 9)), (54, (2, 6, 18)), (100, (4, 11, 33)), (10, (1, 3)), (3, (1,)), (1, ())],
)
def test_rungs_are_scaled_to_the_epochs(epochs, rungs):
    assert rung_epochs(epochs, reduction=3, levels=3) == rungs
    assert AshaPruner().rungs(epochs) == rungs


def test_rungs_before_the_warm_up_are_left_out():
    assert AshaPruner(warm_up=3).rungs(27) == (3, 9)


def run(values, epochs=9, levels=2, **facts):
    """Play trials one after another until nobody is promoted; return the last history."""
    pruner = AshaPruner(levels=levels)
    trials = {}
    for number in range(len(values)):
        step(pruner, trials, values, number, epochs)
        while (found := pruner.promote(history(trials, epochs))) is not None:
            step(pruner, trials, values, found.number, epochs)
    closing = history(trials, epochs, closing=True)
    return pruner, trials, closing


def history(trials, epochs, **facts):
    return history_of(*trials.values(), epochs=epochs, **facts)


def step(pruner, trials, values, number, epochs):
    """Train on until the pruner pauses the trial or its epochs are done."""
    done = len(trials[number].curve) if number in trials else 0
    for epoch in range(done + 1, epochs + 1):
        state = "completed" if epoch == epochs else "running"
        trials[number] = trial(number, (values[number],) * epoch, state)
        if pruner.looks_at(epoch, epochs):
            decision = pruner.decide(trials[number], history(trials, epochs))
            if decision.action == "pause":
                trials[number] = trial(number, (values[number],) * epoch, "paused")
                return


def test_nine_configurations_end_as_in_the_papers_table():
    # Li et al. 2020, figure 1: n = 9, r = 1, R = 9, eta = 3: nine at 1, three at 3, one at 9.
    # The best ones come first, so that the asynchronous run makes no promotion too many.
    _, trials, _ = run([0.9, 0.6, 0.5, 0.8, 0.4, 0.3, 0.7, 0.2, 0.1])
    lengths = sorted(len(t.curve) for t in trials.values())
    assert lengths == [1] * 6 + [3] * 2 + [9]
    assert max(trials.values(), key=lambda t: len(t.curve)).number == 0


def test_a_promotion_comes_from_the_highest_rung_that_has_one():
    low = [trial(n, curve(0.5 + n / 100, 1), "paused") for n in range(3)]
    high = [trial(3 + n, curve(0.8 + n / 100, 3), "paused") for n in range(3)]
    found = AshaPruner().promote(history_of(*low, *high))
    assert found.number == 5
    assert found.standing.epoch == 3
    assert (found.standing.rank, found.standing.n) == (1, 3)
    assert found.reason.startswith("Promoted at epoch 3: 0.")


def test_who_went_on_already_is_not_promoted_again():
    done = trial(0, curve(0.9, 3), "paused")
    others = [trial(n, curve(0.5, 1), "paused") for n in (1, 2)]
    assert AshaPruner().promote(history_of(done, *others)) is None


def test_the_first_trials_pause_because_too_few_have_come():
    decision = AshaPruner().decide(trial(0, (0.9,), "running"), history_of())
    assert decision.action == "pause"
    assert decision.standing.cutoff is None
    assert "too few" in decision.reason


def test_among_the_best_third_a_trial_goes_on_without_a_pause():
    others = [trial(n, (0.5 + n / 10,), "paused") for n in range(2)]
    decision = AshaPruner().decide(trial(2, (0.9,), "running"), history_of(*others))
    assert decision.action == "go_on"
    assert decision.standing.cutoff == 0.9
    worse = AshaPruner().decide(trial(2, (0.1,), "running"), history_of(*others))
    assert (worse.action, worse.standing.rank, worse.standing.n) == ("pause", 3, 3)
    assert worse.reason == "Paused at epoch 1: 0.1 ranks 3 of 3; cutoff 0.6."


def test_a_diverged_trial_is_never_promoted():
    trials = [trial(n, (math.nan,), "paused") for n in range(9)]
    assert AshaPruner().promote(history_of(*trials)) is None
    assert AshaPruner().promote(history_of(*trials, closing=True)) is None


def test_a_search_that_ends_lets_its_leader_train_to_the_end():
    pruner, trials, closing = run([0.1, 0.2], epochs=9)
    assert pruner.promote(history(trials, 9)) is None
    found = pruner.promote(closing)
    assert found.number == 1
    step(pruner, trials, [0.1, 0.2], 1, 9)
    running = history(trials | {1: trial(1, (0.2,), "running")}, 9, closing=True)
    assert pruner.promote(running) is None
    complete = history(trials | {1: trial(1, (0.2,) * 9)}, 9, closing=True)
    assert pruner.promote(complete) is None
