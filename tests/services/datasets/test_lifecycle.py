"""Uploads become versions: read, chosen, prepared, refused, taken up again."""

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.ingest.errors import DataRefused
from experiments.models import Activity, Dataset, DatasetVersion
from experiments.services.datasets import lifecycle
from experiments.services.datasets.lifecycle import DatasetFacts, NotAllowed
from experiments.services.datasets.preparation import prepare
from experiments.services.datasets.upload_files import keep_upload, plain_name
from experiments.services.datasets.uploads import incoming_folder, sweep_uploads

State = DatasetVersion.State
ROWS = "".join(
    f"{i}.5,{'red' if i % 3 else 'blue'},{'yes' if i % 2 else 'no'}\n" for i in range(30)
)
LARGE = "size,colour,bought\n" + ROWS + "1.25,red and green,yes\n" * 60_000
CSV = "size,colour,bought\n" + ROWS

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """Jobs that were put into the queue."""
    jobs: list[tuple] = []
    monkeypatch.setattr(
        "experiments.queues.enqueue_short", lambda job, *args: jobs.append((job, *args))
    )
    return jobs


def upload(project, by, text: str = CSV, name: str = "shop.csv", **options) -> DatasetVersion:
    return lifecycle.create_upload(
        project, DatasetFacts("Shop"), keep_upload(arrived(text), name, **options), by=by
    )


def arrived(text: str) -> Path:
    incoming_folder().mkdir(parents=True, exist_ok=True)
    path = incoming_folder() / "arrived.upload"
    path.write_text(text)
    return path


def ready(project, editor) -> DatasetVersion:
    version = upload(project, editor)
    prepare(version.pk)
    version.refresh_from_db()
    lifecycle.choose(
        version, {"target": "bought", "task": "classification", "uses": {}}, by=editor
    )
    prepare(version.pk)
    version.refresh_from_db()
    return version


def test_an_upload_is_read_then_waits_for_a_choice(project, editor, asked):
    version = upload(project, editor)
    assert version.state == State.PREPARING
    assert asked == [("experiments.jobs.prepare_dataset", version.pk)]
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == State.UPLOADED
    assert version.profile["inspection"]["guess"] == {
        "target": "bought",
        "task": "classification",
    }


def test_a_choice_becomes_arrays_under_a_digest(project, editor, data_dir):
    version = ready(project, editor)
    assert (version.state, version.rows, version.task) == (State.READY, 30, "classification")
    folder = data_dir / "datasets" / version.digest
    assert np.load(folder / "numbers.npy")[:3, 0].tolist() == [0.5, 1.5, 2.5]
    assert np.load(folder / "categories.npy")[:4, 0].tolist() == [0, 1, 1, 0]
    assert np.load(folder / "y.npy")[:3].tolist() == [0, 1, 0]
    assert json.loads((folder / "schema.json").read_text()) == version.schema
    assert version.schema["classes"] == ["no", "yes"]


def test_the_same_content_shares_one_folder(project, editor, data_dir):
    assert ready(project, editor).digest == ready(project, editor).digest
    folders = [p for p in (data_dir / "datasets").iterdir() if not p.name.startswith(".")]
    assert sorted(folder.suffix for folder in folders) == ["", ".keys", ".npy"]
    assert set(Dataset.objects.values_list("slug", flat=True)) == {"shop", "shop-2"}


def test_a_refused_file_is_deleted_and_its_reason_stays(project, editor, data_dir):
    version = upload(project, editor, LARGE + "1,red\n")
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == State.FAILED
    assert version.error.startswith("Line 60,032 has 2 cells, but the first line has 3.")
    assert [p for p in (data_dir / "uploads").rglob("*") if p.is_file()] == [
        data_dir / version.source_path
    ]  # goes when the transaction commits


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_refused_file_is_left(project, editor, data_dir):
    version = upload(project, editor, LARGE + "1,red\n")
    prepare(version.pk)
    assert [p for p in (data_dir / "uploads").rglob("*") if p.is_file()] == []


