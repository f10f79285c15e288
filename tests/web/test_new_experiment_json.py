import json

import pytest
from django.urls import reverse

from experiments.models import Experiment
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


def test_json_and_form_are_the_same_plan(client, project, address, version):
    as_json = send(
        client,
        address,
        version,
        action="json",
        max_trials="7",
        **{"space-0-name": "units", "space-0-min": "8"},
    )
    plan = as_json.context["text"]
    back = client.post(
        reverse("experiments:json", args=[project.slug]), {"plan": plan, "action": "form"}
    )
    again = back.context["page"]
    assert again.fields["max_trials"].value == "7"
    assert [row.fields["min"] for row in again.rows if row.fields["name"] == "units"] == ["8"]
    started = client.post(
        reverse("experiments:json", args=[project.slug]), {"plan": plan, "action": "start"}
    )
    assert started.status_code == 302
    assert Experiment.objects.get(purpose="search").max_trials == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Line 1"),
        ("{", "Line 1"),
        ("[]", "object"),
        ('{"name": NaN}', "no NaN"),
        ('{"name": 1, "name": 2}', "twice"),
        ("[" * 100_000, "deep"),
        ("null", "object"),
    ],
)
def test_text_that_is_no_plan_is_told_where(client, project, version, text, words):
    response = client.post(
        reverse("experiments:json", args=[project.slug]), {"plan": text, "action": "start"}
    )
    assert response.status_code == 422
    assert words in response.context["problems"][0].message
    assert response.context["text"] == text


@pytest.mark.parametrize("action", ["form", "check", "start"])
def test_a_plan_of_a_newer_format_is_refused_in_words_alone(
    client, project, version, address, action
):
    plan = json.loads(send(client, address, version, action="json").context["text"])
    assert next(iter(plan.items())) == ("format", 1)
    text = json.dumps(plan | {"format": 3, "news": True})
    response = client.post(
        reverse("experiments:json", args=[project.slug]), {"plan": text, "action": action}
    )
    (problem,) = response.context["problems"]
    assert problem.message == (
        "This plan has format 3; this version of Tuning Site reads up to 1. Update Tuning Site."
    )
    assert response.context["text"] == text and not Experiment.objects.exists()


def test_json_problems_carry_paths(client, project, version, address):
    plan = json.loads(send(client, address, version, action="json").context["text"])
    plan["budget"]["max_trials"] = 0
    plan["surprise"] = 1
    plan["space"]["hyperparameters"][0]["min"] = 10_000
    response = client.post(
        reverse("experiments:json", args=[project.slug]),
        {"plan": json.dumps(plan), "action": "check"},
    )
    paths = {problem.path for problem in response.context["problems"]}
    assert {"budget.max_trials", "surprise", "space.hyperparameters.0.min"} <= paths


def test_a_plan_that_names_foreign_data_is_refused(client, project, version, address):
    plan = json.loads(send(client, address, version, action="json").context["text"])
    for wrong in (999_999, "x", None, True):
        plan["dataset_version"] = wrong
        response = client.post(
            reverse("experiments:json", args=[project.slug]),
            {"plan": json.dumps(plan), "action": "start"},
        )
        assert response.status_code == 422
        assert response.context["problems"][0].path == "dataset_version"


def test_a_wrong_plan_opens_as_a_form_with_its_errors_at_the_fields(
    client, project, version, address
):
    plan = json.loads(send(client, address, version, action="json").context["text"])
    plan["budget"]["max_trials"] = 0
    plan["space"]["hyperparameters"][0]["min"] = 10_000
    plan["surprise"] = 1
    response = client.post(
        reverse("experiments:json", args=[project.slug]),
        {"plan": json.dumps(plan), "action": "form"},
    )
    assert response.status_code == 422
    form = response.context["page"]
    assert form.fields["max_trials"].error == "Must be between 1 and 100,000."
    assert "greater than the maximum" in form.rows[0].errors["min"]
    assert "can't show surprise" in form.general[0].message
    assert form.fields["max_trials"].value == "0"
