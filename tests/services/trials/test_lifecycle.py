"""Claims, leases and fencing, as races between stale instances."""

import uuid
from dataclasses import replace

import pytest
from django.db import transaction

from experiments.models import Attempt, Experiment, Trial
from experiments.models.trial import FailureKind
from experiments.services.experiments.lifecycle import start_experiment, stop_experiment
from experiments.services.experiments.states import NotAllowed
from experiments.services.trials import executions, lifecycle
from experiments.services.trials.leases import AlreadyClaimed, Fenced, claim_trial, renew_lease
from experiments.services.trials.lifecycle import LookAgain, Proposal, SlotsTaken
from experiments.tuner.turn import propose, take_turn
from tests.replay_pool import ReplayPool, smooth_curve
from tests.searches import make_experiment, make_seat

pytestmark = pytest.mark.both_databases


@pytest.fixture
def experiment(project, owner):
    experiment = make_experiment(project, max_trials=3, parallel=2)
    start_experiment(experiment, by=owner)
    return experiment


@pytest.fixture
def trial(experiment):
    return lifecycle.add_trial(experiment.pk, propose(experiment))


def claim(trial, worker="a"):
    with transaction.atomic():
        return claim_trial(trial, worker=worker)


def checksum(trial):
    rows = list(Trial.objects.values().filter(pk=trial.pk))
    return rows, list(trial.executions.values()), list(trial.attempts.values())


def test_only_one_of_two_workers_claims_a_trial(trial):
    stale = Trial.objects.get(pk=trial.pk)
    claim(trial)
    with pytest.raises(AlreadyClaimed):
        claim(stale, "b")
    stale.refresh_from_db()
    assert stale.worker == "a"
    assert stale.attempts.count() == 1


def test_f23_a_stale_token_writes_nothing_at_all(trial):
    old = claim(trial)
    lifecycle.release_trial(old, "for the test.")
    new = claim(trial, "b")
    before = checksum(trial)
    update = executions.Update(trial.executions.get().pk, {"loss": [1.0]}, 1, 1.0, "line")
    writes = [
        lambda: renew_lease(old),
        lambda: executions.record_epochs(old, [update]),
        lambda: executions.record_child(old, 1, {}),
        lambda: executions.start_execution(old, update.execution, epochs_done=0, device=""),
        lambda: lifecycle.fail_trial(old, FailureKind.KILLED, "gone."),
        lambda: lifecycle.release_trial(old, "again."),
        lambda: lifecycle.end_early(old, Trial.State.STOPPED, "no."),
    ]
    for write in writes:
        with pytest.raises(Fenced):
            write()
    assert checksum(trial) == before
    renew_lease(new)


def test_a_forged_token_is_fenced(trial):
    lease = replace(claim(trial), token=uuid.uuid4())
    with pytest.raises(Fenced):
        renew_lease(lease)


def test_two_turns_with_the_same_number_add_one_trial(experiment):
    first, second = propose(experiment), propose(experiment)
    assert first == second
    lifecycle.add_trial(experiment.pk, first)
    with pytest.raises(LookAgain):
        lifecycle.add_trial(experiment.pk, second)
    assert experiment.trials.count() == 1


def test_a_waiting_trial_goes_before_a_new_one(experiment, trial):
    with pytest.raises(LookAgain):
        lifecycle.add_trial(experiment.pk, replace(propose(experiment), number=1))


def test_the_budget_holds_whatever_turns_ask(experiment):
    for number in range(3):
        proposal = Proposal(number, experiment.space_versions.get().pk, {"units": 1}, "k")
        added = lifecycle.add_trial(experiment.pk, proposal)
        Trial.objects.filter(pk=added.pk).update(state=Trial.State.COMPLETED)
    with pytest.raises(lifecycle.BudgetSpent):
        lifecycle.add_trial(experiment.pk, replace(proposal, number=3))


def test_f22_double_delivery_never_fills_more_than_the_slots(project, owner):
    experiment = make_experiment(project, max_trials=6, parallel=2)
    start_experiment(experiment, by=owner)
    most = []

    class Nested(ReplayPool):
        """Delivers the same turn again while a trial runs."""

        def run(self, order):
            depth.append(order)
            most.append(Trial.objects.filter(state=Trial.State.RUNNING).count())
            if len(depth) < 5:
                take_turn(experiment.pk, make_seat(self, name=f"worker-{len(depth)}"))
            depth.pop()
            return super().run(order)

    depth: list[object] = []
    for _ in range(6):
        take_turn(experiment.pk, make_seat(Nested()))
    assert max(most) == 2
    keys = list(experiment.trials.values_list("values_key", flat=True))
    assert len(keys) == len(set(keys)) == 6
    assert Attempt.objects.count() == 6


