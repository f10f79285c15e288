"""`manage.py verify`: what it finds, what it makes anew, and what only a backup has."""

import os
import time
from io import StringIO

import pytest
from django.core.management import call_command

from experiments import storage
from experiments.models import Artifact
from experiments.services.datasets.built_in import load_built_in
from experiments.services.datasets.lifecycle import choose
from experiments.services.datasets.preparation import prepare
from experiments.services.experiments.follow_ups import refit
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from tests.searches import make_plan, make_seat, run_search
from tests.uploads import uploaded

pytestmark = pytest.mark.both_databases


@pytest.fixture
def search(project, owner, queues):
    """A completed search over a built-in dataset."""
    plan = make_plan(load_built_in("digits"), max_trials=2)
    experiment = create_experiment(project, plan, by=owner)
    start_experiment(experiment, by=owner)
    return run_search(experiment, make_seat())


def verify(*options):
    """Whether all is whole, and what is printed."""
    out = StringIO()
    try:
        call_command("verify", *options, stdout=out)
    except SystemExit as exit_:
        assert exit_.code == 1
        return False, out.getvalue()
    return True, out.getvalue()


def overwrite(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 255
    path.write_bytes(content)


def arrays_of(version):
    digest = version.digest
    yield from (
        storage.dataset_folder(digest) / name for name in ("x.npy", "y.npy", "schema.json")
    )
    yield storage.data_dir() / "datasets" / f"{digest}.rows.npy"
    yield next((storage.data_dir() / "datasets" / f"{digest}.preview").glob("*.png"))


def test_a_sound_site_has_no_holes(search):
    assert verify() == (True, "All stored files are whole.\n")


@pytest.mark.parametrize("damage", [overwrite, os.remove])
def test_arrays_of_a_built_in_dataset_are_made_anew(search, damage):
    for path in arrays_of(search.dataset_version):
        sound = path.read_bytes()
        damage(path)
        is_whole, said = verify()
        assert not is_whole
        assert f"{path.name} of Digits v1" in said.replace(
            search.dataset_version.digest, "", 1
        ) or (path.name in said)
        assert "Holes: 1. Orphans: 0." in said
        is_whole, said = verify("--repair")
        assert is_whole and "Made the arrays of Digits v1 anew." in said
        assert path.read_bytes() == sound


def test_arrays_that_changed_together_with_their_sums_are_found(search):
    folder = storage.dataset_folder(search.dataset_version.digest)
    overwrite(folder / "x.npy")
    (folder / "sums.json").unlink()
    assert "folder of Digits v1" in verify()[1]
    assert verify("--repair")[0]


def test_arrays_of_an_upload_are_made_anew_from_its_file(client, project, editor, queues):
    client.force_login(editor)
    version = uploaded(client, project)
    choice = {"target": "bought", "task": "classification", "uses": {"id": "skip"}}
    choose(version, choice, by=editor)
    prepare(version.pk)
    version.refresh_from_db()
    assert version.state == "ready", version.error
    folder = storage.dataset_folder(version.digest)
    for path in (folder / "numbers.npy", *storage.keys_folder(version.digest).glob("*.npy")):
        sound = path.read_bytes()
        overwrite(path)
        assert not verify()[0]
        assert verify("--repair")[0]
        assert path.read_bytes() == sound
    overwrite(folder / "numbers.npy")
    overwrite(storage.absolute(version.source_path))
    is_whole, said = verify("--repair")
    assert not is_whole and "Holes: 2." in said


def test_splits_are_dealt_again_also_of_follow_ups(search, owner):
    run = refit(search.recommended_trial, by=owner)
    run_search(run, make_seat())
    files = [storage.split_file(each.split_hash) for each in (search, run)]
    files += [storage.locked_rows_file(search.split_hash)]
    sound = [path.read_bytes() for path in files]
    overwrite(files[0])
    files[1].unlink()
    overwrite(files[2])
    is_whole, said = verify()
    assert not is_whole and said.count("HOLE    The split") == 2
    assert verify("--repair")[0]
    assert [path.read_bytes() for path in files] == sound


def test_a_model_is_only_in_a_backup(search):
    model = Artifact.objects.filter(kind="model").first()
    path = storage.absolute(model.path)
    sound = path.read_bytes()
    overwrite(path)
    is_whole, said = verify("--repair")
    assert not is_whole
    assert f"The model file of trial {model.trial.number} (file {model.path}) has changed" in said
    assert "Restore it from a backup" in said and "Digits" in said
    path.write_bytes(sound)
    assert verify()[0]


def test_orphans_are_deleted_when_they_are_old_and_data_never(search):
    orphan = storage.trials_folder() / "99" / "token" / "execution-1.keras"
    data = storage.dataset_folder("f" * 64)
    for path in (orphan, data / "x.npy"):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"left behind")
    assert verify()[0], "they may be somebody's who has just begun"
    long_ago = time.time() - 7200
    for path in (orphan, data):
        os.utime(path, (long_ago, long_ago))
    is_whole, said = verify()
    assert not is_whole and "Orphans: 2." in said
    is_whole, said = verify("--repair")
    assert not is_whole and not orphan.exists() and (data / "x.npy").exists()
    assert f"No record refers to datasets/{'f' * 64}." in said
