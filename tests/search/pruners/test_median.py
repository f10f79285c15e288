"""The median rule as Vizier's paper and Optuna state it."""

import math

from experiments.search.pruners.median import MedianPruner
from tests.search.pruner_contract import PrunerContract, history_of, trial


class TestContract(PrunerContract):
    pruner = MedianPruner()


def peers(*values, state="completed"):
    return [trial(n, (0.1, 0.1, 0.1, value, 0.95), state) for n, value in enumerate(values)]


PRUNER = MedianPruner(start_trials=5, warm_up=1)


def decide(own, *others, pruner=PRUNER):
    return pruner.decide(trial(99, own, "running"), history_of(*others))


def test_a_best_value_strictly_worse_than_the_median_stops_the_trial():
    # Golovin et al. 2017, section 3.2.2: "strictly worse than the median value".
    five = peers(0.5, 0.6, 0.7, 0.8, 0.9)
    stopped = decide((0.1, 0.1, 0.1, 0.69), *five)
    assert stopped.action == "stop"
    assert (stopped.standing.cutoff, stopped.standing.rank, stopped.standing.n) == (0.7, 4, 6)
    assert "0.69, is worse than 0.7, the median of 5 completed trials" in stopped.reason
    assert decide((0.1, 0.1, 0.1, 0.7), *five).action == "go_on"


def test_its_best_so_far_counts_not_its_last():
    assert decide((0.1, 0.9, 0.1, 0.2), *peers(0.5, 0.6, 0.7, 0.8, 0.9)).action == "go_on"


def test_nothing_stops_before_enough_trials_are_complete():
    assert decide((0.0,) * 4, *peers(0.5, 0.6, 0.7, 0.8)).action == "go_on"
    assert decide((0.0,) * 4, *peers(0.5, 0.6, 0.7, 0.8, 0.9, state="pruned")).action == "go_on"


def test_nothing_stops_before_the_warm_up_or_between_the_intervals():
    pruner = MedianPruner(start_trials=1, warm_up=3, interval=4)
    looked = [epoch for epoch in range(1, 20) if pruner.looks_at(epoch, 20)]
    assert looked == [3, 7, 11, 15, 19]
    assert decide((0.0,) * 4, *peers(0.5), pruner=pruner).action == "go_on"
    assert decide((0.0,) * 3, *peers(0.5), pruner=pruner).action == "stop"


def test_a_trial_without_any_number_is_behind():
    stopped = decide((None, math.nan), *peers(0.5, 0.6, 0.7, 0.8, 0.9))
    assert stopped.action == "stop"
    assert "no finite value so far" in stopped.reason
