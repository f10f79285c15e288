"""The pruner that never stops a trial."""

from experiments.search.history import History, ObservedTrial
from experiments.search.registry import PRUNERS, make_pruner


def test_every_trial_goes_on():
    pruner = make_pruner("none", {})
    trial = ObservedTrial(0, {}, "running", curve=(0.1, None, float("nan")))
    assert pruner.decide(trial, History((trial,))).action == "go_on"
    assert pruner.promote(History((trial,))) is None
    assert PRUNERS[pruner.slug] is type(pruner)
