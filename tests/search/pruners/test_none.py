"""The pruner that never stops a trial."""

from experiments.search.pruners.none import NoPruner
from tests.search.pruner_contract import EPOCHS, PrunerContract, history_of, trial


class TestContract(PrunerContract):
    pruner = NoPruner()


def test_every_trial_goes_on():
    one = trial(0, (0.1, None, float("nan")), "running")
    assert NoPruner().decide(one, history_of(one)).action == "go_on"
    assert not any(NoPruner().looks_at(epoch, EPOCHS) for epoch in range(1, EPOCHS + 1))
