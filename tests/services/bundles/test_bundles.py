import csv
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from experiments import storage
from experiments.catalog.registry import template_of
from experiments.digests import sha256_of
from experiments.evaluation.protocol import Protocol
from experiments.models import Artifact
from experiments.plan import default_plan
from experiments.services.bundles import bundles
from experiments.services.experiments.baselines import start_baselines
from experiments.services.experiments.lifecycle import create_experiment
from experiments.training.fit import Fit
from experiments.tuner.turn import take_turn
from tests.searches import make_seat
from tests.services.bundled import (
    FLATS,
    clean_venv,
    digits,
    flats,
    read_json,
    run,
    train,
    unzip,
    version_of,
)

pytestmark = pytest.mark.both_databases

EXPECTED = {
    *("model.keras", "model_code.py", "predict.py", "reproduce.py", "MODEL_CARD.md"),
    *("schema.json", "labels.json", "training.json", "split.npz", "requirements.txt"),
    *("manifest.json", "sample/predictions.json", "saved_model/saved_model.pb"),
    *("model.tflite", "model.onnx"),
}
FORMATS = ["model.keras", "saved_model", "model.tflite", "model.onnx"]
HERE = Path(sys.executable)

# The table's bundle is made from every database; these two look at what lies in the files.
files_alone = pytest.mark.needs("first run", why="a bundle's files know no database")


def bundle(trial, tmp_path):
    artifact = bundles.make_bundle(trial.pk)
    assert artifact is not None, bundles.bundle_of(trial)
    path = storage.absolute(artifact.path)
    assert (path.stat().st_size, sha256_of(path)) == (artifact.bytes, artifact.sha256)
    return unzip(path, tmp_path / "elsewhere" / "bundle")


def differences(output: str) -> dict[str, float]:
    found = re.findall(r"^(val_\w+): .* difference (\S+)$", output, re.MULTILINE)
    return {name: abs(float(value)) for name, value in found}


@files_alone
@pytest.mark.training
@pytest.mark.timeout(900)
def test_an_image_bundle_predicts_and_reproduces_alone_and_finds_a_flipped_byte(
    project, training_pool, tmp_path, queues
):
    trial = train(project, digits(), "image-mlp", training_pool)
    folder = bundle(trial, tmp_path)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names >= EXPECTED | {"sample/input.npy"}
    manifest = read_json(folder, "manifest.json")
    assert set(manifest["files"]) == names - {"manifest.json"}
    assert list(manifest["formats"]) == FORMATS
    assert all(found["difference"] <= 1e-5 for found in manifest["formats"].values())
    assert all(found["bytes"] > 1000 for found in manifest["formats"].values())

    python = clean_venv(tmp_path / "venv", folder / "requirements.txt")
    assert subprocess.run([python, "-c", "import django"], capture_output=True).returncode
    tested = run(python, folder / "predict.py", "--self-test")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    said = tested.stdout.splitlines()
    assert [line.partition(":")[0] for line in said] == [
        "manifest.json",
        *FORMATS,
        "Self-test passed.",
    ]
    recorded = trial.artifacts.get(kind=Artifact.Kind.BUNDLE)
    assert recorded.formats == manifest["formats"]
    assert (recorded.self_test["passed"], recorded.self_test["lines"]) == (True, said)

    best = max(trial.executions.all(), key=lambda execution: execution.score)
    reproduced = run(python, folder / "reproduce.py", storage.dataset_folder(digest_of(trial)))
    assert reproduced.returncode == 0, reproduced.stderr
    found = differences(reproduced.stdout)
    assert set(found) == {"val_accuracy", "val_loss"}
    assert max(found.values()) < 1e-4, reproduced.stdout
    assert reproduced.stdout.count("epoch ") == best.best_epoch
    assert "learning_rate 0.0005" in reproduced.stdout or best.best_epoch == 1

    rows = digits().arrays["x"][:3]
    np.save(tmp_path / "rows.npy", rows)
    for index, row in enumerate(rows):
        bright = np.rint(row[:, :, 0].astype("float32") * 255 / 16).astype("uint8")
        Image.fromarray(bright).save(tmp_path / f"{index}.png")
    pictures = [tmp_path / f"{index}.png" for index in range(3)]
    by_picture = run(python, folder / "predict.py", *pictures)
    # The same by ONNX alone: neither TensorFlow nor Keras is there.
    light = tmp_path / "light.txt"
    light.write_text("numpy\nonnxruntime\npillow\n")
    light_python = clean_venv(tmp_path / "light", light)
    form = ("--format", "json", "--model", "model.onnx")
    by_array = run(light_python, folder / "predict.py", tmp_path / "rows.npy", *form)
    table = list(csv.DictReader(io.StringIO(by_picture.stdout)))
    answers = json.loads(by_array.stdout)
    assert [line["prediction"] for line in table] == [a["prediction"] for a in answers]
    assert [line["file"] for line in table] == [str(path) for path in pictures]
    assert [answer["row"] for answer in answers] == [0, 1, 2]
    assert set(answers[0]["probabilities"]) == set("0123456789")
    partly = run(light_python, folder / "predict.py", "--self-test")
    assert "model.keras: not run, keras isn't installed" in partly.stdout
    assert (partly.returncode, partly.stdout.splitlines()[-1]) == (0, "Self-test passed.")

    card = (folder / "MODEL_CARD.md").read_text()
    for execution in trial.executions.all():
        assert f"| {execution.seed} |" in card and str(execution.score) in card
    assert digest_of(trial) in card and trial.split_hash in card and "CC BY 4.0" in card
    pins = (folder / "requirements.txt").read_text().splitlines()
    packages = ["tensorflow", "keras", "numpy", "pillow", "onnxruntime"]
    assert [pin.split("==")[0] for pin in pins] == packages
    assert all(re.fullmatch(r"\w+==\d[\w.]+", pin) for pin in pins)
    a_flipped_byte_is_found(trial, folder)


