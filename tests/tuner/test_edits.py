"""A search that is edited while it runs: the next question follows the edit, and so does the replay."""

import pytest
from django.db import transaction

from experiments.models import Activity, Experiment, Trial
from experiments.reports.sampling.replay import replay
from experiments.search.problems import SpaceError
from experiments.search.space.changes import SearchSettings
from experiments.search.space.space import Space
from experiments.search.strategies.registry import SAMPLERS
from experiments.services.experiments.edits import StaleEdit, edit_experiment
from experiments.services.experiments.lifecycle import (
    pause_experiment,
    resume_experiment,
    start_experiment,
)
from experiments.services.trials.expired_leases import release_by_hand
from experiments.services.trials.lifecycle import LookAgain, add_trial, claim_trial, requeue_trial
from experiments.tuner.turn import propose, take_turn
from tests.examples import replan
from tests.replay_pool import ReplayPool
from tests.searches import make_experiment, make_seat, run_search


def space_of(experiment):
    return Space.from_dict(experiment.space_versions.order_by("-number")[0].space)


def settings_with(experiment, *, drop=(), constraints=(), sampler="", pruner="", **rows):
    """The search's settings with fields of rows replaced."""
    space = space_of(experiment).to_dict()
    for row in space["hyperparameters"]:
        row.update(rows.get(row["name"], {}))
    space["hyperparameters"] = [row for row in space["hyperparameters"] if row["name"] not in drop]
    space["constraints"] += constraints
    return SearchSettings(
        Space.from_dict(space),
        sampler or experiment.sampler,
        {} if sampler else experiment.sampler_options,
        pruner or experiment.pruner,
        {} if pruner else experiment.pruner_options,
    )


def edit(experiment, by, **changes):
    experiment.refresh_from_db()
    search = settings_with(experiment, **changes)
    edit_experiment(experiment, revision=experiment.revision, by=by, search=search)


def fixed(value):
    return {"type": "fixed", "value": value, "default": None}


@pytest.fixture
def search(project, owner, queues):
    experiment = make_experiment(project, max_trials=9, parallel=1)
    start_experiment(experiment, by=owner)
    return experiment


def test_the_next_ask_follows_an_edit_and_the_replay_is_equal(search, owner):
    seat = make_seat()
    for _ in range(3):
        take_turn(search.pk, seat)
    edit(search, owner, units={"min": 32, "max": 64, "default": None})
    for _ in range(2):
        take_turn(search.pk, seat)
    edit(search, owner, units=fixed(64), constraints=("dropout < 0.3",), sampler="bayesian")
    run_search(search, seat)
    trials = list(search.trials.order_by("number").select_related("space_version"))
    assert [t.space_version.number for t in trials] == [1, 1, 1, 2, 2, 3, 3, 3, 3]
    assert all(t.state == "completed" for t in trials)
    assert all(32 <= t.values["units"] <= 64 for t in trials[3:5])
    assert all(t.values["units"] == 64 for t in trials[5:])
    assert all(t.values["dropout"] < 0.3 for t in trials[5:])
    found = replay(search)
    assert (found.repeated, found.equal, found.first) == (9, 9, None)


@pytest.mark.parametrize("sampler", ["auto", "random_forest", "tpe", "grid", "evolution"])
def test_each_kind_of_sampler_goes_on_from_older_trials(search, owner, sampler):
    seat = make_seat()
    for _ in range(4):
        take_turn(search.pk, seat)
    assert sampler in SAMPLERS
    edit(search, owner, units={"min": 32, "max": 96, "default": None}, sampler=sampler)
    run_search(search, seat)
    search.refresh_from_db()
    assert search.state == "completed" and search.trials.count() == 9
    assert all(t.values["units"] <= 96 for t in search.trials.filter(number__gte=4))
    assert replay(search).is_equal


def test_a_hyperparameter_joins_with_a_default_for_the_older_trials(project, owner, queues):
    experiment = make_experiment(project, max_trials=6)
    version = experiment.space_versions.get()
    whole = version.space
    rows = [row for row in whole["hyperparameters"] if row["name"] != "dropout"]
    version.space = whole | {"hyperparameters": rows}
    version.save()
    start_experiment(experiment, by=owner)
    seat = make_seat()
    for _ in range(3):
        take_turn(experiment.pk, seat)
    assert "dropout" not in experiment.trials.first().values
    joined = {"name": "dropout", "type": "float", "min": 0.0, "max": 0.5, "default": 0.2}
    space = Space.from_dict(whole | {"hyperparameters": [*rows, joined]})
    sent = SearchSettings(space, "bayesian", {}, "none", {})
    edit_experiment(experiment, revision=1, by=owner, search=sent)
    history = propose(experiment).saw
    assert history["settled"] == 3
    run_search(experiment, seat)
    assert experiment.space_versions.get(number=2).counted_as == {"dropout": 0.2}
    assert "dropout" not in experiment.trials.get(number=0).values
    assert "dropout" in experiment.trials.get(number=5).values
    assert replay(experiment).is_equal


def test_a_proposal_from_before_an_edit_is_thrown_away(search, owner):
    take_turn(search.pk, make_seat())
    search.refresh_from_db()
    late = propose(search)
    edit(search, owner, units=fixed(64))
    with pytest.raises(LookAgain):
        add_trial(search.pk, late)
    run_search(search, make_seat())
    assert all(t.values["units"] == 64 for t in search.trials.filter(number__gte=1))


