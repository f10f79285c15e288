"""Hyperband: the sizes of its brackets by the paper, and races that keep to themselves."""

from collections import Counter

import pytest

from experiments.search.pruners.hyperband import HyperbandPruner
from experiments.search.strategies.rungs import bracket_of
from tests.search.pruner_contract import EPOCHS, PrunerContract, history_of, trial


class TestContract(PrunerContract):
    pruner = HyperbandPruner()

    def test_only_paused_trials_are_promoted_and_at_a_rung(self):
        for epoch in self.pruner.rungs(EPOCHS):
            paused = history_of(*(trial(n, (n / 100,) * epoch, "paused") for n in range(49)))
            found = self.pruner.promote(paused)
            assert found is not None
            assert found.standing.epoch <= epoch
        assert self.pruner.promote(history_of()) is None


def test_brackets_have_the_sizes_of_algorithm_1():
    # Li et al. 2018, Algorithm 1, line 2, for R = 81 and eta = 3.
    round_of = Counter(bracket_of(n, reduction=3, brackets=5) for n in range(143))
    assert round_of == {0: 81, 1: 34, 2: 15, 3: 8, 4: 5}


@pytest.mark.parametrize("number", range(143))
def test_a_bracket_follows_from_the_number_alone(number):
    assert bracket_of(number, reduction=3, brackets=5) == bracket_of(
        number + 143, reduction=3, brackets=5
    )


def test_a_short_search_sees_each_bracket():
    seen = Counter(bracket_of(n, reduction=3, brackets=4) for n in range(20))
    assert set(seen) == {0, 1, 2, 3}
    assert seen[0] > seen[1] > seen[3]


def numbers_in(bracket):
    return [n for n in range(49) if bracket_of(n, reduction=3, brackets=4) == bracket]


def test_the_last_bracket_trains_every_trial_to_its_end():
    number = numbers_in(3)[0]
    for epoch in range(1, EPOCHS):
        one = trial(number, (0.01,) * epoch, "running")
        assert HyperbandPruner().decide(one, history_of()).action == "go_on"


def test_a_trial_is_compared_with_its_own_bracket_only():
    quick, later = numbers_in(0), numbers_in(1)
    good = [trial(n, (0.9,) * 3, "paused") for n in quick]
    two = [trial(n, (0.2,) * 3, "paused") for n in later[:2]]
    decision = HyperbandPruner().decide(
        trial(later[2], (0.3,) * 3, "running"), history_of(*good, *two)
    )
    assert (decision.action, decision.standing.n) == ("go_on", 3)
    assert decision.standing.bracket == 2
    assert "of bracket 2" in decision.reason
