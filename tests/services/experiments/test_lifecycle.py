"""Experiments as people make, start, pause, stop and edit them."""

import numpy as np
import pytest

from experiments import storage
from experiments.models import Activity, Experiment, HyperModelVersion, Project, Trial
from experiments.services.experiments import lifecycle as services
from experiments.services.experiments.edits import StaleEdit, edit_experiment
from experiments.services.experiments.lifecycle import NotAllowed
from experiments.tuner.turn import take_turn
from tests.searches import SCHEMA, make_dataset, make_experiment, make_plan, make_seat

pytestmark = pytest.mark.both_databases

State = Experiment.State


def test_a_new_experiment_has_its_space_split_and_hypermodel(project, editor):
    version = make_dataset()
    experiment = services.create_experiment(project, make_plan(version), by=editor)
    assert experiment.state == State.DRAFT
    assert experiment.space_versions.get().number == 1
    assert experiment.plan["name"] == experiment.name == "Digits"
    rows = np.load(storage.split_file(experiment.split_hash))
    locked = np.load(storage.locked_rows_file(experiment.split_hash))
    everything = np.concatenate([rows["train_0"], rows["validation_0"], locked])
    assert sorted(everything) == list(range(SCHEMA.rows))
    assert Activity.objects.get(verb="experiment.created").user == editor


def test_equal_recipes_share_a_version_and_equal_seeds_a_split(project):
    first, second = make_experiment(project), make_experiment(project)
    assert first.hypermodel_version == second.hypermodel_version
    assert first.split_hash == second.split_hash
    assert HyperModelVersion.objects.count() == 1


def test_data_of_another_project_cannot_be_used(project):
    other = Project.objects.create(slug="other", name="Other")
    version = make_dataset(other)
    with pytest.raises(NotAllowed, match="isn't in the project"):
        services.create_experiment(project, make_plan(version), by=None)
    assert not Experiment.objects.exists()


def test_data_that_is_still_prepared_cannot_be_used(project):
    version = make_dataset(project)
    type(version).objects.update(state="preparing")
    with pytest.raises(NotAllowed, match="isn't ready"):
        services.create_experiment(project, make_plan(version), by=None)


def test_it_starts_once(project, owner):
    experiment = make_experiment(project)
    stale = Experiment.objects.get(pk=experiment.pk)
    services.start_experiment(experiment, by=owner)
    with pytest.raises(NotAllowed, match="already queued"):
        services.start_experiment(stale, by=owner)
    assert Activity.objects.filter(verb="experiment.started").count() == 1


def test_one_whose_data_are_missing_does_not_start(project, owner):
    experiment = make_experiment(project)
    storage.split_file(experiment.split_hash).unlink()
    with pytest.raises(NotAllowed, match=experiment.split_hash[:12]):
        services.start_experiment(experiment, by=owner)
    experiment.refresh_from_db()
    assert experiment.state == State.DRAFT


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("pause_experiment", "A draft experiment can't be paused."),
        ("stop_experiment", "A draft experiment can't be stopped."),
        ("resume_experiment", "A draft can't be resumed. Start it."),
    ],
)
def test_a_refusal_says_what_state_forbids_it(project, owner, action, words):
    with pytest.raises(NotAllowed) as refusal:
        getattr(services, action)(make_experiment(project), by=owner)
    assert str(refusal.value) == words


def test_without_a_running_trial_a_pause_and_a_stop_are_there_at_once(project, owner):
    experiment = make_experiment(project)
    services.start_experiment(experiment, by=owner)
    services.pause_experiment(experiment, by=owner)
    assert experiment.state == State.PAUSED
    services.resume_experiment(experiment, by=owner)
    assert experiment.state == State.QUEUED
    services.stop_experiment(experiment, by=owner)
    assert experiment.state == State.STOPPED
    assert experiment.state_reason == "Stopped manually."
    services.resume_experiment(experiment, by=owner)
    assert (experiment.state, experiment.ended) == (State.QUEUED, None)


def test_time_in_a_pause_is_not_counted(project, owner):
    experiment = make_experiment(project)
    services.start_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat())
    services.pause_experiment(experiment, by=owner)
    assert experiment.resumed is None
    used = experiment.seconds_used
    services.resume_experiment(experiment, by=owner)
    assert experiment.seconds_used == used > 0


def test_the_second_of_two_edits_is_stale_and_changes_nothing(project, owner):
    experiment = make_experiment(project)
    edit_experiment(experiment, revision=1, by=owner, name="First", tags=["a"])
    with pytest.raises(StaleEdit) as stale:
        edit_experiment(experiment, revision=1, by=owner, name="Second")
    assert stale.value.current.name == "First"
    activity = Activity.objects.get(verb="experiment.edited")
    assert activity.text == "Changed name from Digits to First; tags"
    assert activity.detail["changes"] == [
        {"name": "name", "before": "Digits", "after": "First"},
        {"name": "tags", "before": [], "after": ["a"]},
    ]


def test_a_budget_is_never_below_the_trials_that_were_made(project, owner):
    experiment = make_experiment(project)
    services.start_experiment(experiment, by=owner)
    for _ in range(2):
        take_turn(experiment.pk, make_seat())
    edit_experiment(experiment, revision=1, by=owner, max_trials=1)
    assert experiment.max_trials == 2
    take_turn(experiment.pk, make_seat())
    experiment.refresh_from_db()
    assert experiment.state == State.COMPLETED
    assert experiment.trials.count() == 2


def test_a_stop_also_ends_trials_that_wait(project, owner):
    experiment = make_experiment(project)
    services.start_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat())
    trial = experiment.trials.get()
    Trial.objects.filter(pk=trial.pk).update(state="waiting", score=None)
    services.stop_experiment(experiment, by=owner)
    trial.refresh_from_db()
    assert trial.state == Trial.State.STOPPED


def test_a_running_experiment_is_not_archived(project, owner):
    experiment = make_experiment(project)
    services.start_experiment(experiment, by=owner)
    with pytest.raises(NotAllowed, match="Stop the experiment"):
        services.archive_experiment(experiment, by=owner)
    services.stop_experiment(experiment, by=owner)
    services.archive_experiment(experiment, by=owner)
    assert experiment.archived


def test_every_change_raises_the_event_serial(project, owner):
    experiment = make_experiment(project)
    seen = [experiment.event_serial]
    for step in ("start", "pause", "resume", "stop"):
        getattr(services, f"{step}_experiment")(experiment, by=owner)
        experiment.refresh_from_db()
        seen.append(experiment.event_serial)
    assert seen == sorted(set(seen))


def test_a_pause_that_comes_with_the_last_trials_end_completes_the_search(project, owner):
    experiment = make_experiment(project, max_trials=1)
    services.start_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat())
    Experiment.objects.update(state="running")
    services.pause_experiment(experiment, by=owner)
    assert experiment.state == State.COMPLETED
    assert experiment.state_reason == "The budget of 1 trial is used up."


def test_a_search_whose_budget_was_lowered_in_a_pause_ends_when_resumed(project, owner):
    experiment = make_experiment(project, max_trials=5)
    services.start_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat())
    services.pause_experiment(experiment, by=owner)
    edit_experiment(experiment, revision=1, by=owner, max_trials=1)
    services.resume_experiment(experiment, by=owner)
    take_turn(experiment.pk, make_seat())
    experiment.refresh_from_db()
    assert experiment.state == State.COMPLETED
