"""The API as scripts use it: found or made, asked, reported, told, joined."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.evaluation.expected import Expected
from experiments.models import AccessToken, Experiment, Project, Trial
from experiments.reports.sampling.replay import replay
from experiments.services.external.tokens import create_token, revoke_token
from tests.api.calls import Script, refusal
from tests.outside import SPACE, make_outside
from tests.searches import make_experiment

pytestmark = pytest.mark.both_databases

State = Trial.State


@pytest.fixture
def script(project, editor) -> Script:
    return Script(create_token(project, "laptop", by=editor).text)


@pytest.fixture
def experiment(project, editor) -> Experiment:
    return make_outside(project, by=editor)


def epoch(number: int, value: float | None, name: str = "val_accuracy") -> dict:
    return {"epoch": number, "metrics": {name: value}}


def test_a_script_makes_a_search_and_runs_it_to_its_end(script):
    plan = {"name": "From a loop", "objective": "val_accuracy", "space": SPACE, "max_trials": 3}
    made = script.ok("experiments/", plan)
    assert made["made"] and made["direction"] == "maximize"
    again = script.ok("experiments/", {"name": "From a loop"})
    assert (again["experiment"], again["made"]) == (made["experiment"], False)
    code = made["experiment"]
    for number in range(3):
        trial = script.ask(code)["trial"]
        assert trial["number"] == number and set(trial["values"]) == {"lr", "units"}
        key = trial["key"]
        heard = script.ok(f"trials/{key}/report/", {"epochs": [epoch(1, 0.5), epoch(2, 0.6)]})
        assert heard == {"epochs": 2, "stop": False, "why": ""}
        told = script.ok(f"trials/{key}/tell/")
        assert (told["state"], told["score"]) == ("completed", 0.6)
    assert script.ask(code) == {"ended": {"why": "The budget of 3 trials is used up."}}
    found = script.get(f"experiments/{code}/").json()
    assert (found["state"], found["trials"], found["best"]["score"]) == ("completed", 3, 0.6)
    assert found["best"]["expected"] is None, "no winner has been named yet"
    expected = Expected(0.55, 0.5, 0.6, rows=90).to_dict()
    Trial.objects.filter(number=found["best"]["number"]).update(expected=expected)
    assert script.get(f"experiments/{code}/").json()["best"]["expected"] == expected
    assert replay(Experiment.objects.get(code=code)).is_equal


def test_a_plan_of_a_newer_format_is_refused(script):
    newer = script.post("experiments/", {"name": "Runs", "format": 3, "news": 1})
    words = (
        "This plan has format 3; this version of Tuning Site reads up to 1. Update Tuning Site."
    )
    assert words in refusal(newer, 422)
    assert script.ok("experiments/", {"name": "Runs", "format": 1})["made"]


def test_a_run_joins_once_however_often_it_is_sent(script):
    code = script.ok("experiments/", {"name": "Runs"})["experiment"]
    run = {"worker": "laptop", "run": uuid4().hex, "values": {"lr": 0.1, "opt": "adam"}}
    first = script.ok(f"experiments/{code}/runs/", run)["trial"]
    assert script.ok(f"experiments/{code}/runs/", run)["trial"] == first
    assert first["page"].endswith(f"/experiments/{code}/trials/0/")
    key = first["key"]
    body = {"epochs": [epoch(1, 0.9, "loss"), epoch(2, None, "loss")]}
    assert script.ok(f"trials/{key}/report/", body) == script.ok(f"trials/{key}/report/", body)
    assert script.ok(f"trials/{key}/tell/")["score"] == 0.9
    assert "has ended" in refusal(script.post(f"experiments/{code}/runs/", run), 409)
    assert Experiment.objects.get(code=code).objective == "loss"


def test_a_failure_brings_its_traceback(script, experiment):
    key = script.ask(experiment.code)["trial"]["key"]
    failed = {"message": "ValueError: no", "traceback": "Traceback\n  line"}
    told = script.ok(f"trials/{key}/tell/", {"failed": failed})
    assert told["state"] == "failed"
    assert experiment.trials.get().traceback == "Traceback\n  line"


def test_a_script_tells_the_space_that_was_not_known(script):
    code = script.ok("experiments/", {"name": "Open", "objective": "loss"})["experiment"]
    probe = script.ask(code)["trial"]
    assert probe["is_probe"] and probe["values"] == {}
    other = Script(script.token, worker="other")
    assert "hasn't reported" in other.ask(code)["wait"]["why"]
    row = {"name": "units", "type": "int", "min": 1, "max": 9}
    body = {"space": {"hyperparameters": [row]}, "values": {"units": 3}}
    script.ok(f"trials/{probe['key']}/learn/", body)
    script.ok(f"trials/{probe['key']}/tell/", {"metrics": {"loss": 1.0}})
    assert set(other.ask(code)["trial"]["values"]) == {"units"}
    wrong = {"space": {"hyperparameters": [{"name": "a b", "type": "int"}]}}
    key = script.ask(code)["trial"]["key"]
    assert "space.hyperparameters.0" in refusal(script.post(f"trials/{key}/learn/", wrong), 422)


def test_two_processes_of_one_name_do_not_share_a_trial(script, experiment):
    first = script.ask(experiment.code, instance="p1")["trial"]
    second = script.ask(experiment.code, instance="p2")["trial"]
    assert first["number"] == second["number"] and first["key"] != second["key"]
    told = refusal(script.post(f"trials/{first['key']}/report/", {"epochs": [epoch(1, 0.5)]}), 409)
    assert "another script with the name laptop" in told


def test_no_token_opens_more_than_it_should(script, project, owner, editor, experiment):
    assert "token_missing" in refusal(script.client.get("/api/v1/"), 401)
    answer = script.client.get(f"/api/v1/?token={script.token}")
    assert "Authorization: Bearer" in refusal(answer, 401)
    assert "token_unknown" in refusal(Script("ts_" + "x" * 30).get(""), 401)
    assert script.get("").json() == {
        "person": "editor",
        "project": "vision-team",
        "only_experiment": None,
    }
    other = Project.objects.create(slug="other", name="Other")
    foreign = make_outside(other)
    key = Script(create_token(other, "x", by=owner).text)
    assert "token_no_right" in refusal(key.get(""), 403)
    assert "unknown_experiment" in refusal(script.get(f"experiments/{foreign.code}/"), 404)
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert "token_expired" in refusal(script.get(""), 401)
    AccessToken.objects.update(expires=None)
    revoke_token(AccessToken.objects.get(person=editor), by=owner)
    assert "token_revoked" in refusal(script.get(""), 401)


def test_a_token_for_one_experiment_opens_no_other(project, editor, experiment):
    second = make_outside(project, name="Second")
    narrow = Script(create_token(project, "x", by=editor, experiment=experiment).text)
    assert narrow.ask(experiment.code)["trial"]
    body = {"worker": "a"}
    assert "unknown_experiment" in refusal(
        narrow.post(f"experiments/{second.code}/ask/", body), 404
    )
    told = refusal(narrow.post("experiments/", {"name": "Second"}), 403)
    assert "only for the experiment “Outside”" in told
    assert not narrow.ok("experiments/", {"name": "Outside"})["made"]


def test_trials_of_others_are_as_unknown_as_none(script, owner):
    other = Project.objects.create(slug="other", name="Other")
    other.memberships.create(user=owner, role="owner")
    foreign = Script(create_token(other, "x", by=owner).text)
    key = foreign.ask(make_outside(other).code)["trial"]["key"]
    for name in (key, "0" * 32, "nothing", "é"):
        told = refusal(script.post(f"trials/{name}/tell/", {"metrics": {"val_accuracy": 1}}), 404)
        assert told.strip() == "unknown_trial No trial has this key."
    assert Trial.objects.get(experiment__project=other).state == State.RUNNING


def test_the_sites_own_searches_are_not_for_scripts(script, project):
    experiment = make_experiment(project)
    body = {"worker": "a", "run": "12345678"}
    for address in ("ask", "runs"):
        sent = body if address == "runs" else {"worker": "a"}
        told = refusal(script.post(f"experiments/{experiment.code}/{address}/", sent), 409)
        assert "Workers of this site" in told


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ("{", 400, "The body is not JSON"),
        ('{"a": NaN}', 400, "Write null"),
        ('{"a": -Infinity}', 400, "Write null"),
        ('{"epochs": [], "epochs": []}', 400, "given twice"),
        ("[" * 100_000, 400, "not JSON"),
        (b"\xff\xfe", 400, "UTF-8"),
        ("[]", 422, "Expected an object"),
        ('{"epoch": 1}', 422, "Unknown field"),
        ('{"epochs": {}}', 422, "Expected a list"),
        ('{"epochs": [{"epoch": 0, "metrics": {}}]}', 422, "epochs.0.epoch"),
        ('{"epochs": [{"epoch": 1}]}', 422, "epochs.0.metrics"),
        ('{"epochs": [{"epoch": 1, "metrics": {"a": "x"}}]}', 422, "epochs.0.metrics.a"),
        ('{"epochs": [{"epoch": 1, "metrics": {"a": true}}]}', 422, "Expected a number"),
        ('{"epochs": [{"epoch": 1, "metrics": {"a": 1e999}}]}', 422, "finite"),
        ('{"epochs": [{"epoch": 1, "metrics": {"": 1}}]}', 422, "1 to 60"),
        ('{"epochs": [{"epoch": 200000, "metrics": {"a": 1}}]}', 422, "100,000"),
    ],
)
def test_what_can_not_be_used_names_the_field_and_changes_nothing(
    script, experiment, body, status, words
):
    key = script.ask(experiment.code)["trial"]["key"]
    assert words in refusal(script.post(f"trials/{key}/report/", body), status)
    assert experiment.trials.get().epochs == 0


def test_bodies_are_json_of_at_most_one_megabyte(script, experiment):
    address = f"experiments/{experiment.code}/ask/"
    assert "larger than 1 MB" in refusal(script.post(address, "[" + "1," * 600_000 + "1]"), 413)
    assert "application/json" in refusal(script.post(address, "a=b", content_type="text/x"), 415)
    packed = script.post(address, b"x", **{"Content-Encoding": "gzip"})
    assert "uncompressed" in refusal(packed, 415)
    assert "Expected POST" in refusal(script.get(address), 405)


def test_metrics_without_the_objective_are_told_by_name(script, experiment):
    key = script.ask(experiment.code)["trial"]["key"]
    told = refusal(script.post(f"trials/{key}/tell/", {"metrics": {"loss": 1}}), 422)
    assert "val_accuracy" in told and "loss" in told
    both = {"metrics": {"val_accuracy": 1}, "stopped": "enough"}
    assert "got several" in refusal(script.post(f"trials/{key}/tell/", both), 422)
    lost = script.ok(f"trials/{key}/tell/", {"metrics": {"val_accuracy": None}})
    assert lost["state"] == "failed"


def test_a_plan_that_is_wrong_names_every_field(script):
    plan = {"name": "", "sampler": "magic", "max_trials": 0, "space": {}, "colour": 1}
    answer = script.post("experiments/", plan)
    told = refusal(answer, 422)
    for field in ("name", "sampler", "max_trials", "space.hyperparameters", "colour"):
        assert field in told
    assert not Experiment.objects.exists()


@pytest.mark.parametrize("values", [{"a b": 1}, {"a": None}, {"a": []}, {"": 1}, [1], "x"])
def test_values_that_no_hyperparameter_can_have_are_refused_by_name(script, experiment, values):
    body = {"worker": "a", "run": "12345678", "values": values}
    assert "values" in refusal(script.post(f"experiments/{experiment.code}/runs/", body), 422)
    assert not experiment.trials.exists()


def test_answers_are_json_and_kept_by_nobody(script, experiment):
    answer = script.post(f"experiments/{experiment.code}/ask/", {"worker": "a"})
    json.loads(answer.content, parse_constant=pytest.fail)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "kind"), [("plan-schema", "ExperimentPlan"), ("external-plan-schema", "ExternalPlan")]
)
def test_the_schema_of_a_plan_is_served_to_everybody(client, name, kind):
    answer = client.get(reverse(f"api:{name}"))
    assert answer.status_code == 200 and answer.json()["title"] == kind
    assert answer.json()["properties"]["name"]["maxLength"] == 120
    assert client.post(reverse(f"api:{name}"), {}).status_code == 405
