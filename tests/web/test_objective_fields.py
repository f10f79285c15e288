"""The score in the new-experiment form: a metric, or an expression with a direction of its own."""

import json

import pytest
from django.urls import reverse

from experiments.models import Experiment
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")

TEXT = "0.7*val_f1 - 0.1*log10(parameters)"


def preview(client, project, version, **fields):
    body = {"dataset_version": version.pk, "model": "image-mlp"} | fields
    return json.loads(
        client.post(reverse("experiments:preview", args=[project.slug]), body).content
    )


def test_a_custom_score_is_stored_and_measures_what_it_needs(client, address, version):
    answer = send(
        client, address, version, objective="custom", expression=TEXT, direction="minimize"
    )
    assert answer.status_code == 302
    experiment = Experiment.objects.get(name="First")
    assert (experiment.objective, experiment.expression) == ("custom", TEXT)
    assert experiment.direction == "minimize" and experiment.metrics == ["accuracy", "f1"]
    again = client.get(reverse("experiments:clone", args=[experiment.code])).content.decode()
    assert TEXT in again and '<option value="custom" selected>' in again
    assert '<option value="minimize" selected>lower</option>' in again
    page = client.get(reverse("experiments:protocol", args=[experiment.code])).content.decode()
    assert f"custom: {TEXT}" in page


def test_the_hidden_fields_of_a_custom_score_dont_count_for_a_metric(client, address, version):
    fields = {"objective": "val_loss", "expression": "rubbish(", "direction": "maximize"}
    assert send(client, address, version, **fields).status_code == 302
    experiment = Experiment.objects.get(name="First")
    assert (experiment.expression, experiment.direction) == ("", "minimize")


def test_the_expression_is_checked_while_it_is_typed(client, project, version):
    fields = {"objective": "custom", "direction": "maximize"}
    good = preview(client, project, version, expression=TEXT, **fields)
    assert good["problems"] == []
    words = good["says"]["expression"]
    assert "higher is better" in words and "val_f1 = 0.8, parameters = 10,000 it is 0.16" in words
    bad = preview(client, project, version, expression="val_f2", **fields)
    assert bad["says"]["expression"] == ""
    [problem] = bad["problems"]
    assert problem["field"] == "expression" and "no metric named val_f2" in problem["message"]
    nothing = preview(client, project, version, expression="1 / (val_f1 - val_f1)", **fields)
    assert "has no value: it divides by zero" in nothing["says"]["expression"]
