"""What live pages are told, and that it costs the same however many trials are stored."""

import json

import pytest
from django.db.models import F

from experiments.models import Activity, Execution, Experiment, Trial, Worker
from experiments.reports.experiments.live import Cursor, live, slots
from experiments.reports.trials.table import trial_columns
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


def ask(experiment, cursor):
    experiment = Experiment.objects.select_related("best_trial").get(pk=experiment.pk)
    return live(experiment, cursor, trial_columns(experiment))


def an_epoch(trial, **metrics):
    """One more epoch of the trial's first execution, as the tuner would store it."""
    execution = trial.executions.get(index=0)
    for name, value in metrics.items():
        execution.history.setdefault(name, []).append(value)
    execution.epochs += 1
    execution.save()
    Experiment.objects.filter(pk=trial.experiment_id).update(event_serial=F("event_serial") + 1)
    serial = Experiment.objects.get(pk=trial.experiment_id).event_serial
    Trial.objects.filter(pk=trial.pk).update(event_serial=serial)


@pytest.fixture
def running(project):
    return make_experiment(project, trials=6, running=2, state="running", max_trials=20)


def first_cursor(experiment):
    return Cursor.read(str(experiment.event_serial))


def test_a_fresh_page_gets_the_whole_curves_of_running_trials(running):
    report = ask(running, first_cursor(running))
    assert {curve["trial"] for curve in report["curves"]} == {4, 5}
    assert all(len(c["metrics"]["loss"]) == c["epochs"] for c in report["curves"])
    assert report["trials"]["n"] == 0


def test_nothing_new_is_none(running):
    report = ask(running, first_cursor(running))
    assert ask(running, Cursor.read(report["cursor"])) is None


def test_an_epoch_is_told_as_a_tail_alone(running):
    cursor = Cursor.read(ask(running, first_cursor(running))["cursor"])
    trial = running.trials.get(number=5)
    before = trial.executions.get().epochs
    an_epoch(trial, loss=0.5, val_accuracy=0.9)
    report = ask(running, cursor)
    (curve,) = report["curves"]
    assert (curve["trial"], curve["from"], curve["epochs"]) == (5, before, before + 1)
    assert curve["metrics"]["loss"] == [0.5]
    assert report["trials"]["own"]["number"] == [5]


def test_a_trial_that_ended_brings_its_last_epochs_once(running):
    cursor = Cursor.read(ask(running, first_cursor(running))["cursor"])
    trial = running.trials.get(number=5)
    an_epoch(trial, loss=0.5)
    Trial.objects.filter(pk=trial.pk).update(state="completed", score=0.9)
    report = ask(running, cursor)
    assert [c["trial_state"] for c in report["curves"]] == ["completed"]
    assert str(trial.executions.get().pk) not in report["cursor"].split(".")[2].replace(
        ":", ","
    ).split(",")


def test_a_history_that_became_shorter_is_sent_anew(running):
    cursor = Cursor.read(ask(running, first_cursor(running))["cursor"])
    trial = running.trials.get(number=4)
    Execution.objects.filter(trial=trial).update(epochs=0, history={})
    an_epoch(trial, loss=2.0)
    (curve,) = ask(running, cursor)["curves"]
    assert (curve["from"], curve["metrics"]["loss"]) == (0, [2.0])


def test_no_answer_holds_nan(running):
    trial = running.trials.get(number=4)
    execution = trial.executions.get()
    execution.history = {"loss": [1.0, None]}
    execution.epochs = 2
    execution.save()
    text = json.dumps(ask(running, Cursor()), allow_nan=False)
    assert "null" in text


def test_failures_come_when_a_trial_fails(running):
    cursor = Cursor.read(ask(running, first_cursor(running))["cursor"])
    trial = running.trials.get(number=4)
    an_epoch(trial, loss=1.0)
    Trial.objects.filter(pk=trial.pk).update(state="failed", failure_kind="nan")
    (failure,) = ask(running, cursor)["failures"]
    assert failure["numbers"] == (4,) and "diverged" in failure["cause"]
    assert "learning rate" in failure["fix"]


