"""The trial table: order, filter, columns, and what stands in a row."""

import pytest

from experiments.models import Experiment, PruningDecision, Trial
from experiments.reports.trials.all_trials import trial_columns_json
from experiments.reports.trials.order import Order
from experiments.reports.trials.table import (
    spark_points,
    trial_columns,
    trial_table,
)
from experiments.web.tables import read_trial_query
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases

BEST_FIRST = Order("", descending=False)


def test_the_best_score_comes_first_and_trials_without_one_last(project):
    experiment = make_experiment(project, trials=8, running=1)
    table = trial_table(experiment, trial_columns(experiment), BEST_FIRST)
    scores = [row.score for row in table.rows]
    assert scores[:-1] == sorted(scores[:-1], reverse=True) and scores[-1] is None
    assert table.rows[0].is_best and table.rows[0].behind == 0
    assert table.rows[1].behind < 0


def test_at_most_fifty_rows_are_drawn_first(project):
    experiment = make_experiment(project, trials=60)
    table = trial_table(experiment, trial_columns(experiment), BEST_FIRST)
    assert (len(table.rows), table.matching, table.total) == (50, 60, 60)


def test_a_filter_and_a_hyperparameter_order_work_together(project):
    experiment = make_experiment(project, trials=30)
    columns = trial_columns(experiment)
    query = read_trial_query({"filter": "optimizer = sgd", "sort": "-learning_rate"}, columns)
    table = trial_table(experiment, columns, query.order, query.sieve)
    rates = [
        Trial.objects.get(experiment=experiment, number=row.number).values["learning_rate"]
        for row in table.rows
    ]
    assert rates == sorted(rates, reverse=True)
    assert table.matching == sum(t.values["optimizer"] == "sgd" for t in experiment.trials.all())


def test_brushes_narrow_what_the_filter_keeps(project):
    experiment = make_experiment(project, trials=30)
    columns = trial_columns(experiment)
    asked = {"filter": "optimizer = sgd", "brush": "units:..200;state:=completed;gone:=1"}
    query = read_trial_query(asked, columns)
    table = trial_table(experiment, columns, query.order, query.sieve)
    kept = [
        trial.number
        for trial in experiment.trials.all()
        if trial.values["optimizer"] == "sgd"
        and trial.values["units"] <= 200
        and trial.state == "completed"
    ]
    assert sorted(row.number for row in table.rows) == kept
    assert kept
    assert query.missing == ("gone",)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("key", ["units", "learning_rate", "optimizer", "planned_epochs"])
def test_the_database_sorts_hyperparameters_as_people_do(project, key, descending):
    experiment = make_experiment(project, trials=20)
    columns = trial_columns(experiment)
    table = trial_table(experiment, columns, Order(key, descending=descending))
    found = [(row.cells[key], row.number) for row in table.rows]
    by_number = sorted(found, key=lambda pair: pair[1])
    assert found == sorted(by_number, key=lambda pair: pair[0], reverse=descending)


def test_numbers_stand_before_words_in_a_choice_that_holds_both(project):
    experiment = make_experiment(project, trials=6)
    space = experiment.space_versions.get()
    row = next(row for row in space.space["hyperparameters"] if row["name"] == "batch_size")
    row["choices"] = [64, "whole", 8]
    space.save()
    for trial in experiment.trials.all():
        value = ("whole", 64, 8)[trial.number % 3]
        experiment.trials.filter(pk=trial.pk).update(values=trial.values | {"batch_size": value})
    columns = trial_columns(experiment)
    table = trial_table(experiment, columns, Order("batch_size", descending=False))
    assert [row.cells["batch_size"] for row in table.rows] == [8, 8, 64, 64, "whole", "whole"]


@pytest.mark.parametrize(
    "query", [{}, {"sort": "learning_rate"}, {"filter": "units > 100", "sort": "-momentum"}]
)
def test_whole_records_are_read_for_the_shown_rows_alone(
    project, query, django_assert_max_num_queries
):
    experiment = make_experiment(project, trials=120)
    columns = trial_columns(experiment)
    asked = read_trial_query(query, columns)
    with django_assert_max_num_queries(5) as seen:
        trial_table(experiment, columns, asked.order, asked.sieve)
    whole = [each["sql"] for each in seen if '"failure_kind" AS' in each["sql"]]
    assert len(whole) == 1
    assert "LIMIT 50" in whole[0] or '"id" IN' in whole[0]