def a_flipped_byte_is_found(trial, folder):
    """By the bundle itself, and by the product in the zip that it keeps."""
    target = folder / "saved_model" / "variables" / "variables.data-00000-of-00001"
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    tested = run(HERE, folder / "predict.py", "--self-test")
    assert tested.returncode == 1
    assert "variables.data-00000-of-00001 isn't the file that was exported" in tested.stderr

    stored = storage.absolute(trial.artifacts.get(kind=Artifact.Kind.BUNDLE).path)
    whole = stored.read_bytes()
    stored.write_bytes(whole[: len(whole) // 2])
    checked = bundles.check_bundle(trial.pk)
    assert not checked.self_test["passed"]
    assert "missing or damaged" in checked.self_test["lines"][0]
    assert bundles.bundle_of(trial).state == "failed"
    stored.write_bytes(whole)


@pytest.mark.thorough  # the gate has a table of several targets
@pytest.mark.training
@pytest.mark.timeout(900)
def test_a_table_bundle_with_classes_of_its_own(project, training_pool, tmp_path, queues):
    trial = train(project, flats(), "residual-mlp", training_pool, repeats=1)
    folder = bundle(trial, tmp_path)
    recorded = trial.artifacts.get(kind=Artifact.Kind.BUNDLE)
    assert recorded.self_test["passed"] and set(recorded.formats) == set(FORMATS)
    assert not any("why_not" in found for found in recorded.formats.values())

    rows = tmp_path / "flats.csv"
    rows.write_text('garden;city;rooms;"area, m²";note\nTrue;Rom;3;75,5;x\n;Wien;;60;\n')
    output = tmp_path / "answers.json"
    form = ("--format", "json", "--output", output)
    stopped = run(HERE, folder / "predict.py", rows, *form)
    assert (stopped.returncode, output.exists()) == (2, False)
    assert "line 3, column city: “Wien” is none of the 2 categories" in stopped.stderr
    predicted = run(HERE, folder / "predict.py", rows, *form, "--on-error", "missing")
    assert predicted.returncode == 0, predicted.stderr
    answers = json.loads(output.read_text())
    assert [answer["line"] for answer in answers] == [2, 3]
    assert all(np.isfinite(answer["prediction"]) for answer in answers)

    rows.write_text("garden,city,rooms\ntrue,Rom,3\n")
    refused = run(HERE, folder / "predict.py", rows)
    assert refused.returncode == 2
    assert "lacks the column area, m²" in refused.stderr

    reproduced = run(HERE, folder / "reproduce.py", storage.dataset_folder(digest_of(trial)))
    assert reproduced.returncode == 0, reproduced.stderr
    stored = trial.executions.get().metrics
    found = differences(reproduced.stdout)
    assert found and all(found[name] < 1e-4 * abs(stored[name]) for name in found), (
        reproduced.stdout
    )


@files_alone
@pytest.mark.thorough  # the gate makes a baseline's bundle request, this one makes the zip
@pytest.mark.training
@pytest.mark.timeout(900)
def test_a_baselines_model_can_be_downloaded(project, training_pool, tmp_path, queues):
    """The linear model of a search, which may be as good as the winner."""
    plan = replace(
        default_plan(FLATS, template_of("residual-mlp"), version_of(flats(), "flats").pk, "Flats"),
        protocol=Protocol("holdout"),
        fit=Fit(early_stopping_patience=1),
    )
    search = create_experiment(project, plan, by=None)
    linear = start_baselines(search, by=None)[0]
    take_turn(linear.pk, make_seat(training_pool))
    trial = linear.trials.get()
    assert trial.state == "completed", trial.failure_message
    folder = bundle(trial, tmp_path)
    rows = tmp_path / "flats.csv"
    rows.write_text('garden,city,rooms,"area, m²"\ntrue,Rom,3,75.5\ntrue,Rom,3,1e400\n')
    predicted = run(HERE, folder / "predict.py", rows, "--on-error", "skip")
    assert predicted.returncode == 3, predicted.stderr
    assert "line 3, column area, m²: “1e400” is infinite" in predicted.stderr
    [row] = csv.DictReader(io.StringIO(predicted.stdout))
    assert row["line"] == "2" and np.isfinite(float(row["prediction"]))
    assert "| This model's weights | epoch " in (folder / "MODEL_CARD.md").read_text()


def digest_of(trial) -> str:
    return trial.experiment.dataset_version.digest
