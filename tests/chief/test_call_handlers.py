"""What scripts are answered: each of KerasTuner's traps that a chief has to know."""

import math

import pytest

from experiments.chief.call_handlers import CallHandlers
from experiments.interop.keras_tuner.message_conversion import write_space
from experiments.models import Experiment, Trial
from experiments.services.experiments.lifecycle import (
    pause_experiment,
    resume_experiment,
    stop_experiment,
)
from experiments.services.site.invariants import broken_invariants
from experiments.services.trials.expired_leases import release_by_hand
from tests.chief.scripts import KIND, RATE, UNITS, connected, names_of, only_if
from tests.outside import SPACE

pytestmark = pytest.mark.both_databases


def trial_of(experiment, number):
    return experiment.trials.get(number=number)


def test_a_script_runs_a_search_to_its_end_and_is_told_so_for_ever(project, owner):
    experiment, script = connected(project, owner, max_trials=4)
    for score in (0.5, 0.7, 0.6, 0.4):
        script.run(score, step=3)
    assert [script.create().status for _ in range(3)] == ["STOPPED"] * 3
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED
    assert [t.score for t in experiment.trials.order_by("number")] == [0.5, 0.7, 0.6, 0.4]
    assert [round(t.score, 4) for t in script.best(2)] == [0.7, 0.6]
    assert script.best(1)[0].best_step == 3
    assert experiment.best_trial.executions.get().best_epoch == 4
    assert broken_invariants() == {}


def test_the_first_trial_is_a_probe_and_others_wait_for_the_space(project, owner):
    experiment, one, other = connected(project, owner, names=("one", "other"))
    probe = one.create()
    assert (probe.entries, probe.values) == ((), {})
    assert other.create() is None
    one.update(probe, val_accuracy=0.5)
    one.end(probe)
    assert trial_of(experiment, 0).values == {"kind": "a", "lr": 1e-4}
    assert {"kind", "lr"} <= set(names_of(other.create()))
    assert [entry["config"]["name"] for entry in other.space()][-1] == "units"


def test_three_probes_without_a_space_end_the_search_and_say_why(project, owner):
    experiment, script = connected(project, owner, max_failures=10)
    for _ in range(3):
        script.end(script.create(), "INVALID", entries=())
    assert script.create().status == "STOPPED"
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.FAILED
    assert "none reported a search space" in experiment.state_reason


def test_a_trial_is_sent_its_active_entries_alone(project, owner):
    _, script = connected(project, owner, max_trials=12)
    script.run()
    seen = set()
    for _ in range(11):
        trial = script.run()
        assert set(names_of(trial)) == set(trial.values)
        assert ("units" in trial.values) == (trial.values["kind"] == "b")
        seen.add(trial.values["kind"])
    assert seen == {"a", "b"}


def test_entries_found_later_are_added_and_the_first_definition_stays(project, owner):
    experiment, script = connected(project, owner, max_trials=9)
    script.entries = (KIND, RATE)
    script.run()
    wider = {"class_name": "Float", "config": {**RATE["config"], "max_value": 9.0}}
    script.entries = (KIND, wider, UNITS)
    script.run()
    space = experiment.space_versions.order_by("-number")[0].space["hyperparameters"]
    assert {row["name"]: row.get("max") for row in space} == {"kind": None, "lr": 0.1, "units": 64}
    assert experiment.space_versions.count() == 3  # empty, the probe's, with units


def test_one_name_under_two_conditions_goes_back_as_it_came(project, owner):
    experiment, script = connected(project, owner, max_trials=12)
    small = {"class_name": "Int", "config": {**UNITS["config"], "max_value": 8}}
    small["config"]["conditions"] = only_if("kind", "a")
    script.entries = (KIND, small, UNITS)
    for _ in range(12):
        trial = script.run()
        units = [e for e in trial.entries if e["config"]["name"] == "units"]
        kinds = [e["config"]["conditions"][0]["config"]["values"] for e in units]
        assert kinds == ([[trial.values["kind"]]] if trial.values else [])
    names = [row["name"] for row in experiment.space_versions.last().space["hyperparameters"]]
    assert names == ["kind", "units"]


