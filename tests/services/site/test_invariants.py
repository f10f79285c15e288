"""Each invariant holds after a search, and names the row when it is broken."""

import os
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.utils import timezone

from experiments import storage
from experiments.models import Activity, Artifact, Attempt, Execution, Experiment, Trial
from experiments.services.experiments.edits import edit_experiment
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.experiments.states import request_turns
from experiments.services.site.invariants import broken_invariants
from experiments.services.site.sweep import sweep_files
from experiments.tuner.turn import take_turn
from tests.searches import make_experiment, make_seat

pytestmark = pytest.mark.both_databases


@pytest.fixture
def finished(project, owner, queues):
    experiment = make_experiment(project, max_trials=2, repeats=2)
    start_experiment(experiment, by=owner)
    for _ in range(2):
        take_turn(experiment.pk, make_seat())
    return experiment


def test_all_hold_after_a_search(finished):
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue().count("ok") == 9


LONG_AGO = "2020-01-01T00:00:00Z"


def stand_still():
    """A search with work left in which nothing has happened for years."""
    Experiment.objects.update(state="running", max_trials=9, resumed=LONG_AGO)
    Attempt.objects.update(ended=LONG_AGO)
    Activity.objects.update(created=LONG_AGO)


BREAKS = {
    "I1": lambda: Attempt.objects.filter(pk=Attempt.objects.first().pk).update(ended=None),
    "I2": lambda: Trial.objects.filter(number=0).update(score=None),
    "I3": lambda: Experiment.objects.update(max_trials=1),
    "I4": lambda: Trial.objects.filter(number=0).update(
        state="running", token=os.urandom(16).hex(), lease_until="2020-01-01T00:00:00Z"
    ),
    "I5": lambda: stand_still(),
    "I6": lambda: Execution.objects.filter(pk=Execution.objects.first().pk).update(epochs=7),
    "I7": lambda: storage.absolute(Artifact.objects.first().path).write_bytes(b"something else"),
    "I9": lambda: Activity.objects.filter(verb="trial.completed").first().delete(),
}


I9 = {
    "an ended search without its line": lambda: Activity.objects.filter(
        verb="experiment.completed"
    ).delete(),
    "a line of another experiment": lambda: Activity.objects.filter(verb="trial.completed").update(
        experiment=None
    ),
    "a serial behind a trial's": lambda: Experiment.objects.update(event_serial=1),
}


@pytest.mark.parametrize("name", I9)
def test_a_gap_in_the_log_is_named(finished, name):
    I9[name]()
    assert list(broken_invariants()) == ["I9"]


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_one_is_named_with_its_row(finished, name):
    BREAKS[name]()
    broken = broken_invariants()
    assert broken[name]
    with pytest.raises(SystemExit) as exit_:
        call_command("check_invariants", stdout=StringIO())
    assert exit_.value.code == 1


def test_a_search_that_stands_still_is_named_however_often_its_notes_are_edited(finished, owner):
    stand_still()
    finished.refresh_from_db()
    edit_experiment(finished, revision=finished.revision, by=owner, notes="Why is it so slow?")
    assert finished.updated > timezone.now() - timedelta(seconds=60)
    assert list(broken_invariants()) == ["I5"]


@pytest.mark.parametrize("what", ["a turn ended", "a turn began", "it was resumed"])
def test_a_search_that_moved_a_moment_ago_is_not_named(finished, what):
    stand_still()
    if what == "a turn ended":
        Attempt.objects.filter(pk=Attempt.objects.first().pk).update(ended=Now())
    elif what == "a turn began":
        Experiment.objects.update(resumed=Now())
    else:
        Activity.objects.filter(verb="experiment.started").update(created=Now())
    assert broken_invariants() == {}


def test_a_search_whose_turn_waits_in_the_queue_is_not_named(
    finished, django_capture_on_commit_callbacks
):
    stand_still()
    with django_capture_on_commit_callbacks(execute=True):
        request_turns(finished.pk)
    assert broken_invariants() == {}


def test_a_child_that_outlives_its_attempt_is_named(finished, monkeypatch):
    import socket
    import subprocess
    import sys

    script = "import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, "experiments.training.child.host"]) as p:
        time.sleep(0.1)
        soon = timezone.now() + timezone.timedelta(seconds=4)
        Attempt.objects.filter(pk=Attempt.objects.first().pk).update(
            child_pid=p.pid, worker=f"trials-{socket.gethostname()}-1", ended=soon
        )
        monkeypatch.setattr("experiments.services.site.invariants.ENDING_SECONDS", -5.0)
        assert list(broken_invariants()) == ["I8"]
        p.kill()


def test_old_orphans_are_swept_and_models_stay(finished):
    model = storage.absolute(Artifact.objects.first().path)
    orphan = storage.trials_folder() / "99" / "token" / "execution-1.keras"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"left behind")
    long_ago = time.time() - 7200
    for path in (model, orphan):
        os.utime(path, (long_ago, long_ago))
    assert list(broken_invariants()) == ["I7"]
    assert sweep_files() == [orphan]
    assert model.exists() and not orphan.exists()
    assert broken_invariants() == {}


def test_half_written_splits_and_arrays_are_swept_when_they_are_old(finished):
    data = storage.data_dir()
    old, fresh = data / "splits" / ".partial-old", data / "splits" / ".partial-fresh"
    staging = data / "datasets" / ".staging-old"
    for path in (old, fresh):
        path.write_bytes(b"half")
    (staging / "main").mkdir(parents=True)
    long_ago = time.time() - 7200
    for path in (old, staging):
        os.utime(path, (long_ago, long_ago))
    assert set(sweep_files()) == {old, staging}
    assert fresh.exists() and not staging.exists()
