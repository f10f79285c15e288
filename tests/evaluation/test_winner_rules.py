"""Which member of a tie group each rule hands over."""

import pytest

from experiments.evaluation.winner_rules import Candidate, cheapest, gives_up

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


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (0.859, "It gives up 0.012 of val_accuracy against the best tied trial (3, 0.871)."),
        (0.871, "It has the same val_accuracy as the best tied trial (3, 0.871)."),
    ],
)
def test_a_rule_says_what_it_gives_up(score, words):
    assert gives_up("val_accuracy", score, 0.871, best=3) == words


def test_what_is_given_up_of_a_loss_is_a_rise():
    words = gives_up("val_loss", 0.32, 0.30, best=3)
    assert words == "It gives up 0.02 of val_loss against the best tied trial (3, 0.3)."