def test_what_people_changed_in_the_space_stays(project, owner):
    experiment, script = connected(project, owner, space=SPACE, max_trials=6)
    script.entries = (RATE, UNITS, KIND)
    first = script.run()
    assert set(first.values) == {"lr", "units"}
    rows = experiment.space_versions.order_by("-number")[0].space["hyperparameters"]
    assert [(r["name"], r.get("max")) for r in rows][:2] == [("lr", 1.0), ("units", 128)]


def test_names_that_a_space_cannot_have_are_the_scripts_own_on_the_wire(project, owner):
    _, script = connected(project, owner)
    odd = {"class_name": "Int", "config": {"name": "n layers!", "min_value": 1, "max_value": 5}}
    script.entries = (odd,)
    script.run()
    assert set(script.create().values) == {"n layers!"}


def test_the_same_name_gets_its_open_trial_again_without_its_old_metrics(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    trial = script.create()
    script.update(trial, 0, val_accuracy=0.9)
    script.connect()
    again = script.create()
    assert (again.trial_id, again.values) == (trial.trial_id, trial.values)
    assert script.get(again).metrics == {}
    script.update(again, 0, val_accuracy=0.4)
    script.end(again)
    assert trial_of(experiment, 0).score == 0.4


def test_a_restarted_chief_knows_trials_by_their_ids(project, owner):
    experiment, script = connected(project, owner, space=SPACE, max_trials=2)
    trial = script.create()
    script.handlers = CallHandlers()
    script.connect()
    script.update(trial, 0, val_accuracy=0.4)
    script.end(trial)
    assert trial_of(experiment, 0).score == 0.4
    assert [round(t.score, 4) for t in script.best()] == [0.4]  # the id said whose it is


def test_a_retry_does_not_see_the_metrics_of_the_try_before(project, owner):
    experiment, script = connected(project, owner, space=SPACE, retries=2)
    trial = script.create()
    script.update(trial, 0, val_accuracy=math.nan)
    script.end(trial, "INVALID")
    again = script.create()
    assert trial.values.items() <= again.values.items()
    assert script.get(again).metrics == {}
    script.update(again, 0, val_accuracy=0.8)
    script.end(again)
    assert (trial_of(experiment, 0).state, trial_of(experiment, 0).score) == ("completed", 0.8)


@pytest.mark.parametrize(("retries", "tries"), [(0, 1), (1, 2), (4, 5)])
def test_invalid_trials_are_tried_again_as_often_as_the_experiment_says(
    project, owner, retries, tries
):
    experiment, script = connected(project, owner, space=SPACE, retries=retries)
    for _ in range(tries):
        trial = script.create()
        assert trial.trial_id.startswith("0000_")
        script.end(trial, "INVALID")
    failed = trial_of(experiment, 0)
    assert failed.state == Trial.State.FAILED
    assert "does not transmit the traceback" in failed.failure_message
    assert script.create().trial_id.startswith("0001_")


def test_failed_trials_are_never_tried_again(project, owner):
    experiment, script = connected(project, owner, space=SPACE, retries=5)
    script.end(script.create(), "FAILED")
    assert trial_of(experiment, 0).state == Trial.State.FAILED


def test_failures_in_a_row_stop_the_search_and_no_script_is_told_an_error(project, owner):
    experiment, script = connected(project, owner, space=SPACE, max_failures=3)
    for _ in range(3):
        script.end(script.create(), "FAILED")
    assert script.create().status == "STOPPED"
    experiment.refresh_from_db()
    assert "3 trials failed in a row" in experiment.state_reason


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_an_objective_that_is_no_number_has_failed(project, owner, value):
    experiment, script = connected(project, owner, space=SPACE)
    script.run(value)
    assert trial_of(experiment, 0).state == Trial.State.FAILED
    assert trial_of(experiment, 0).failure_kind == "nan"
    assert script.best() == []


def test_scores_keep_all_their_digits(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    script.run(0.2257989302)
    assert trial_of(experiment, 0).score == 0.2257989302


def test_steps_are_a_curve_and_the_best_of_their_means_counts(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    trial = script.create()
    for step, value in enumerate((0.1, math.nan, 0.8, 0.3)):
        script.update(trial, step, val_accuracy=value, loss=1.0 - step / 10)
        assert trial_of(experiment, 0).epochs == (0 if step == 0 else step + 1)  # live
    script.update(trial, 2, val_accuracy=0.6)
    script.end(trial)
    ended = trial_of(experiment, 0)
    assert ended.score == pytest.approx(0.7)
    assert ended.metrics["loss"] == 0.8
    curve = ended.executions.get().history["val_accuracy"]
    assert curve == [0.1, None, 0.8, 0.3]
    assert script.best()[0].best_step == 2


def test_one_report_is_a_result_and_no_curve(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    script.run(0.5, step=7)
    assert trial_of(experiment, 0).executions.get().history == {}
    assert script.best()[0].best_step == 7


def test_an_end_that_is_told_twice_is_told_once(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    trial = script.run()
    script.end(trial)
    script.end(trial, "INVALID")
    assert trial_of(experiment, 0).state == Trial.State.COMPLETED


def test_a_script_whose_trial_was_released_goes_on_and_changes_nothing(project, owner):
    experiment, one, other = connected(project, owner, space=SPACE, names=("one", "other"))
    trial = one.create()
    assert release_by_hand(trial_of(experiment, 0), by=owner)
    taken = other.create()
    assert taken.values == trial.values and taken.trial_id != trial.trial_id
    one.update(trial, 0, val_accuracy=0.1)
    one.end(trial)
    other.update(taken, 0, val_accuracy=0.6)
    other.end(taken)
    assert trial_of(experiment, 0).score == 0.6
    assert one.create().trial_id.startswith("0001_")


def test_pause_and_stop_act_between_trials(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    trial = script.create()
    pause_experiment(experiment, by=owner)
    assert script.update(trial, 0, val_accuracy=0.5).status == "RUNNING"
    script.end(trial)
    assert script.create() is None
    resume_experiment(experiment, by=owner)
    trial = script.create()
    stop_experiment(experiment, by=owner)
    script.update(trial, 0, val_accuracy=0.6)
    script.end(trial)
    assert script.create().status == "STOPPED"
    assert round(script.best(1)[0].score, 4) == 0.6


def test_values_that_no_entry_declares_come_back_but_are_no_hyperparameters(project, owner):
    experiment, script = connected(project, owner, space=SPACE, epochs=9)
    trial = script.create()
    assert (trial.values["tuner/epochs"], trial.values["tuner/initial_epoch"]) == (9, 0)
    assert "tuner/trial_id" not in trial.values
    script.update(trial, 0, val_accuracy=0.5)
    script.end(trial)
    assert set(trial_of(experiment, 0).values) == {"lr", "units"}
    assert script.best()[0].values["tuner/epochs"] == 9


def test_a_race_begins_with_few_epochs_and_the_best_go_on(project, owner):
    plan = {"epochs": 9, "races": True, "max_trials": 12, "sampler": "random"}
    experiment, script = connected(project, owner, space=SPACE, **plan)
    given = []
    while (trial := script.create()).status == "RUNNING":
        given.append((trial.trial_id[:4], trial.values["tuner/epochs"]))
        assert trial.values["tuner/initial_epoch"] == 0
        assert script.get(trial).metrics == {}
        script.update(trial, 0, val_accuracy=trial.values["units"] / 128)
        script.end(trial)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED
    by_trial = {}
    for number, epochs in given:
        by_trial.setdefault(number, []).append(epochs)
    assert len(by_trial) == 12
    assert all(each == sorted(set(each)) for each in by_trial.values())
    assert {each[0] for each in by_trial.values()} == {1, 3, 9}
    states = {t.number: t.state for t in experiment.trials.all()}
    whole = {int(number) for number, each in by_trial.items() if each[-1] == 9}
    assert {number for number, state in states.items() if state == "completed"} == whole
    assert set(states.values()) == {"completed", "pruned"}
    for trial in experiment.trials.filter(state="completed"):
        (curve,) = trial.executions.get().history.values()
        ends = [epoch for epoch, value in enumerate(curve, start=1) if value is not None]
        assert trial.epochs == len(curve) == 9
        assert ends == by_trial[f"{trial.number:04d}"]
    assert broken_invariants() == {}


def test_what_is_declared_before_the_first_trial_needs_no_probe(project, owner):
    _, script = connected(project, owner)
    script.handlers.update_space(write_space((KIND, RATE, UNITS), {}), script.peer)
    assert {"kind", "lr"} <= set(script.create().values)
