"""Every trial's curve in a bounded number of bytes."""

import base64
import json

import pytest

from experiments.models import Execution
from experiments.reports.trials.all_curves import ABSENT, DIVERGED, FIRST, LAST, PLACES, all_curves
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


def store(experiment, number, curve):
    Execution.objects.filter(trial__experiment=experiment, trial__number=number, index=0).update(
        history={experiment.objective: curve}, epochs=len(curve)
    )


def read(report):
    codes = base64.b64decode(report["codes"])
    width = len(report["epochs"])
    return [list(codes[at : at + width]) for at in range(0, len(codes), width)]


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_byte_tells_value_divergence_or_that_it_was_not_reached(project, is_whole):
    experiment = make_experiment(project, trials=4)
    store(experiment, 0, [0.0, 0.5, 1.0])
    store(experiment, 1, [1.0, None, 1.0])
    store(experiment, 2, [0.25])
    experiment.trials.filter(number=3).update(set_aside="Wrong data")
    report = all_curves(experiment, is_whole=is_whole)
    assert (report["number"], report["epochs"]) == ([0, 1, 2], [1, 2, 3])
    assert (report["low"], report["high"], report["cut"], report["diverged"]) == (0, 1, 0, 1)
    middle = (FIRST + LAST + 1) // 2
    first, second, third = read(report)
    assert first[::2] == [FIRST, LAST] and abs(first[1] - middle) <= 1
    assert second == [LAST, DIVERGED, LAST]
    assert third[1:] == [ABSENT, ABSENT]


def test_outliers_are_cut_and_counted_unless_the_whole_is_asked_for(project):
    experiment = make_experiment(project, trials=30)
    store(experiment, 7, [1e6, *[0.9] * 19])
    report = all_curves(experiment)
    assert report["high"] < 10 and report["cut"] == 1
    whole = all_curves(experiment, is_whole=True)
    assert (whole["high"], whole["cut"]) == (1e6, 0)


def test_long_curves_cost_no_more(project):
    experiment = make_experiment(project, trials=2)
    for number in (0, 1):
        store(experiment, number, [0.5] * 5000)
    report = all_curves(experiment)
    assert len(report["epochs"]) == PLACES and report["epochs"][-1] == 5000
    assert report["low"] < 0.5 < report["high"]
    assert len(json.dumps(report)) < 400


def test_without_an_epoch_there_is_nothing(project):
    report = all_curves(make_experiment(project, trials=0))
    assert (report["number"], report["codes"], report["epochs"]) == ([], "", [1])


def test_numbers_are_read_as_json_writes_them(project):
    experiment = make_experiment(project, trials=3)
    store(experiment, 0, [-1, 1e-7, 1])
    store(experiment, 1, [None])
    Execution.objects.filter(trial__experiment=experiment, trial__number=2).update(
        history={}, epochs=1
    )
    report = all_curves(experiment, is_whole=True)
    assert (report["low"], report["high"], report["diverged"]) == (-1.0, 1.0, 1)
    middle = (FIRST + LAST + 1) // 2
    first, second, third = read(report)
    assert first[0] == FIRST and first[2] == LAST and abs(first[1] - middle) <= 1
    assert second == [DIVERGED, ABSENT, ABSENT]
    assert third == [ABSENT] * 3


def test_what_is_no_number_in_a_curve_is_no_number_in_it_alone(project):
    experiment = make_experiment(project, trials=4)
    store(experiment, 0, ["NaN", 0.0, "a, b", 1])
    store(experiment, 1, [1, [2, 3], {"a": 4}, True])
    store(experiment, 2, [0.0, 1.0])
    store(experiment, 3, "0, 1")
    report = all_curves(experiment, is_whole=True)
    first, second, third, fourth = read(report)
    assert first == [DIVERGED, FIRST, DIVERGED, LAST]
    assert second == [LAST, DIVERGED, DIVERGED, DIVERGED]
    assert third == [FIRST, LAST, ABSENT, ABSENT]
    assert fourth == [ABSENT] * 4