def test_events_are_sent_once(running):
    cursor = Cursor.read(ask(running, first_cursor(running))["cursor"])
    Activity.objects.create(experiment=running, project=running.project, verb="x", text="Paused")
    an_epoch(running.trials.get(number=4), loss=1.0)
    report = ask(running, cursor)
    assert [event["text"] for event in report["events"]] == ["Paused"]
    an_epoch(running.trials.get(number=4), loss=1.0)
    assert ask(running, Cursor.read(report["cursor"]))["events"] == []


def test_a_page_that_slept_through_many_changes_loads_again(project):
    experiment = make_experiment(project, trials=260, running=1, state="running")
    report = ask(experiment, Cursor(serial=0, activity=0))
    assert report["trials"] is None


@pytest.mark.parametrize(
    "text", ["", "x", "1.2.3", "9" * 40, "1.2.3:", "-1", "1.2.3:4,", "1..5:6"]
)
def test_any_text_is_a_cursor(text):
    assert isinstance(Cursor.read(text), Cursor)


def test_a_poll_asks_as_much_of_three_trials_as_of_three_hundred(
    project, django_assert_num_queries, django_assert_max_num_queries
):
    few = make_experiment(project, name="few", trials=3, running=1, state="running")
    many = make_experiment(project, name="many", trials=300, running=1, state="running")
    costs = []
    for experiment in (few, many):
        cursor = Cursor.read(ask(experiment, first_cursor(experiment))["cursor"])
        an_epoch(experiment.trials.last(), loss=0.1)
        fresh = Experiment.objects.select_related("best_trial").get(pk=experiment.pk)
        columns = trial_columns(fresh)
        with django_assert_max_num_queries(9) as queries:
            report = live(fresh, cursor, columns)
        costs.append((len(queries), len(json.dumps(report))))
    assert costs[0][0] == costs[1][0]
    assert abs(costs[0][1] - costs[1][1]) < 300


def test_the_best_trials_values_come_with_its_score(running):
    best = running.trials.get(number=0)
    Experiment.objects.filter(pk=running.pk).update(best_trial=best)
    report = ask(running, Cursor())
    varied = {
        column.label for column in trial_columns(running) if column.hyper and not column.equal
    }
    told = report["experiment"]["best_values"]
    assert told == {name: best.values[name] for name in varied} and told


def test_a_worker_whose_trial_has_just_ended_is_free(running):
    trial = running.trials.get(number=5)
    Trial.objects.filter(pk=trial.pk).update(worker="w")
    Worker.objects.create(
        name="w", kind="trials", host="lab", pid=7, trial=trial, experiment=running
    )
    assert [slot.trial for slot in slots(running)] == [5]
    Trial.objects.filter(pk=trial.pk).update(state="completed")
    assert [slot.trial for slot in slots(running)] == [None]


def test_a_worker_that_has_just_claimed_a_trial_is_not_free(project, running):
    Worker.objects.create(name="w", kind="trials", host="lab", pid=7)
    assert [(slot.trial, slot.elsewhere) for slot in slots(running)] == [(None, False)]
    running.trials.filter(number=5).update(worker="w")
    assert [(slot.trial, slot.elsewhere) for slot in slots(running)] == [(5, False)]
    other = make_experiment(project, name="other", trials=2)
    assert [(slot.trial, slot.elsewhere) for slot in slots(other)] == [(None, True)]


def test_the_strip_asks_once_whatever_the_number_of_workers(running, django_assert_num_queries):
    for number in range(5):
        Worker.objects.create(name=f"w{number}", kind="trials", host="lab", pid=number)
    with django_assert_num_queries(1):
        assert len(slots(running)) == 5
