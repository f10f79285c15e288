"""The split beside the form and on the Protocol tab: its picture, its balance, its warnings."""

import shutil

import numpy as np
import pytest
from django.urls import reverse

from experiments import storage
from experiments.data_schema import DataSchema
from experiments.ingest.prepared import Prepared, write_prepared
from experiments.models import Experiment
from tests.searches import DIGEST
from tests.web.sending import send

pytestmark = pytest.mark.usefixtures("by_editor")


def preview(client, project, version, **fields):
    typed = {"dataset_version": version.pk, "model": "image-mlp", "name": "First"} | fields
    return client.post(reverse("experiments:preview", args=[project.slug]), typed).json()


def rewrite(version, **changed):
    """Give the version other arrays."""
    folder = storage.dataset_folder(version.digest)
    arrays = {name: changed.get(name, np.load(folder / f"{name}.npy")) for name in ("x", "y")}
    prepared = Prepared(DataSchema.from_dict(version.schema), arrays)
    version.digest = write_prepared(prepared, folder.parent)
    version.save()


def relabel(version, *labels):
    rewrite(version, y=np.array(labels, dtype=np.int64))


def test_classes_too_small_for_the_folds_are_told_while_somebody_types(client, project, version):
    relabel(version, *[row % 9 for row in range(297)], 9, 9, 9)
    answer = preview(client, project, version, protocol_kind="k_fold", folds="5")
    [problem] = answer["problems"]
    assert problem["field"] == "folds"
    assert "“9” has 3 rows" in problem["message"]
    assert "split-picture" not in answer["html"]
    answer = preview(client, project, version, protocol_kind="k_fold", folds="2")
    assert answer["problems"] == []
    assert "split-picture" in answer["html"]


def test_a_problem_of_a_field_is_told_once(client, project, version):
    answer = preview(client, project, version, protocol_kind="k_fold", folds="99")
    assert [problem["field"] for problem in answer["problems"]] == ["folds"]


def test_the_form_tells_of_copies_and_of_the_balance(client, project, version):
    pictures = np.load(storage.dataset_folder(DIGEST) / "x.npy")
    pictures[150:] = pictures[:150]
    rewrite(version, x=pictures)
    html = preview(client, project, version, protocol_kind="k_fold")["html"]
    assert "have an exact copy in another set of the split" in html
    assert "Class shares by set" in html


def test_data_whose_files_are_gone_says_so(client, project, version):
    shutil.rmtree(storage.dataset_folder(DIGEST))
    [problem] = preview(client, project, version)["problems"]
    assert (problem["field"], "are missing" in problem["message"]) == ("dataset_version", True)


def test_what_was_told_stays_with_the_experiment(client, address, version):
    relabel(version, *[0] * 20, *[row % 10 for row in range(280)])
    send(client, address, version, respecting="none", protocol_kind="k_fold", folds="20")
    experiment = Experiment.objects.get(purpose="search")
    assert any("no validation row" in warning for warning in experiment.split_facts["warnings"])
    page = client.get(reverse("experiments:protocol", args=[experiment.code])).content.decode()
    assert "no validation row" in page
    assert "split-picture" in page
    detail = client.get(reverse("experiments:detail", args=[experiment.code])).content.decode()
    assert "split warning" in detail


def test_an_experiment_from_before_has_no_picture(client, address, version):
    send(client, address, version)
    experiment = Experiment.objects.get(purpose="search")
    Experiment.objects.update(split_facts={})
    response = client.get(reverse("experiments:protocol", args=[experiment.code]))
    assert response.status_code == 200
    assert "split-picture" not in response.content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"max_epochs": "74", "protocol_kind": "k_fold"},
            "5 executions × 15 epochs = 75, more than the limit of 74",
        ),
        ({"max_epochs": "14", "protocol_kind": "holdout"}, "15 epochs, more than the limit of 14"),
        ({"max_epochs": "75", "protocol_kind": "k_fold"}, ""),
        ({"max_epochs": "", "protocol_kind": "k_fold"}, ""),
        ({"max_epochs": "few", "protocol_kind": "k_fold"}, ""),
    ],
)
def test_a_budget_of_fewer_epochs_than_one_trial_takes_is_told_at_once(
    client, project, version, fields, words
):
    row = {"space-0-name": "epochs", "space-0-value": "15"}
    said = preview(client, project, version, **fields, **row)["says"]["epochs"]
    assert (words in said) if words else said == ""
