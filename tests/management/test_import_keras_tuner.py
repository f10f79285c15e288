"""`manage.py import_keras_tuner`: the report, the dry run, the refusals."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Experiment
from tests.interop.projects import FOLDER, NAMES, expected

pytestmark = pytest.mark.django_db


def run(path, **options):
    out = io.StringIO()
    call_command("import_keras_tuner", str(path), project="vision-team", stdout=out, **options)
    lines = out.getvalue().splitlines()
    return json.loads(lines[-1]), lines


@pytest.mark.parametrize("name", NAMES)
def test_the_last_line_tells_what_the_project_holds(project, name):
    report, _ = run(FOLDER / name, dry_run=True)
    facts = expected(name)
    assert report["trials"] == facts["trials"]
    assert report["best_trial"] == facts["finite_best_trial_id"]
    assert report["best_score"] == facts["finite_best_score"]
    assert report["objective"] == facts["objective"]
    assert not Experiment.objects.exists()


def test_it_imports_once(project):
    first, _ = run(FOLDER / "kt148_random", name="Digits elsewhere")
    again, _ = run(FOLDER / "kt148_random")
    assert (first["added"], again["added"]) == (5, 0)
    assert first["experiment"] == again["experiment"]
    experiment = Experiment.objects.get()
    assert experiment.name == "Digits elsewhere"
    assert experiment.recommended_trial is not None


def test_what_is_skipped_is_told_by_name(project):
    report, lines = run(FOLDER / "kt148_truncated")
    assert {each["name"] for each in report["skipped"]} == {"trial_3", "trial_5"}
    assert any(line.startswith("Skipped trial_3") for line in lines)


def test_a_zip_is_taken_too(project, tmp_path):
    path = tmp_path / "kt148_random.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in (FOLDER / "kt148_random").rglob("*.json"):
            archive.write(file, file.relative_to(FOLDER))
    assert run(path)[0]["name"] == "kt148_random"


@pytest.mark.parametrize("name", ["../oracle.json", "/oracle.json", "..\\oracle.json"])
def test_a_zip_that_leads_out_is_refused(project, tmp_path, name):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "{}")
    with pytest.raises(CommandError, match="outside the"):
        run(path)


def test_a_zip_bomb_is_refused(project, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("oracle.json", b" " * 12_000_000)
    with pytest.raises(CommandError, match="zip bomb"):
        run(path)


def test_links_of_a_folder_are_not_followed(project, tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "oracle.json").symlink_to(FOLDER / "kt148_random" / "oracle.json")
    with pytest.raises(CommandError, match="Not a KerasTuner project"):
        run(folder)


def test_refusals_name_what_is_missing(project, tmp_path):
    with pytest.raises(CommandError, match="There is no file or folder"):
        run(tmp_path / "none")
    with pytest.raises(CommandError, match="a zip file"):
        (tmp_path / "x.zip").write_bytes(b"hello")
        run(tmp_path / "x.zip")
    with pytest.raises(CommandError, match="There is no project nowhere"):
        call_command("import_keras_tuner", str(tmp_path), project="nowhere")
