"""What becomes of trials whose script got an error since the chief was killed and started again."""

import pytest
from django.db import OperationalError

from experiments.chief import call_handlers
from experiments.chief.call_handlers import CallHandlers
from experiments.models import Attempt, Experiment, Trial
from experiments.services.experiments.lifecycle import stop_experiment
from experiments.services.site.invariants import broken_invariants
from experiments.services.trials.expired_leases import release_by_hand
from tests.chief.scripts import connected
from tests.outside import SPACE

pytestmark = pytest.mark.both_databases


def restart(*scripts):
    """The chief is killed: another one, that remembers nothing, and new connections."""
    handlers = CallHandlers()
    for script in scripts:
        script.handlers = handlers
        script.connect()


def outcomes(trial):
    return list(trial.attempts.order_by("number").values_list("outcome", flat=True))


def test_a_trial_given_up_over_a_broken_connection_is_given_out_again(project, owner):
    experiment, script = connected(project, owner, space=SPACE, retries=0)
    lost = script.create()
    script.update(lost, 0, val_accuracy=0.9)
    restart(script)
    script.end(lost, "INVALID")
    trial = experiment.trials.get()
    assert (trial.state, outcomes(trial)) == (Trial.State.WAITING, [Attempt.Outcome.RELEASED])
    assert "It will run again" in trial.attempts.get().message
    again = script.create()
    assert again.trial_id.startswith("0000_")
    assert lost.values.items() <= again.values.items()  # the script adds what it found on its own
    assert script.get(again).metrics == {}
    script.update(again, 0, val_accuracy=0.6)
    script.end(again)
    trial.refresh_from_db()
    assert (trial.state, trial.score) == (Trial.State.COMPLETED, 0.6)
    assert broken_invariants() == {}


def test_a_model_that_fails_still_fails_after_a_restart(project, owner):
    experiment, script = connected(project, owner, space=SPACE, retries=0)
    trial = script.create()
    restart(script)
    script.end(trial, "INVALID")
    script.end(script.create(), "INVALID")
    failed = experiment.trials.get()
    assert failed.state == Trial.State.FAILED
    assert outcomes(failed) == [Attempt.Outcome.RELEASED, Attempt.Outcome.FAILED]


def test_each_chief_that_died_excuses_one_attempt(project, owner):
    experiment, script = connected(project, owner, space=SPACE, retries=0)
    for _ in range(3):
        trial = script.create()
        restart(script)
        script.end(trial, "INVALID")
    assert outcomes(experiment.trials.get()) == [Attempt.Outcome.RELEASED] * 3
    assert script.create().trial_id.startswith("0000_")


@pytest.mark.parametrize("heard", ["update", "get"])
def test_a_script_that_was_heard_since_the_restart_has_failed_by_itself(project, owner, heard):
    experiment, script = connected(project, owner, space=SPACE, retries=0)
    trial = script.create()
    restart(script)
    if heard == "update":
        script.update(trial, 0, val_accuracy=0.5)
    else:
        script.get(trial)
    script.end(trial, "INVALID")
    assert experiment.trials.get().state == Trial.State.FAILED


def test_a_trial_that_the_script_calls_failed_has_failed(project, owner):
    experiment, script = connected(project, owner, space=SPACE)
    trial = script.create()
    restart(script)
    script.end(trial, "FAILED")
    assert experiment.trials.get().state == Trial.State.FAILED


def test_it_counts_neither_as_a_retry_nor_as_a_failure_in_a_row(project, owner):
    experiment, script = connected(project, owner, space=SPACE, retries=1, max_failures=1)
    trial = script.create()
    restart(script)
    script.end(trial, "INVALID")
    script.end(script.create(), "INVALID")
    again = script.create()
    assert again.trial_id.startswith("0000_")
    script.update(again, 0, val_accuracy=0.5)
    script.end(again)
    assert experiment.trials.get().state == Trial.State.COMPLETED


def test_a_probe_that_was_given_up_tells_its_space_once(project, owner):
    experiment, script = connected(project, owner, max_trials=2)
    probe = script.create()
    restart(script)
    script.end(probe, "INVALID")
    script.run(0.5)
    script.run(0.6)
    assert script.create().status == "STOPPED"
    assert [t.state for t in experiment.trials.order_by("number")] == ["completed"] * 2
    assert broken_invariants() == {}


def test_what_was_taken_back_or_stopped_meanwhile_stays_so(project, owner):
    experiment, one, other = connected(project, owner, space=SPACE, names=("one", "other"))
    taken, running = one.create(), other.create()
    assert release_by_hand(experiment.trials.get(number=0), by=owner)
    stop_experiment(experiment, by=owner)
    restart(one, other)
    one.end(taken, "INVALID")
    other.end(running, "INVALID")
    assert other.create().status == "STOPPED"
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.STOPPED
    assert broken_invariants() == {}


def test_it_is_given_out_again_though_the_database_was_in_trouble_at_first(
    project, owner, monkeypatch
):
    experiment, script = connected(project, owner, space=SPACE, retries=0)
    trial = script.create()
    restart(script)
    with monkeypatch.context() as locked:
        locked.setattr(call_handlers, "end_run", in_trouble)
        with pytest.raises(OperationalError):
            script.end(trial, "INVALID")
    script.end(trial, "INVALID")  # as the server does
    assert experiment.trials.get().state == Trial.State.WAITING


def in_trouble(*args, **options):
    raise OperationalError("database is locked")
