"""The score in the new-experiment form: a metric, or an expression with a direction of its own."""

import json

import pytest
from django.urls import reverse

from experiments.models import Experiment
from experiments.search.history import Objective
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
    assert '<option value="minimize" selected>minimize</option>' in again
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
    assert problem["field"] == "expression" and 'no metric named "val_f2"' in problem["message"]
    nothing = preview(client, project, version, expression="1 / (val_f1 - val_f1)", **fields)
    assert "has no value: Division by zero" in nothing["says"]["expression"]


def test_further_objectives_are_stored_measured_cloned_and_shown(client, address, version):
    fields = {"more_objective_1": "parameters", "more_objective_3": "val_f1", "pruner": "median"}
    assert send(client, address, version, **fields).status_code == 302
    experiment = Experiment.objects.get(name="First")
    assert experiment.further == (
        Objective("parameters", "minimize"),
        Objective("val_f1", "maximize"),
    )
    assert (experiment.pruner, experiment.metrics) == ("none", ["accuracy", "f1"])
    again = client.get(reverse("experiments:clone", args=[experiment.code])).content.decode()
    assert '<option value="parameters" selected>parameters ↓</option>' in again
    assert '<option value="val_f1" selected>val_f1 ↑</option>' in again
    page = client.get(reverse("experiments:protocol", args=[experiment.code])).content.decode()
    assert "parameters, minimize; val_f1, maximize" in page


def test_a_further_objective_that_cant_be_is_named_at_its_field(client, address, version):
    fields = {"more_objective_2": "seconds", "more_objective_3": "val_accuracy"}
    answer = send(client, address, version, objective="val_accuracy", **fields)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'id="error-more_objective_3"' in text
    assert "val_accuracy is already the main objective." in text
    assert '<option value="seconds" selected>' in text
    assert Experiment.objects.count() == 0


def test_the_page_says_what_several_objectives_change(client, project, version):
    assert preview(client, project, version)["says"]["objectives"] == ""
    answer = preview(client, project, version, more_objective_1="latency_1_ms")
    assert "Pruning and fold racing are off." in answer["says"]["objectives"]
    assert "Latency is measured" in answer["says"]["objectives"]
    assert answer["says"]["pruner"].startswith("Off with several objectives")
    assert "Winner tab shows the Pareto front" in answer["says"]["objectives"]
    assert "val_accuracy; latency of 1 row, ms. No pruning, no fold racing." in answer["html"]
    twice = {"more_objective_1": "latency_1_ms", "more_objective_2": "latency_1_ms"}
    [problem] = preview(client, project, version, **twice)["problems"]
    assert (problem["field"], problem["label"]) == ("more_objective_2", "Third objective")
    stray = {"more_objective_1": "val_nothing"}
    [problem] = preview(client, project, version, **stray)["problems"]
    assert "val_nothing can't be an objective of this search" in problem["message"]
