"""`manage.py export_keras_tuner`: a folder that reads back as the same search."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from experiments.interop.keras_tuner.project_files import read_project
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.imports.searches import import_search
from tests.interop.projects import NAMES, files
from tests.searches import make_experiment, make_seat, run_search

pytestmark = pytest.mark.django_db


def export(experiment, folder):
    out = io.StringIO()
    call_command("export_keras_tuner", str(experiment.code), str(folder), stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def read(folder: Path, **options):
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.json")}
    return read_project(found, "x", **options)


@pytest.mark.parametrize("name", NAMES)
def test_an_imported_project_comes_back_as_it_was(project, owner, tmp_path, name):
    first = read_project(files(name), name)
    experiment = import_search(project, first, by=owner).experiment
    report = export(experiment, tmp_path / "out")
    again = read(tmp_path / "out", objective=first.objective)
    assert report["trials"] == len(first.trials)
    for before, after in zip(first.trials, again.trials, strict=True):
        assert after.values == before.values
        assert after.score == before.score
        assert after.metrics == before.metrics
        assert after.source["extra"].keys() == before.source["extra"].keys()
        assert after.source["score"] == before.source["score"]


def test_a_search_of_our_own_reads_back_with_its_best_trial(project, queues, owner, tmp_path):
    experiment = make_experiment(project, max_trials=4)
    start_experiment(experiment, by=owner)
    experiment = run_search(experiment, make_seat())
    report = export(experiment, tmp_path / "out")
    again = read(tmp_path / "out")
    assert report["best_score"] == experiment.best_trial.score == again.best.score
    assert again.best.values == experiment.best_trial.values == report["best_values"]
    assert (again.objective, again.direction) == (experiment.objective, experiment.direction)


def test_it_overwrites_nothing(project, owner, tmp_path):
    experiment = import_search(project, read_project(files(NAMES[0]), "x"), by=owner).experiment
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="new or empty"):
        export(experiment, tmp_path)
    with pytest.raises(CommandError, match="no experiment nonsense"):
        call_command("export_keras_tuner", "nonsense", str(tmp_path / "x"))
