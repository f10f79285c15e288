"""Asking for a bundle, waiting for it, and what is told when it can't be made."""

import subprocess

import pytest

from experiments import storage
from experiments.models import Artifact, Execution
from experiments.services.bundles import bundles
from tests.searches import make_experiment


@pytest.fixture
def stored(project):
    """A trial with two executions and model files of a few bytes each."""
    from experiments.services.experiments.lifecycle import start_experiment
    from experiments.tuner.turn import take_turn
    from tests.searches import make_seat

    experiment = make_experiment(project, repeats=2, max_trials=1)
    start_experiment(experiment, by=None)
    take_turn(experiment.pk, make_seat())
    return experiment.trials.get()


def test_the_best_execution_is_bundled(stored):
    worse, better = stored.executions.all()
    Execution.objects.filter(pk=worse.pk).update(score=0.4)
    Execution.objects.filter(pk=better.pk).update(score=0.9)
    assert bundles._subject(stored).execution == better
    stored.experiment.direction = "minimize"
    assert bundles._subject(stored).execution == worse


def test_asking_twice_makes_one_job(stored, queues, django_capture_on_commit_callbacks):
    from experiments.queues import queue_length

    assert bundles.bundle_of(stored) is None
    with django_capture_on_commit_callbacks(execute=True):
        assert bundles.request_bundle(stored).state == "preparing"
        assert bundles.request_bundle(stored).state == "preparing"
    assert queue_length("short") == 1
    assert bundles.bundle_of(stored).state == "preparing"


def test_a_lost_job_is_asked_for_again(
    stored, queues, django_capture_on_commit_callbacks, monkeypatch
):
    from experiments.queues import queue_length

    with django_capture_on_commit_callbacks(execute=True):
        bundles.request_bundle(stored)
        monkeypatch.setattr(bundles, "PENDING_SECONDS", -1)
        bundles.request_bundle(stored)
    assert queue_length("short") == 2


def test_a_queue_that_is_away_is_said(stored, settings):
    settings.RQ_QUEUES = {
        name: {**options, "URL": "redis://127.0.0.1:1/0"}
        for name, options in settings.RQ_QUEUES.items()
    }
    bundle = bundles.request_bundle(stored)
    assert bundle.state == "failed" and "queue can't be reached" in bundle.message
    assert bundles.bundle_of(stored) is None


def test_a_damaged_model_fails_in_words_and_can_be_retried(
    stored, queues, django_capture_on_commit_callbacks
):
    for artifact in stored.artifacts.filter(kind=Artifact.Kind.MODEL):
        storage.absolute(artifact.path).write_bytes(b"other")
    assert bundles.make_bundle(stored.pk) is None
    failed = bundles.bundle_of(stored)
    assert failed.state == "failed" and "The model file of trial 0" in failed.message
    assert bundles.request_bundle(stored).state == "failed"
    with django_capture_on_commit_callbacks(execute=True):
        assert bundles.request_bundle(stored, again=True).state == "preparing"


@pytest.mark.training
@pytest.mark.timeout(900)
def test_a_file_that_is_no_model_fails_in_words(stored, queues):
    assert bundles.make_bundle(stored.pk) is None
    failed = bundles.bundle_of(stored)
    assert failed.state == "failed"
    assert failed.message.startswith("The model can't be exported. ")


def test_a_trial_without_a_model_has_no_bundle(stored):
    stored.artifacts.all().delete()
    with pytest.raises(bundles.NoModel):
        bundles.bundle_of(stored)


@pytest.fixture
def full_disk(stored):
    """The trial's bundles on a disk of its own that has no room left; returns what fills it."""
    folder = bundles._zip_path(bundles._subject(stored)).parent
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], check=True)
    filling = folder / "filling"
    with pytest.raises(OSError, match="No space left"), filling.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    yield filling
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.needs("mount", why="a full disk is one that the test has mounted")
def test_a_full_disk_is_told_and_nothing_half_written_is_served(
    stored, queues, full_disk, django_capture_on_commit_callbacks
):
    assert bundles.request_bundle(stored) == bundles.Bundle("failed", message=bundles.DISK_FULL)
    note = bundles._pending_note(bundles._zip_path(bundles._subject(stored)))
    full_disk.write_bytes(bytes(1_000_000))
    with django_capture_on_commit_callbacks(execute=True):
        assert bundles.request_bundle(stored).state == "preparing"
    with pytest.raises(OSError, match="No space left"), full_disk.open("ab", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    assert bundles.make_bundle(stored.pk) is None
    assert bundles.bundle_of(stored) == bundles.Bundle("failed", message=bundles.DISK_FULL)
    assert {path.name for path in note.parent.iterdir()} == {
        "filling",
        note.with_suffix(".failed").name,
    }
    full_disk.unlink()
    with django_capture_on_commit_callbacks(execute=True):
        assert bundles.request_bundle(stored, again=True).state == "preparing"


@pytest.mark.needs("mount", why="a full disk is one that the test has mounted")
def test_a_full_disk_is_told_also_where_it_stops_the_queue_too(stored, full_disk, monkeypatch):
    monkeypatch.setattr("experiments.queues.is_reachable", lambda: False)
    assert bundles.request_bundle(stored) == bundles.Bundle("failed", message=bundles.DISK_FULL)
