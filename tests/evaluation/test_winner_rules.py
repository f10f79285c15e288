"""Which member of a tie group each rule hands over."""

import pytest

from experiments.evaluation.winner_rules import Candidate, cheapest

CANDIDATES = (
    Candidate(4, parameters=900, epoch_seconds=0.1, changes=3),
    Candidate(7, parameters=500, epoch_seconds=0.4, changes=2),
    Candidate(9, parameters=700, epoch_seconds=0.3, changes=1),
    Candidate(1, parameters=None, epoch_seconds=None, changes=None),
)


@pytest.mark.parametrize(("rule", "number"), [("smallest", 7), ("fastest", 4), ("simplest", 9)])
def test_each_rule_makes_its_own_cost_small(rule, number):
    assert cheapest(CANDIDATES, rule) == number


def test_equal_costs_are_told_apart_by_size_and_then_by_number():
    equal = [
        Candidate(n, parameters=p, epoch_seconds=0.1, changes=1)
        for n, p in [(8, 5), (3, 5), (2, 9)]
    ]
    assert cheapest(equal, "fastest") == 3
