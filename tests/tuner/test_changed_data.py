"""Arrays and splits that change below a running search: it pauses, says why, and goes on once they are whole."""

import os
import shutil

import numpy as np
import pytest

from experiments import storage
from experiments.digests import sha256_of, write_sums
from experiments.models import Activity, Attempt, Experiment, Trial
from experiments.services.datasets.built_in import load_built_in
from experiments.services.datasets.cuts import training_folder
from experiments.services.experiments.data_pauses import continue_restored
from experiments.services.experiments.lifecycle import (
    create_experiment,
    resume_experiment,
    start_experiment,
    stop_experiment,
)
from experiments.services.experiments.states import NotAllowed
from experiments.services.site.invariants import broken_invariants
from experiments.tuner.orders import execution_order
from experiments.tuner.turn import take_turn
from tests.replay_pool import ReplayPool, smooth_curve
from tests.searches import make_experiment, make_plan, make_seat, run_search

pytestmark = pytest.mark.both_databases

State = Experiment.State


@pytest.fixture
def search(project, owner, queues):
    """Four trials, of which one is completed."""
    experiment = make_experiment(project, max_trials=4)
    start_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat())
    experiment.refresh_from_db()
    return experiment


def inputs_of(search):
    return storage.dataset_folder(search.dataset_version.digest) / "x.npy"


