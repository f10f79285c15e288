"""Trials with a script's own defaults: the one that tells the space, and those that run meanwhile."""

from experiments.reports.sampling.replay import replay
from experiments.tuner.external_answers import Failed, Wait
from experiments.tuner.external_trials import ask, learn, tell
from tests.outside import asked, make_outside, space_of

UNITS = {"name": "units", "type": "int", "min": 8, "max": 64}


def test_a_tenth_of_the_budget_repeats_the_defaults_rather_than_idle(project):
    experiment = make_outside(project, space=None, max_trials=20)
    first, second, third = (asked(experiment, name, repeats_probe=True) for name in "abc")
    assert first.is_probe and second.is_probe and third.is_probe
    assert isinstance(ask(experiment, worker="d", repeats_probe=True), Wait)
    whys = experiment.trials.order_by("number").values_list("why", flat=True)
    assert ["is noise" in why for why in whys] == [False, True, True]
    learn(second.key, space_of(UNITS), {"units": 16})
    tell(second.key, {"val_accuracy": 0.5})
    fourth = asked(experiment, "d")
    assert not fourth.is_probe and set(fourth.values) == {"units"}
    learn(first.key, space_of(UNITS), {"units": 16})
    tell(first.key, {"val_accuracy": 0.4})
    tell(third.key, failed=Failed("it broke"))
    tell(fourth.key, {"val_accuracy": 0.6})
    values = [trial.values for trial in experiment.trials.order_by("number")[:2]]
    assert values == [{"units": 16}, {"units": 16}]
    found = replay(experiment)
    assert found.repeated == 1 and found.is_equal


def test_scripts_that_tell_their_space_when_they_begin_are_waited_for(project):
    experiment = make_outside(project, space=None, max_trials=20)
    assert asked(experiment, "a").is_probe
    assert isinstance(ask(experiment, worker="b"), Wait)


def test_probes_that_fail_together_leave_the_last_one_its_chance(project):
    experiment = make_outside(project, space=None, max_trials=30)
    probes = [asked(experiment, name, repeats_probe=True) for name in "abcd"]
    for probe in probes[:3]:
        tell(probe.key, failed=Failed("it broke"))
    assert isinstance(ask(experiment, worker="a", repeats_probe=True), Wait)
    learn(probes[3].key, space_of(UNITS), {"units": 16})
    tell(probes[3].key, {"val_accuracy": 0.5})
    assert not asked(experiment, "a").is_probe