def test_conditional_hyperparameters_sort_last_where_they_are_not_active(project):
    experiment = make_experiment(project, trials=12)
    columns = trial_columns(experiment)
    table = trial_table(experiment, columns, Order("momentum", descending=False))
    values = [row.cells["momentum"] for row in table.rows]
    known = [value for value in values if value is not None]
    assert values == sorted(known) + [None] * (len(values) - len(known))


def test_equal_hyperparameters_are_hidden_until_asked_for(project):
    experiment = make_experiment(project, trials=5)
    columns = trial_columns(experiment)
    hidden = read_trial_query({}, columns)
    shown = read_trial_query({"equal": "1"}, columns)
    planned = next(column for column in columns if column.key == "planned_epochs")
    assert planned.equal and not hidden.shows(planned) and shown.shows(planned)


def test_a_bad_address_shows_the_plain_table_and_says_why(project):
    columns = trial_columns(make_experiment(project, trials=2))
    query = read_trial_query({"sort": "nothing", "filter": "nothing > 3"}, columns)
    assert query.order.key == "" and "no column" in query.error


def test_columns_hold_every_trial_without_its_curves(project):
    experiment = make_experiment(project, trials=4, running=1)
    report = trial_columns_json(experiment, trial_columns(experiment))
    assert report["own"]["number"] == [0, 1, 2, 3]
    assert report["own"]["score"][-1] is None
    assert set(report["values"]) >= {"units", "learning_rate", "momentum"}


def test_trials_without_a_score_follow_in_the_order_of_what_their_pruner_saw_last(project):
    experiment = make_experiment(project, trials=5)
    trials = list(experiment.trials.order_by("number"))
    for trial, state in zip(trials, ("pruned", "failed", "paused", "pruned"), strict=False):
        experiment.trials.filter(pk=trial.pk).update(state=state, score=None)
    for trial, values in ((trials[0], (0.9, 0.5)), (trials[1], (0.8,)), (trials[2], (0.1, 0.7))):
        for epoch, value in enumerate(values):
            PruningDecision.objects.create(trial=trial, epoch=epoch, action="pause", value=value)
    columns = trial_columns(experiment)
    falling = trial_table(experiment, columns, BEST_FIRST).rows
    assert [row.number for row in falling] == [4, 2, 0, 1, 3]
    rising = trial_table(experiment, columns, Order("score", descending=False)).rows
    assert [row.number for row in rising] == [4, 0, 2, 1, 3]


def test_a_trial_without_a_score_tells_what_its_pruner_saw_last(project):
    experiment = make_experiment(project, trials=4)
    experiment.pruner = "asha"
    trials = list(experiment.trials.order_by("number"))
    for trial, state in zip(trials[1:], ("pruned", "paused", "failed"), strict=True):
        experiment.trials.filter(pk=trial.pk).update(state=state, score=None)
    for trial in trials:
        for epoch, value in ((1, 0.5), (3, 0.7)):
            PruningDecision.objects.create(trial=trial, epoch=epoch, action="pause", value=value)
    columns = trial_columns(experiment)
    report = trial_columns_json(experiment, columns)
    assert report["own"]["at_last_rung"] == [None, 0.7, 0.7, None]
    rows = trial_table(experiment, columns, Order("number", descending=False)).rows
    assert [row.at_last_rung for row in rows] == [None, 0.7, 0.7, None]
    assert [row.score is None for row in rows] == [False, True, True, True]


def test_a_nan_score_is_null_not_nan(project):
    experiment = make_experiment(project, trials=2)
    # PostgreSQL stores NaN; SQLite turns it into NULL. Both must leave as null.
    Trial.objects.filter(experiment=experiment, number=0).update(score=float("nan"))
    experiment = Experiment.objects.get(pk=experiment.pk)
    report = trial_columns_json(experiment, trial_columns(experiment))
    assert report["own"]["score"][0] is None


def test_a_sparkline_needs_two_finite_values():
    assert spark_points([0.5, None]) == ""
    assert spark_points([0.0, None, 1.0]) == "0.0,18.0 72.0,2.0"
