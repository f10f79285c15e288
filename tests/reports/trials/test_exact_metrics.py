"""Exact metrics on a trial's page: intervals hold only what a metric can be."""

import pytest

from experiments.models import Execution
from experiments.reports.trials.exact_metrics import exact_metrics

pytestmark = pytest.mark.both_databases


def interval_of(task, name, *values):
    executions = [
        Execution(index=index, exact={"values": {name: value}, "missing": {}})
        for index, value in enumerate(values)
    ]
    [metric] = exact_metrics(executions, task, 0.5, {}).metrics
    return metric.interval


@pytest.mark.parametrize("name", ["recall", "auc"])
def test_a_share_is_between_0_and_1(name):
    sure = interval_of("classification", name, 0.2, 0.9, 1.0)
    assert (sure.low, sure.high) == (0, 1)


def test_an_error_is_not_below_0_and_may_be_large():
    sure = interval_of("regression", "rmse", 1.0, 9.0, 20.0)
    assert sure.low == 0
    assert sure.high > 30


def test_r2_may_be_below_0():
    assert interval_of("regression", "r2", -0.5, 0.2, 0.9).low < -1


def test_what_fits_stays_as_it_is():
    sure = interval_of("classification", "accuracy", 0.71, 0.72, 0.73)
    assert sure.high - sure.mean == pytest.approx(sure.mean - sure.low)
