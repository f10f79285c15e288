"""The page Connect, as far as it is about KerasTuner scripts: lines, who is connected, what is asked."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.models import Experiment, Place, Trial
from experiments.services.external.keras_tuner_trials import record_heartbeat
from tests.chief.scripts import connected
from tests.outside import SPACE, asked, make_outside


def page_of(experiment, name="connect", *more):
    return reverse(f"experiments:{name}", args=[experiment.code, *more])


def shown(client, experiment):
    return client.get(page_of(experiment)).content.decode()


def make(client, project, **changes):
    address = reverse("experiments:new-elsewhere", args=[project.slug])
    return client.post(address, {"name": "From the notebook", "max_trials": "20", **changes})


def test_the_form_says_how_often_to_try_again_and_how_to_race(as_editor, project):
    make(as_editor, project, retries="2", epochs="27", races="on")
    experiment = Experiment.objects.get()
    assert (experiment.plan["retries"], experiment.plan["epochs"]) == (2, 27)
    assert experiment.pruner == "hyperband"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"races": "on"}, "epochs", "Successive halving needs"),
        ({"retries": "-1"}, "retries", "0"),
        ({"epochs": "many"}, "epochs", "whole number"),
    ],
)
def test_what_cannot_be_is_named_at_its_field(as_editor, project, changes, field, words):
    answer = make(as_editor, project, **changes)
    assert answer.status_code == 422
    assert any(words in error for error in answer.context["form"].errors[field])
    assert 'value="From the notebook"' in answer.content.decode()


def test_a_new_token_stands_in_the_lines_once(as_editor, project, editor):
    experiment = make_outside(project, by=editor)
    made = as_editor.post(page_of(experiment), {"name": "laptop"}).content.decode()
    text = re.search(r"KERASTUNER_TUNER_ID=(ts_[\w-]+)\.one", made)[1]
    assert "chief" not in text.lower()
    assert text not in shown(as_editor, experiment)


def test_the_lines_name_where_the_chief_listens(as_editor, project, editor, settings):
    experiment = make_outside(project, by=editor)
    settings.CHIEF_HOST, settings.CHIEF_PORT = "0.0.0.0", 9999
    page = shown(as_editor, experiment)
    assert "KERASTUNER_ORACLE_IP=testserver\n" in page
    assert "KERASTUNER_ORACLE_PORT=9999" in page
    settings.CHIEF_PORT = 0
    assert "are disabled on this site" in shown(as_editor, experiment)


def test_who_is_connected_is_seen_and_released(as_editor, project, editor):
    experiment = make_outside(project, by=editor)
    asked(experiment, "one")
    record_heartbeat(experiment.pk, "one", host="10.0.0.7", waits=False)
    record_heartbeat(experiment.pk, "two", host="10.0.0.8", waits=True)
    page = shown(as_editor, experiment)
    assert "10.0.0.7" in page and "trial 0</a>" in page and "waits for a trial" in page
    as_editor.post(page_of(experiment, "release-trial", 0))
    assert experiment.trials.get().state == Trial.State.WAITING


def test_the_number_of_questions_does_not_grow_with_scripts(as_editor, project, editor):
    experiment = make_outside(project, by=editor)
    counts = []
    for many in (3, 13):
        for number in range(many):
            record_heartbeat(experiment.pk, f"s{number}", host="10.0.0.7", waits=True)
        with CaptureQueriesContext(connection) as seen:
            as_editor.get(page_of(experiment))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_objective_is_asked_for_and_the_answer_lets_the_search_go_on(
    as_editor, project, editor
):
    experiment, script = connected(project, editor, space=SPACE, objective="")
    script.run(val_loss=0.4, profit=7.0, val_accuracy=0.9)
    assert "Objective" in shown(as_editor, experiment)
    overview = as_editor.get(page_of(experiment, "detail")).content.decode()
    assert "Choose the objective" in overview
    choose = page_of(experiment, "choose-objective")
    for refused in ({"objective": "rmse"}, {"objective": "profit"}):
        as_editor.post(choose, refused)
        experiment.refresh_from_db()
        assert experiment.state == Experiment.State.PAUSED
    as_editor.post(choose, {"objective": "val_accuracy"})
    experiment.refresh_from_db()
    assert (experiment.objective, experiment.direction) == ("val_accuracy", "maximize")
    assert experiment.state == Experiment.State.QUEUED
    assert "Objective" not in shown(as_editor, experiment)
    assert script.create().status == "RUNNING"


def test_trials_of_this_sites_workers_are_not_released_here(as_editor, project, editor):
    experiment = make_outside(project, by=editor)
    asked(experiment, "one")
    Experiment.objects.update(place=Place.HERE)
    assert as_editor.post(page_of(experiment, "release-trial", 0)).status_code == 404
    assert experiment.trials.get().state == Trial.State.RUNNING


def test_a_trial_without_curves_says_so_and_counts_no_epochs(as_editor, project, editor):
    experiment, script = connected(project, editor, space=SPACE, objective="val_accuracy")
    script.run(0.7)
    address = reverse("trials:detail", args=[experiment.code, 0])
    page = as_editor.get(address).content.decode()
    assert "Its script recorded no values per epoch" in page
    assert "<small>not recorded</small>" in page
    assert "<learning-curves" not in page
    assert "Keras_tuner" not in page and "<dt>Worker</dt>" not in page
    table = as_editor.get(page_of(experiment, "trials")).content.decode()
    assert 'title="not recorded">–</td>' in table


def test_a_trial_that_runs_waits_for_its_curves(as_editor, project, editor):
    experiment = make_outside(project, by=editor)
    asked(experiment, "one")
    page = as_editor.get(reverse("trials:detail", args=[experiment.code, 0])).content.decode()
    assert "<learning-curves" in page and "not recorded" not in page


def test_a_failure_without_a_traceback_leads_to_the_console(as_editor, project, editor):
    experiment, script = connected(project, editor, space=SPACE, objective="val_accuracy")
    trial = script.create()
    script.end(trial, "INVALID")
    for page in (
        page_of(experiment, "detail"),
        reverse("trials:detail", args=[experiment.code, 0]),
    ):
        text = as_editor.get(page).content.decode()
        assert "No traceback was reported" in text
        assert "last line of the traceback" not in text
