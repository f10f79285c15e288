"""Formats that leave the site carry a version, and a newer one is refused in words at every door."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from experiments.external_plan import ExternalPlan, ExternalPlanError
from experiments.file_format import FORMAT, format_problem, with_format
from experiments.interop.imported_search import ImportRefused
from experiments.interop.trial_table import read_json_lines

NEWER = "has format 3; this version of Tuning Site reads up to 1. Update Tuning Site."
LINES = '{"search": {"format": %s, "objective": "loss"}}\n{"values": {"x": 1}, "score": 1}\n'


def test_a_document_without_a_version_is_of_the_first():
    assert format_problem(None, "file") == format_problem(1, "file") == ""
    assert with_format({"a": 1}) == {"format": FORMAT, "a": 1}


@pytest.mark.parametrize("found", [True, 0, -1, 1.5, "1", [], {}])
def test_what_is_no_version_is_named(found):
    assert "Expected a whole number from 1" in format_problem(found, "plan")


def test_a_newer_search_is_refused():
    assert read_json_lines((LINES % 1).encode(), "x").objective == "loss"
    with pytest.raises(ImportRefused, match=f"This file {NEWER}"):
        read_json_lines((LINES % 3).encode(), "x")


def test_a_newer_plan_of_scripts_is_refused_before_its_values_are_read():
    with pytest.raises(ExternalPlanError) as refused:
        ExternalPlan.from_dict({"format": 3, "name": "x", "news": 1})
    assert [(each.path, each.message) for each in refused.value.problems] == [
        ("format", f"This plan {NEWER}")
    ]
    assert ExternalPlan.from_dict({"format": 1, "name": "x"}).name == "x"


@pytest.mark.django_db
def test_the_command_and_the_page_refuse_a_newer_search(client, project, editor, tmp_path):
    path = tmp_path / "newer.jsonl"
    path.write_text(LINES % 3)
    with pytest.raises(CommandError, match=f"This file {NEWER}"):
        call_command("import_trials", str(path), project=project.slug)
    client.force_login(editor)
    file = SimpleUploadedFile("newer.jsonl", path.read_bytes())
    response = client.post(reverse("experiments:import", args=[project.slug]), {"file": file})
    assert response.status_code == 422 and f"This file {NEWER}" in response.content.decode()


@pytest.mark.parametrize("name", ["plan", "external-plan"])
def test_the_schemas_know_the_version(client, name):
    schema = client.get(reverse(f"api:{name}-schema")).json()
    assert schema["properties"]["format"]["maximum"] == FORMAT
    json.dumps(schema)
