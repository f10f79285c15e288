"""Every trial as columns: what is read in one go is what row by row would give."""

import math

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from experiments.models import Trial
from experiments.reports.figures import FEW, finite, finite_list
from experiments.reports.trials.all_trials import read_columns
from experiments.reports.trials.order import Sieve
from experiments.reports.trials.selection import selected_values
from experiments.reports.trials.table import FIGURE_FIELDS, ROW_FIELDS, trial_columns
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases

FLOATS = st.floats(allow_nan=True, allow_infinity=True)
# Short decimals, halves of the seventh digit, and fractions of two: where rounding is a near thing.
DECIMALS = st.builds(
    lambda whole, power: whole / 10**power, st.integers(-(10**12), 10**12), st.integers(0, 22)
)
HALVES = st.builds(lambda w, p: (10 * w + 5) / 10**p, st.integers(0, 10**7), st.integers(0, 14))
FRACTIONS = st.builds(lambda w, p: w / 2**p, st.integers(-1000, 1000), st.integers(0, 40))


@given(st.lists(FLOATS | DECIMALS | HALVES | FRACTIONS, min_size=FEW, max_size=80))
def test_floats_rounded_together_are_those_rounded_one_by_one(numbers):
    assert finite_list(numbers, 7) == [finite(number, 7) for number in numbers]


def test_a_column_keeps_what_is_no_float():
    mixed = [1, None, "adam", True, 0.123456789, math.nan] * FEW
    assert finite_list(mixed, 7) == [1, None, "adam", True, 0.1234568, None] * FEW
    assert finite_list([], 7) == []


@pytest.mark.django_db
def test_columns_hold_what_rows_hold(project):
    experiment = make_experiment(project, trials=5, running=1)
    trials = Trial.objects.filter(experiment=experiment).order_by("-number")
    fields = (*ROW_FIELDS, *FIGURE_FIELDS)
    found = read_columns(trials, fields)
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*found.values(), strict=True)]
    assert rows == list(trials.values(*fields))


@pytest.mark.django_db
def test_no_trial_is_a_column_of_nothing(project):
    assert read_columns(Trial.objects.none(), ("pk", "values")) == {"pk": (), "values": ()}


@pytest.mark.django_db
def test_a_selection_is_read_with_as_many_queries_whatever_its_size(project):
    asked = []
    for trials in (3, 13):
        experiment = make_experiment(project, trials=trials)
        sieve = Sieve(frozenset({"units"}), lambda row: True)
        columns = trial_columns(experiment)
        with CaptureQueriesContext(connection) as queries:
            assert len(selected_values(experiment, columns, sieve, ())) == trials
        asked.append(len(queries))
    assert asked == [2, 2]
