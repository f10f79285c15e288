"""Patience looks at the trial's own curve only."""

import pytest

from experiments.search.pruners.patience import PatiencePruner
from tests.search.pruner_contract import PrunerContract, history_of, trial


class TestContract(PrunerContract):
    pruner = PatiencePruner()


@pytest.mark.parametrize(
    ("curve", "action"),
    [
        ((0.5, 0.4, 0.4), "go_on"),
        ((0.5, 0.4, 0.4, 0.5), "stop"),
        ((0.5, 0.4, None, 0.6), "go_on"),
        ((None, None), "go_on"),
        ((None, None, None), "stop"),
        ((0.1, 0.2, 0.3, 0.4), "go_on"),
    ],
)
def test_three_epochs_without_a_gain_stop_it(curve, action):
    decision = PatiencePruner(epochs=3).decide(trial(0, curve, "running"), history_of())
    assert decision.action == action


def test_it_says_since_when():
    decision = PatiencePruner(epochs=2).decide(
        trial(0, (0.5, 0.9, 0.1, 0.2), "running"), history_of()
    )
    assert (
        decision.reason == "Stopped at epoch 4: no improvement for 2 epochs (best 0.9 at epoch 2)."
    )