def overwrite(path):
    """Other bytes, as many as before."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


DAMAGE = {
    "overwritten": (overwrite, "has changed"),
    "truncated": (truncate, "has changed"),
    "deleted": (os.remove, "is missing"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_array_that_changed_pauses_the_search_before_another_trial_trains(
    search, damage, tmp_path
):
    path = inputs_of(search)
    backup = shutil.copy2(path, tmp_path / "backup")
    deed, words = DAMAGE[damage]
    deed(path)
    seat = make_seat()
    run_search(search, seat)

    assert search.state == State.PAUSED
    assert seat.pool.orders == [], "nothing was trained"
    assert search.state_reason.startswith("The x.npy of Tiny digits v1 (file datasets/")
    assert words in search.state_reason and "backup" in search.state_reason
    assert str(storage.data_dir()) not in search.state_reason
    assert [t.state for t in search.trials.order_by("number")] == ["completed", "waiting"]
    assert Attempt.objects.filter(outcome="failed").count() == 0
    line = Activity.objects.get(verb="experiment.data_changed")
    assert words in line.text and line.detail["file"] == storage.relative(path)

    with pytest.raises(NotAllowed, match=words):
        resume_experiment(search, by=None)
    assert continue_restored() == []
    shutil.copy2(backup, path)
    assert continue_restored() == [search.pk]
    run_search(search, seat)
    assert (search.state, search.changed_file) == (State.COMPLETED, "")
    assert search.trials.filter(state="completed").count() == 4
    assert broken_invariants() == {}


def test_a_person_resumes_it_once_the_file_is_right_again(search, owner, tmp_path):
    backup = shutil.copy2(inputs_of(search), tmp_path / "backup")
    overwrite(inputs_of(search))
    run_search(search, make_seat())
    shutil.copy2(backup, inputs_of(search))
    resume_experiment(search, by=owner)
    assert run_search(search, make_seat()).state == State.COMPLETED


def test_what_a_person_stopped_stays_stopped(search, owner, tmp_path):
    backup = shutil.copy2(inputs_of(search), tmp_path / "backup")
    overwrite(inputs_of(search))
    run_search(search, make_seat())
    stop_experiment(search, by=owner)
    shutil.copy2(backup, inputs_of(search))
    assert continue_restored() == []
    assert search.state == State.STOPPED


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_split_that_changed_pauses_the_search(search, damage):
    deed, words = DAMAGE[damage]
    deed(storage.split_file(search.split_hash))
    run_search(search, make_seat())
    assert search.state == State.PAUSED
    assert f"The split {search.split_hash[:12]}" in search.state_reason
    assert words in search.state_reason and "verify --repair" in search.state_reason


def test_of_data_from_before_there_were_sums_the_digest_is_checked(search):
    folder = inputs_of(search).parent
    (folder / "sums.json").unlink()
    take_turn(search.pk, make_seat())
    assert (folder / "sums.json").exists()
    assert search.trials.filter(state="completed").count() == 2
    (folder / "sums.json").unlink()
    overwrite(folder / "x.npy")
    run_search(search, make_seat())
    assert search.state == State.PAUSED
    assert search.dataset_version.digest[:12] in search.state_reason


def test_a_cut_that_changed_is_made_anew_from_the_arrays(search):
    cut = training_folder(search.dataset_version.digest, search.split_hash)
    assert cut.parent == storage.cuts_folder()
    sound = (cut / "x.npy").read_bytes()
    for deed in (overwrite, truncate, os.remove):
        deed(cut / "x.npy")
        take_turn(search.pk, make_seat())
        assert (cut / "x.npy").read_bytes() == sound
    assert search.trials.filter(state="completed").count() == 4


def test_a_file_is_read_again_only_when_it_changed(search, monkeypatch):
    read = []
    monkeypatch.setattr(
        "experiments.digests.sha256_of", lambda p: (read.append(p), sha256_of(p))[1]
    )
    take_turn(search.pk, make_seat())
    read.clear()
    take_turn(search.pk, make_seat())
    assert read == []
    os.utime(inputs_of(search))
    take_turn(search.pk, make_seat())
    assert read == [inputs_of(search)]


def test_a_trial_that_trains_meanwhile_waits_with_its_epochs(project, owner, queues):
    def script(order, execution):
        """The array changes while this trial trains, and another worker takes its turn."""
        if order.number == 0:
            overwrite(inputs_of(experiment))
            take_turn(experiment.pk, make_seat())
        return smooth_curve(order, execution)

    experiment = make_experiment(project, max_trials=4, parallel=2, epochs=200)
    start_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat(ReplayPool(script, seconds_per_epoch=0.02), "worker-b"))
    experiment.refresh_from_db()
    assert experiment.state == State.PAUSED and "has changed" in experiment.state_reason
    assert [trial.state for trial in experiment.trials.all()] == [Trial.State.WAITING] * 2
    assert not Attempt.objects.exclude(outcome="released").exists()


@pytest.mark.parametrize("damage", DAMAGE)
def test_from_a_checkpoint_that_changed_nothing_goes_on_in_silence(search, damage):
    trial = search.trials.get()
    execution = trial.executions.get()
    folder = storage.trial_folder(trial.pk, "token") / "checkpoint-1-2"
    folder.mkdir(parents=True)
    (folder / "arrays.npz").write_bytes(b"x" * 200)
    write_sums(folder)
    execution.checkpoint_path, execution.checkpoint_epoch = storage.relative(folder), 2
    assert execution_order(execution).epochs_done == 2
    deed, words = DAMAGE[damage]
    deed(folder / "arrays.npz")
    assert (execution_order(execution).epochs_done, execution_order(execution).checkpoint) == (
        0,
        "",
    )
    execution.refresh_from_db()
    assert "Trains from epoch 1." in execution.log and words in execution.log
    line = Activity.objects.filter(verb="trial.checkpoint_lost").first()
    assert line.text.startswith("Trial 0 trains from epoch 1. The file trials/")


@pytest.mark.django_db
def test_trained_for_real_the_ranking_is_that_of_an_undisturbed_search(
    project, owner, queues, training_pool, tmp_path
):
    version, scores = load_built_in("digits"), []
    for is_disturbed in (False, True):
        plan = make_plan(version, max_trials=3)
        experiment = create_experiment(project, plan, by=owner)
        start_experiment(experiment, by=owner)
        take_turn(experiment.pk, make_seat(training_pool))
        if is_disturbed:
            backup = shutil.copy2(inputs_of(experiment), tmp_path / "backup")
            inputs = np.load(inputs_of(experiment))
            np.save(inputs_of(experiment), np.zeros_like(inputs))
            run_search(experiment, make_seat(training_pool))
            assert experiment.state == State.PAUSED
            assert "The x.npy of Digits v1" in experiment.state_reason
            assert "which makes it anew" in experiment.state_reason
            shutil.copy2(backup, inputs_of(experiment))
            assert continue_restored() == [experiment.pk]
        run_search(experiment, make_seat(training_pool))
        assert experiment.state == State.COMPLETED
        scores.append([trial.score for trial in experiment.trials.order_by("number")])
    assert scores[0] == scores[1]