def test_a_refused_choice_asks_again_and_keeps_it(project, editor):
    version = upload(project, editor)
    prepare(version.pk)
    version.refresh_from_db()
    choice = {"target": "colour", "task": "regression", "uses": {}}
    lifecycle.choose(version, choice, by=editor)
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == State.UPLOADED
    assert "regression needs numbers" in version.error
    assert version.profile["refused_choice"] == choice


def test_a_ready_version_never_changes(project, editor):
    version = ready(project, editor)
    with pytest.raises(NotAllowed):
        lifecycle.choose(version, {"target": "colour", "task": "classification"}, by=editor)
    with pytest.raises(NotAllowed):
        lifecycle.discard_version(version, by=editor)
    before = version.digest
    prepare(version.pk)  # a job that came twice
    version.refresh_from_db()
    assert (version.state, version.digest) == (State.READY, before)


def test_another_target_of_the_same_file_is_a_new_version(project, editor):
    first = ready(project, editor)
    second = lifecycle.choose_again(first, {"size": "skip"}, by=editor)
    assert second.profile["proposed_choice"]["uses"]["size"] == "skip"
    assert (second.number, second.state) == (2, State.UPLOADED)
    lifecycle.choose(second, {"target": "colour", "task": "classification", "uses": {}}, by=editor)
    prepare(second.pk)
    second.refresh_from_db()
    assert (second.target, second.state) == ("colour", State.READY)
    assert second.digest != first.digest


def test_two_versions_get_two_numbers(project, editor):
    first = ready(project, editor)
    second = lifecycle.add_version(first.dataset, keep_upload(arrived(CSV), "shop.csv"), by=editor)
    assert (first.number, second.number) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_discarding_the_only_version_takes_the_set_and_the_file(project, editor, data_dir):
    version = upload(project, editor)
    prepare(version.pk)
    assert lifecycle.discard_version(version, by=editor)
    assert not Dataset.objects.exists()
    assert [p for p in (data_dir / "uploads").rglob("*") if p.is_file()] == []


def test_an_error_of_ours_is_told_on_the_version_and_raised(project, editor, monkeypatch):
    def broken(*_):
        raise KeyError("bug")

    monkeypatch.setattr("experiments.services.datasets.preparation.inspect", broken)
    version = upload(project, editor)
    with pytest.raises(KeyError):
        prepare(version.pk)
    version.refresh_from_db()
    assert version.state == State.FAILED
    assert "an internal error" in version.error


def test_archiving_hides_and_restoring_shows(project, editor):
    dataset = ready(project, editor).dataset
    lifecycle.archive_dataset(dataset, by=editor)
    dataset.refresh_from_db()
    assert dataset.archived is not None
    lifecycle.restore_dataset(dataset, by=editor)
    dataset.refresh_from_db()
    assert dataset.archived is None
    verbs = set(Activity.objects.values_list("verb", flat=True))
    assert {"dataset.uploaded", "dataset.ready", "dataset.archived"} <= verbs


def test_a_file_that_is_refused_at_the_door_stays_where_it_arrived(data_dir):
    path = arrived("")
    with pytest.raises(DataRefused, match="The file is empty"):
        keep_upload(path, "a.csv")
    with pytest.raises(DataRefused, match="Unsupported file type"):
        keep_upload(path, "a.exe")
    assert [p.name for p in (data_dir / "uploads").iterdir()] == ["incoming"]


def test_old_files_that_no_version_names_are_swept(project, editor, data_dir):
    version = upload(project, editor)
    lost = arrived("half")
    assert sweep_uploads(older_than=3600) == []
    assert sweep_uploads(older_than=-1) == [lost]
    assert (data_dir / version.source_path).exists()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\data\\a.csv", "a.csv"),
        ("a\nb.csv", "ab.csv"),
        (".", "."),
        ("", "upload"),
    ],
)
def test_a_file_name_is_only_words(name, plain):
    assert plain_name(name) == plain


def test_a_very_long_file_name_is_cut_but_keeps_its_ending():
    shown = plain_name("x" * 400 + ".csv")
    assert len(shown) <= 300
    assert shown.endswith(".csv")
