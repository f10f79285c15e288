"""`manage.py import_trials`: tables and studies become experiments, curves and all."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Execution, Experiment
from experiments.services.site.invariants import broken_invariants
from tests.interop.test_tensorboard import write

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CSV = "params.x,params.kind,score\n0.5,a,1.5\n0.25,b,2.5\n"


def run(path, **options):
    out = io.StringIO()
    call_command("import_trials", str(path), project="vision-team", stdout=out, **options)
    return json.loads(out.getvalue().splitlines()[-1])


def test_a_table_is_imported_once(project, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(CSV)
    with pytest.raises(CommandError, match="Add --direction"):
        run(path)
    first, again = run(path, direction="maximize"), run(path, direction="maximize")
    assert (first["added"], again["added"], again["known"]) == (2, 0, True)
    experiment = Experiment.objects.get()
    assert (experiment.name, experiment.best_trial.score) == ("mine", 2.5)
    assert experiment.source["format"] == "table"


def test_a_study_keeps_its_curves(project, tmp_path):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = tmp_path / "studies.db"

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        for step in range(3):
            trial.report(x + step, step)
        return x

    study = optuna.create_study(storage=f"sqlite:///{path}", study_name="mine")
    study.optimize(objective, n_trials=4)
    report = run(path)
    experiment = Experiment.objects.get(code=report["experiment"])
    assert experiment.best_trial.score == study.best_value
    first = Execution.objects.get(trial__experiment=experiment, trial__number=0)
    assert first.epochs == 3 and len(first.history["value"]) == 3
    assert broken_invariants() == {}


def test_a_file_of_another_kind_is_refused(project, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG")
    with pytest.raises(CommandError, match="Unsupported file"):
        run(path)
    with pytest.raises(CommandError, match="Not a KerasTuner project"):
        run(tmp_path)


def test_event_files_keep_their_curves(project, tmp_path):
    for number in range(2):
        losses = [("val_loss", 0.5 - number / 10), ("val_loss", 0.25)]
        write(tmp_path / "logs" / str(number), losses, {"units": 8 + number})
    report = run(tmp_path / "logs")
    experiment = Experiment.objects.get(code=report["experiment"])
    assert (report["format"], report["trials"], experiment.objective) == (
        "tensorboard",
        2,
        "val_loss",
    )
    first = Execution.objects.get(trial__experiment=experiment, trial__number=0)
    assert first.history == {"val_loss": [0.5, 0.25]}
    assert broken_invariants() == {}
