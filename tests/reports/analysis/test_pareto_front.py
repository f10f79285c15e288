"""The Pareto front of a search: who is on it, the knee, and who can't be and why."""

import pytest

from experiments.models import Execution, Experiment, Trial
from experiments.reports.analysis.pareto_front import front
from experiments.reports.trials.all_trials import trial_columns_json
from experiments.reports.trials.order import Order
from experiments.reports.trials.table import trial_columns, trial_table
from experiments.web.tables import read_trial_query
from tests.examples import make_experiment, replan

MORE = [
    {"name": "parameters", "direction": "minimize"},
    {"name": "final_auc", "direction": "maximize"},
]


@pytest.fixture
def several(project):
    """Completed trials with the score, the parameters and the AUC given."""

    def make(*rows, more=MORE):
        experiment = make_experiment(project, trials=len(rows))
        replan(experiment, more_objectives=more)
        for trial, (score, *values) in zip(
            experiment.trials.order_by("number"), rows, strict=True
        ):
            names = [each["name"] for each in more]
            Trial.objects.filter(pk=trial.pk).update(
                state="completed", score=score, metrics=dict(zip(names, values, strict=True))
            )
        return Experiment.objects.get(pk=experiment.pk)

    return make


def test_a_search_with_one_objective_has_none(project):
    assert front(make_experiment(project, trials=2)) is None


def test_the_members_stand_best_main_objective_first_with_the_knee_marked(several):
    found = front(
        several((0.80, 100, 0.9), (0.95, 1000, 0.9), (0.97, 90_000, 0.9), (0.94, 1000, 0.9))
    )
    assert found.members == (2, 1, 0)
    assert (found.knee, found.newest) == (1, 2)
    assert [row.is_knee for row in found.rows] == [False, True, False]
    assert found.rows[0].values == (0.97, 90_000, 0.9)
    told = found.to_dict()
    assert told["objectives"][1] == {
        "name": "parameters", "label": "parameters", "direction": "minimize"
    }  # fmt: skip
    assert (told["front"], told["knee"], len(told["trials"])) == ([2, 1, 0], 1, 4)


def test_an_objective_without_a_number_keeps_a_trial_off_the_front_and_says_why(several):
    experiment = several((0.8, 100, 0.9), (0.99, 50, None), (0.98, None, 0.5))
    Execution.objects.filter(trial__experiment=experiment, trial__number=1).update(
        exact={"values": {}, "missing": {"auc": "The rows are of one class."}}
    )
    found = front(experiment)
    assert found.members == (0,)
    assert (found.left_out_count, found.knee) == (2, None)
    assert [(each.number, each.why) for each in found.left_out] == [
        (1, "final_auc has no value (The rows are of one class)."),
        (2, "parameters has no value."),
    ]


def test_no_trial_one_trial_and_equal_trials(several):
    assert front(several((0.8, None, None))).members == ()
    assert front(several((0.8, 1, 0.5))).members == (0,)
    alike = front(several(*[(0.8, 1, 0.5)] * 4))
    assert (alike.members, alike.knee) == ((0, 1, 2, 3), None)


def test_the_spread_is_over_the_executions(several):
    experiment = several((0.8, 1, 0.5))
    trial = experiment.trials.get()
    trial.executions.all().delete()
    for index, (score, auc) in enumerate(((0.7, 0.4), (0.9, 0.6))):
        Execution.objects.create(
            trial=trial, index=index, part=0, repeat=index, seed=1, state="completed",
            score=score, metrics={"parameters": 1, "final_auc": auc},
        )  # fmt: skip
    (row,) = front(experiment).rows
    assert row.spreads == (pytest.approx(0.1414, abs=1e-3), 0.0, pytest.approx(0.1414, abs=1e-3))


def test_further_objectives_are_columns_that_sort_and_filter(several):
    experiment = several((0.8, 1, 0.5), (0.9, 2, None), (0.7, 3, 0.9))
    columns = trial_columns(experiment)
    assert [column.key for column in columns][2:4] == ["score", "final_auc"]
    assert [column.key for column in columns].count("parameters") == 1

    def numbers(**query):
        asked = read_trial_query(query, columns)
        return [r.number for r in trial_table(experiment, columns, asked.order, asked.sieve).rows]

    assert numbers(sort="final_auc") == [0, 2, 1]
    assert numbers(sort="-final_auc") == [2, 0, 1]
    assert numbers(filter="final_auc > 0.6") == [2]
    table = trial_table(experiment, columns, Order("", descending=False))
    assert [row.cells["final_auc"] for row in table.rows] == [None, 0.5, 0.9]
    assert trial_columns_json(experiment, columns)["values"]["final_auc"] == [0.5, None, 0.9]


def test_a_hyperparameter_of_the_same_name_keeps_its_own_column(several):
    experiment = several((0.8, 1), more=[{"name": "epochs_loss", "direction": "minimize"}])
    version = experiment.space_versions.get()
    version.space["hyperparameters"][0]["name"] = "epochs_loss"
    version.save()
    keys = [column.key for column in trial_columns(experiment)]
    assert {"epochs_loss", "objective_epochs_loss"} <= set(keys)