def test_trials_outside_run_on_wait_no_more_and_may_be_put_back(search, owner):
    class Edits(ReplayPool):
        """While the first trial runs, the space moves away from it."""

        def run(self, order):
            if order.number == 0:
                values = Trial.objects.get(number=0).values
                away = next(n for n in (32, 64) if n != values["units"])
                edit(search, owner, units=fixed(away))
            return super().run(order)

    take_turn(search.pk, make_seat(Edits()))
    first = search.trials.get(number=0)
    assert first.state == "completed"
    take_turn(search.pk, make_seat())
    second = search.trials.get(number=1)
    Trial.objects.filter(pk=second.pk).update(state="waiting", score=None)
    second.executions.update(state="waiting")
    edit(search, owner, constraints=(f"units != {second.values['units']}",), units={
        "type": "int", "min": 32, "max": 512, "step": 32, "scale": "linear", "value": None,
    })  # fmt: skip
    second.refresh_from_db()
    assert second.state == "stopped"
    assert second.failure_message == "Outside the search space of version 3."
    line = Activity.objects.filter(verb="experiment.edited").first()
    assert line.detail["thrown_back"] == "1 waiting trial"
    requeue_trial(second, by=owner)
    run_search(search, make_seat())
    second.refresh_from_db()
    assert second.state == "completed"
    assert replay(search).is_equal


def test_a_worker_killed_around_an_edit_costs_no_trial_and_no_equality(search, owner):
    trial = add_trial(search.pk, propose(search))
    with transaction.atomic():
        claim_trial(trial, worker="killed")
    edit(search, owner, units=fixed(64 if trial.values["units"] != 64 else 32))
    assert release_by_hand(trial, by=owner)  # as the reaper does when its lease runs out
    run_search(search, make_seat())
    search.refresh_from_db()
    assert search.state == "completed"
    assert {t.state for t in search.trials.all()} == {"completed"}
    assert search.trials.get(number=0).attempts.count() == 2
    assert replay(search).is_equal


def test_an_edit_in_a_pause_and_under_asha_is_taken_up(project, owner, queues):
    experiment = make_experiment(project, epochs=9, max_trials=10, parallel=2)
    Experiment.objects.filter(pk=experiment.pk).update(pruner="asha")
    replan(experiment, pruner_options={"levels": 2})
    start_experiment(experiment, by=owner)
    for _ in range(6):
        take_turn(experiment.pk, make_seat())
    paused = experiment.trials.filter(state="paused").count()
    assert paused
    pause_experiment(experiment, by=owner)
    widest = max(t.values["units"] for t in experiment.trials.filter(state="paused"))
    edit(experiment, owner, units={"max": max(32, widest - 32), "default": None})
    assert experiment.trials.filter(state="stopped").exists()
    resume_experiment(experiment, by=owner)
    run_search(experiment, make_seat(), turns=60)
    assert experiment.state == "completed"
    assert not experiment.trials.filter(
        number__gte=6, values__units__gt=max(32, widest - 32)
    ).exists()
    assert replay(experiment).is_equal


def test_a_changed_pruner_takes_over_trials_at_rungs(project, owner, queues):
    experiment = make_experiment(project, epochs=9, max_trials=8, parallel=1)
    Experiment.objects.filter(pk=experiment.pk).update(pruner="asha")
    replan(experiment, pruner_options={})
    start_experiment(experiment, by=owner)
    for pruner in ("hyperband", "median", "none"):
        for _ in range(2):
            take_turn(experiment.pk, make_seat())
        edit(experiment, owner, pruner=pruner)
    run_search(experiment, make_seat(), turns=60)
    assert experiment.state == "completed"
    assert not experiment.trials.filter(state__in=["paused", "waiting", "running"]).exists()
    assert replay(experiment).is_equal


def test_two_edits_at_once_are_one_edit_and_one_conflict(search, owner, editor):
    search.refresh_from_db()
    sent = settings_with(search, units=fixed(64))
    edit_experiment(search, revision=search.revision, by=owner, search=sent)
    with pytest.raises(StaleEdit):
        edit_experiment(search, revision=search.revision - 1, by=editor, search=sent)
    assert search.space_versions.count() == 2


def test_what_fails_saves_nothing_at_all(search, owner):
    before = Experiment.objects.get(pk=search.pk)
    with pytest.raises(SpaceError):
        sent = settings_with(before, drop=("units",))
        edit_experiment(before, revision=before.revision, by=owner, search=sent, name="New")
    after = Experiment.objects.get(pk=search.pk)
    assert (after.name, after.revision) == (before.name, before.revision)
    assert not Activity.objects.filter(verb="experiment.edited").exists()


def test_a_clone_begins_from_the_edited_plan(search, owner):
    edit(search, owner, units=fixed(64), sampler="tpe")
    edit_experiment(search, revision=search.revision, by=owner, parallel=3)
    plan = Experiment.objects.get(pk=search.pk).plan
    units = next(row for row in plan["space"]["hyperparameters"] if row["name"] == "units")
    assert (units["value"], plan["sampler"], plan["budget"]["parallel"]) == (64, "tpe", 3)
