"""A trial's predictions: the data of its plots, and all of them as CSV."""

import csv
import io

import numpy as np
import pytest
from django.urls import reverse

from experiments import storage
from experiments.digests import sha256_of
from experiments.models import Artifact
from tests.examples import make_experiment


@pytest.fixture
def trial(project, data_dir):
    return make_experiment(project, trials=1, repeats=2).trials.get()


def keep(trial, index, rows, targets, predictions):
    """Store the predictions of one execution, as a worker would."""
    execution = trial.executions.get(index=index)
    path = storage.trial_folder(trial.pk, "token") / f"execution-{index}.predictions.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, rows=rows, targets=targets, predictions=np.asarray(predictions, "float32"))
    trial.artifacts.create(
        execution=execution,
        kind=Artifact.Kind.PREDICTIONS,
        path=storage.relative(path),
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
    )
    return path


def schema_of(trial, **changes):
    version = trial.experiment.dataset_version
    version.schema = version.schema | changes
    version.save()


def plots(client, trial):
    address = reverse("trials:prediction-plots", args=[trial.experiment.code, trial.number])
    return client.get(address).json()


def table(client, trial):
    address = reverse("trials:predictions", args=[trial.experiment.code, trial.number])
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.getvalue().decode())))


def test_rows_that_were_validated_twice_have_their_mean_prediction(client, viewer, trial):
    client.force_login(viewer)
    schema_of(trial, classes=["no", "yes"])
    keep(trial, 0, [5, 6, 7], [0, 1, 1], [[0.8], [0.9], [0.4]])
    keep(trial, 1, [7, 8], [1, 0], [[0.2, 0.8], [0.6, 0.4]])
    found = plots(client, trial)
    assert (found["n"], found["executions"], found["repeated"], found["bad"]) == (4, 2, 1, 0)
    # Row 7 has the mean of 0.4 and 0.8, so it is right.
    assert found["confusion"] == [[1, 1], [0, 2]]
    [line] = found["roc"]
    assert line["label"] == "yes" and line["area"] == pytest.approx(0.75)
    assert found["calibration_of"] == "yes"
    lines = table(client, trial)
    assert lines[0] == ["execution", "row", "target", "prediction", "p_no", "p_yes"]
    assert lines[3] == ["1", "7", "yes", "no", "0.6", "0.4"] and len(lines) == 6


def test_plots_are_thinned_and_say_what_is_left_out(client, viewer, trial):
    client.force_login(viewer)
    rng = np.random.default_rng(0)
    schema_of(trial, classes=[f"class {number}" for number in range(30)])
    keep(trial, 0, np.arange(9000), rng.integers(0, 30, 9000), rng.dirichlet(np.ones(30), 9000))
    found = plots(client, trial)
    assert sum(len(line["points"]) for line in found["roc"]) <= 2000
    assert len(found["roc"]) == 8 and found["lines_left_out"] == 22
    assert len(found["confusion"]) == 20 and found["left_out"] == 10


def test_numbers_have_points_of_target_and_prediction(client, viewer, trial):
    client.force_login(viewer)
    schema_of(trial, task="regression", classes=[], target="price")
    keep(trial, 0, np.arange(5000), np.arange(5000.0)[::-1], np.arange(5000.0))
    found = plots(client, trial)
    assert len(found["targets"]) == len(found["predictions"]) == 2000 and found["n"] == 5000
    assert (found["targets"][0], found["predictions"][0]) == (0, 4999)
    assert table(client, trial)[1] == ["1", "0", "4999.0", "0"]


def test_predictions_that_are_no_numbers_are_left_out_and_counted(client, viewer, trial):
    client.force_login(viewer)
    schema_of(trial, classes=["no", "yes"])
    keep(trial, 0, [1, 2], [0, 1], [[np.nan], [0.7]])
    found = plots(client, trial)
    assert (found["n"], found["bad"]) == (1, 1)
    assert found["roc"] == [{"label": "yes", "area": None, "points": []}]
    trial.artifacts.all().delete()
    keep(trial, 0, [1, 2], [0, 1], [[np.nan], [np.nan]])
    assert plots(client, trial)["n"] == 0
    assert table(client, trial)[1][3:] == ["no", "nan", "nan"]


def test_a_class_that_looks_like_a_formula_is_quoted(client, viewer, trial):
    client.force_login(viewer)
    schema_of(trial, classes=["=1+1", "ok"])
    keep(trial, 0, [1], [0], [[0.9, 0.1]])
    assert table(client, trial)[1][2:4] == ["'=1+1", "'=1+1"]


def test_without_predictions_the_page_says_so(client, viewer, trial):
    client.force_login(viewer)
    assert plots(client, trial) == {"task": "classification", "n": 0, "bad": 0}
    address = reverse("trials:predictions", args=[trial.experiment.code, trial.number])
    assert client.get(address).status_code == 404
    page = client.get(reverse("trials:detail", args=[trial.experiment.code, trial.number]))
    assert "No predictions of this trial are kept." in page.content.decode()


@pytest.mark.parametrize("damage", ["is missing", "has changed"])
def test_predictions_that_changed_are_named_and_not_drawn(client, viewer, trial, damage):
    client.force_login(viewer)
    kept = keep(trial, 0, [1], [0], [[0.9] + [0.1 / 9] * 9])
    content = kept.read_bytes()
    kept.unlink()
    if damage == "has changed":
        kept.write_bytes(content[:-1] + b"!")
    found = plots(client, trial)
    assert found["n"] == 0
    words = (
        f"The predictions file of trial {trial.number} (file {storage.relative(kept)}) {damage}"
    )
    assert found["changed"].startswith(words)
    address = reverse("trials:predictions", args=[trial.experiment.code, trial.number])
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (409, "text/plain")
    assert answer.content.decode().startswith(words)


def test_the_size_of_a_kept_model_is_shown(client, viewer, trial):
    client.force_login(viewer)
    address = reverse("trials:detail", args=[trial.experiment.code, trial.number])
    assert "Model file" not in client.get(address).content.decode()
    execution = trial.executions.get(index=0)
    kind, path = Artifact.Kind.MODEL, "trials/1/token/model.keras"
    trial.artifacts.create(execution=execution, kind=kind, path=path, bytes=307200, sha256="ab")
    assert "300.0\xa0KB" in client.get(address).content.decode()
