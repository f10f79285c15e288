"""Ask, report and tell for external trials.

A script stands where a worker stands: the same samplers, claims, leases and limits. What it was
given it names by a key, the token of its attempt, so that a script whose trial was taken from it
can write nothing. Nothing here waits: a script that must wait is told for how long.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from experiments.models import Attempt, Experiment, Trial
from experiments.models.trial import FailureKind
from experiments.search.history import Values
from experiments.search.space.space import Space
from experiments.services.experiments.budget import trials_spent, verdict
from experiments.services.experiments.ending import conclude, exhausted, fail_experiment
from experiments.services.experiments.lifecycle import mark_running
from experiments.services.external import trials as records
from experiments.services.external.searches import newest_space
from experiments.services.external.trials import Metrics, ToldEpoch
from experiments.services.trials.executions import NoScore
from experiments.services.trials.instructions import read_instruction
from experiments.services.trials.leases import Fenced, Lease
from experiments.services.trials.lifecycle import (
    BudgetSpent,
    SlotsTaken,
    end_early,
    fail_trial,
    release_trial,
)
from experiments.tuner.custom_strategies import end_sessions
from experiments.tuner.external_answers import (
    Asked,
    Ended,
    Failed,
    Heard,
    NotOutside,
    NotYours,
    Told,
    UnknownTrial,
    Wait,
)
from experiments.tuner.turn import Exhausted, StrategyFailed, seize

PAUSED_SECONDS: Final = 10.0
State = Experiment.State


def ask(
    experiment: Experiment, *, worker: str, instance: str = "", repeats_probe: bool = False
) -> Asked | Wait | Ended:
    """Return a trial for the script named `worker`; its current one, if it has one.

    instance: identifies the process. Another instance with the same name takes over its trial from
    the first epoch, and the earlier one can write nothing more. The same instance, or none,
    continues, which also repeats a lost answer. repeats_probe: a probe reports the space at its
    end only, so scripts that ask meanwhile may repeat its defaults.

    Raises: NotOutside.
    """
    experiment = Experiment.objects.get(pk=experiment.pk)
    if not experiment.runs_elsewhere:
        raise NotOutside("Workers of this site run its trials.")
    rests = _rests(experiment)
    mine = records.open_attempt(experiment, worker)
    if mine is not None and mine.instance == instance:
        return _asked(lease_of(mine), again=True)
    if rests is not None:
        return rests
    if mine is not None:
        _hand_back(mine)
    if experiment.state != State.RUNNING:
        mark_running(experiment)
    return _take(experiment, worker, instance, repeats_probe=repeats_probe)


def _rests(experiment: Experiment) -> Wait | Ended | None:
    """Why no trial begins in this state; None where one may."""
    if experiment.state in (State.PAUSING, State.PAUSED):
        return Wait("The experiment is paused.", PAUSED_SECONDS)
    if experiment.state == State.DRAFT:
        return Wait("The experiment has not started.", PAUSED_SECONDS)
    if experiment.state not in Experiment.TURNING:
        return Ended(experiment.state_reason or f"The experiment is {experiment.state}.")
    return None


def _hand_back(attempt: Attempt) -> None:
    """The process that had it is taken for dead: its trial waits again."""
    try:
        release_trial(lease_of(attempt), f"another script with the name {attempt.worker} started.")
    except Fenced:
        return  # it ended in the meantime


def _take(
    experiment: Experiment, worker: str, instance: str, *, repeats_probe: bool
) -> Asked | Wait | Ended:
    try:
        wait = _probe(experiment, repeats=repeats_probe)
        if wait is not None:
            return wait
        lease = seize(experiment, worker=worker)
    except SlotsTaken:
        experiment.refresh_from_db()
        slots = f"{experiment.parallel:,} trials run, the maximum number of parallel trials."
        return _rests(experiment) or Wait(slots)
    except Exhausted as end:
        return _end(experiment, str(end) or exhausted(experiment))
    except BudgetSpent:
        return _end(experiment, trials_spent(experiment))
    except (StrategyFailed, records.NoSpace) as failure:
        traceback = getattr(failure, "traceback", "")
        fail_experiment(experiment.pk, str(failure), traceback=traceback)
        return Ended(str(failure))
    finally:
        end_sessions()
    if lease is None:
        return _end(experiment, "")
    records.begin_outside(lease)
    if instance:
        records.name_instance(lease, instance)
    return _asked(lease)


def _probe(experiment: Experiment, *, repeats: bool) -> Wait | None:
    """See to it that a trial waits by which the space gets known, where it is not."""
    if newest_space(experiment)[1].hyperparameters:
        return None
    waits = experiment.trials.filter(state=Trial.State.WAITING).exists()
    if waits or verdict(experiment) is not None:
        return None
    if records.add_probe(experiment.pk, repeats=repeats) is None:
        return Wait("The first script hasn't reported the search space yet.")
    return None


def _end(experiment: Experiment, nothing_left: str) -> Wait | Ended:
    """Nothing is left to begin: the search ends as soon as nothing of it runs."""
    conclude(experiment.pk, nothing_left=nothing_left)
    experiment.refresh_from_db()
    ended = verdict(experiment)
    why = experiment.state_reason or (ended.reason if ended else nothing_left)
    return _rests(experiment) or Ended(why)


def _asked(lease: Lease, *, again: bool = False) -> Asked:
    trial = Trial.objects.get(pk=lease.trial)
    return Asked(
        key=lease.token.hex,
        number=trial.number,
        values=dict(trial.values),
        again=again,
        is_probe=trial.origin == Trial.PROBE,
    )


def report(key: str, epochs: Sequence[ToldEpoch] = ()) -> Heard:
    """Record epochs and renew the lease; without epochs, only renew it. Repeated epochs are
    ignored.

    Raises: UnknownTrial, NotYours; TooMuch.
    """
    attempt = find(key)
    lease = _open(attempt)
    try:
        count = records.record_told(lease, epochs)
        wish = read_instruction(lease).wish
    except Fenced:
        raise _not_yours(find(key)) from None
    if wish is None or wish.reason == "pause":  # a script can't go on in the middle later
        return Heard(count)
    return Heard(count, stop=True, why=wish.words)


def learn(key: str, space: Space, values: Values) -> None:
    """The space that the script's trial had, and its values.

    Raises: UnknownTrial, NotYours; SpaceError.
    """
    learn_of(find(key), space, values)


def learn_of(attempt: Attempt, space: Space, values: Values) -> None:
    """As `learn`, of an attempt that was found just now."""
    lease = _open(attempt)
    try:
        records.learn(lease, space, values)
    except Fenced:
        raise _not_yours(find(attempt.token.hex)) from None


def tell(
    key: str,
    metrics: Metrics | None = None,
    *,
    failed: Failed | None = None,
    stopped: str = "",
    best_epoch: int | None = None,
) -> Told:
    """End a trial with its metrics, a failure, or a stop.

    Without metrics its curve is scored. A NaN objective is a failure. Repeating the same end has
    no effect.

    Raises: UnknownTrial, NotYours; ObjectiveMissing: nothing was written, call it again with the
    objective.
    """
    return tell_of(find(key), metrics, failed=failed, stopped=stopped, best_epoch=best_epoch)


def tell_of(
    attempt: Attempt,
    metrics: Metrics | None = None,
    *,
    failed: Failed | None = None,
    stopped: str = "",
    best_epoch: int | None = None,
) -> Told:
    """As `tell`, of an attempt that was found just now."""
    if attempt.ended is not None:
        return _told_before(attempt, metrics or {}, failed=failed is not None)
    lease = _open(attempt)
    try:
        if failed is not None:
            kind = FailureKind.KILLED if failed.may_retry else FailureKind.USER_CODE
            fail_trial(lease, kind, failed.message, traceback=failed.traceback, again=failed.again)
        elif stopped:
            end_early(lease, Trial.State.STOPPED, stopped)
        else:
            _complete(lease, metrics or {}, best_epoch)
    except Fenced:
        raise _not_yours(find(attempt.token.hex)) from None
    conclude(lease.experiment)
    return _told(attempt)


def _complete(lease: Lease, metrics: Metrics, best_epoch: int | None) -> None:
    try:
        records.complete_outside(lease, metrics, best_epoch=best_epoch)
    except NoScore as error:
        fail_trial(lease, FailureKind.NAN, str(error))


def _told(attempt: Attempt, *, again: bool = False) -> Told:
    trial = Trial.objects.get(pk=attempt.trial_id)
    return Told(trial.number, trial.state, trial.score, trial.failure_message, again)


def _told_before(attempt: Attempt, metrics: Mapping[str, Any], *, failed: bool) -> Told:
    """The same end again is fine, as when its answer got lost; another one is refused."""
    outcomes = Attempt.Outcome
    trial = Trial.objects.get(pk=attempt.trial_id)
    objective = attempt.trial.experiment.objective
    same_score = metrics.get(objective, trial.score) == trial.score
    same = {
        outcomes.COMPLETED: not failed and same_score,
        outcomes.FAILED: failed or trial.failure_kind == FailureKind.NAN,
        outcomes.STOPPED: not failed,
    }
    if same.get(outcomes(attempt.outcome), False):
        return _told(attempt, again=True)
    raise _not_yours(attempt)


def find(key: str) -> Attempt:
    """The attempt that a script names, with its trial and experiment. Raises UnknownTrial."""
    attempt = records.attempt_of(key)
    if attempt is None or not attempt.trial.experiment.runs_elsewhere:
        raise UnknownTrial("No trial has this key.")
    return attempt


def _open(attempt: Attempt) -> Lease:
    if attempt.ended is not None:
        raise _not_yours(attempt)
    return lease_of(attempt)


def lease_of(attempt: Attempt) -> Lease:
    """The hold that an open attempt has on its trial."""
    trial = attempt.trial
    seconds = trial.experiment.lease_seconds
    return Lease(
        trial.pk, trial.experiment_id, trial.number, attempt.token, attempt.worker, seconds
    )


def _not_yours(attempt: Attempt) -> NotYours:
    trial = attempt.trial
    outcome = Attempt.Outcome(attempt.outcome) if attempt.outcome else None
    words = {
        Attempt.Outcome.REAPED: "its script was unresponsive for too long, so the trial "
        "was released.",
        Attempt.Outcome.RELEASED: f"it was released: {attempt.message}",
        Attempt.Outcome.FAILED: f"it has ended: {attempt.message or 'failed'}",
        Attempt.Outcome.STOPPED: f"it has ended: {attempt.message or 'stopped'}",
    }
    why = words.get(outcome, "it has ended.") if outcome else "it has ended."
    return NotYours(f"Trial {trial.number}: {why}", state=trial.state)