def test_a_stop_that_races_the_finish_leaves_one_terminal_state(project, owner):
    """F24, at every message of a trial instead of at random: each interleaving once."""
    outcomes = set()
    for moment in range(8):
        experiment = make_experiment(project, max_trials=1)
        start_experiment(experiment, by=owner)
        pool = Interrupted(moment, lambda e=experiment: stop_experiment(e, by=owner))
        take_turn(experiment.pk, make_seat(pool))
        experiment.refresh_from_db()
        trial = experiment.trials.get()
        assert trial.state in Trial.TERMINAL
        assert experiment.state == Experiment.State.STOPPED
        assert (trial.score is not None) == (trial.state == Trial.State.COMPLETED)
        assert trial.attempts.get().outcome == trial.state
        outcomes.add(trial.state)
    assert "completed" in outcomes


class Interrupted(ReplayPool):
    """Does something just before the n-th message is received."""

    def __init__(self, moment, deed):
        super().__init__(smooth_curve)
        self.moment = moment
        self.deed = deed

    def run(self, order):
        run = super().run(order)
        receive = run.receive
        count = iter(range(10_000))

        def interrupted(timeout):
            if next(count) == self.moment:
                self.deed()
            return receive(timeout)

        run.receive = interrupted
        return run


def test_a_trial_that_waits_is_stopped_at_once_and_a_finished_one_not_at_all(trial, owner):
    lifecycle.stop_trial(trial, by=owner)
    assert trial.state == Trial.State.STOPPED
    with pytest.raises(NotAllowed, match="A stopped trial can't be stopped"):
        lifecycle.stop_trial(trial, by=owner)


def test_a_paused_experiments_turn_takes_nothing(experiment, trial, owner):
    Experiment.objects.filter(pk=experiment.pk).update(state="paused")
    with pytest.raises(SlotsTaken):
        lifecycle.claim_next(experiment.pk, worker="a")


def test_a_person_who_puts_a_trial_back_starts_the_count_anew(trial, owner):
    for _ in range(2):
        lifecycle.fail_trial(claim(trial), FailureKind.KILLED, "gone.")
    lifecycle.fail_trial(claim(trial), FailureKind.KILLED, "gone.")
    trial.refresh_from_db()
    assert trial.state == Trial.State.FAILED
    lifecycle.requeue_trial(trial, by=owner)
    lifecycle.fail_trial(claim(trial), FailureKind.KILLED, "gone.")
    trial.refresh_from_db()
    assert trial.state == Trial.State.WAITING


def test_pauses_never_count_as_failed_attempts(trial):
    for _ in range(5):
        lifecycle.release_trial(claim(trial), "the experiment was paused.")
    lifecycle.fail_trial(claim(trial), FailureKind.KILLED, "gone.")
    trial.refresh_from_db()
    assert trial.state == Trial.State.WAITING


def test_an_attempt_that_stored_something_does_not_count(trial):
    for _ in range(5):
        lease = claim(trial)
        Attempt.objects.filter(token=lease.token).update(progressed=True)
        lifecycle.fail_trial(lease, FailureKind.KILLED, "gone.")
    trial.refresh_from_db()
    assert trial.state == Trial.State.WAITING


@pytest.mark.parametrize("kind", ["nan", "user_code", "data", "out_of_memory"])
def test_failures_that_would_only_repeat_are_not_retried(trial, kind):
    lifecycle.fail_trial(claim(trial), FailureKind(kind), "no.")
    trial.refresh_from_db()
    assert trial.state == Trial.State.FAILED


def test_the_log_tells_what_became_of_a_trial(trial, caplog, django_capture_on_commit_callbacks):
    caplog.set_level("INFO", logger="experiments.services.trials.leases")
    with django_capture_on_commit_callbacks(execute=True):
        lease = claim(trial)
        lifecycle.release_trial(lease, "The worker leaves.")
    experiment = trial.experiment_id
    assert [record.getMessage() for record in caplog.records] == [
        f"trial 0 of experiment {experiment}: running (a)",
        f"trial 0 of experiment {experiment}: waiting. The worker leaves. (a)",
    ]
