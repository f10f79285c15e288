"""Ask, report and tell for external trials.

Scripts get the same samplers, claims, leases and limits as workers. A script names its trial by a key,
the token of its attempt: after it lost the trial, it can write nothing. Nothing here waits: `Wait` says
how long a script must.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from experiments.models import Attempt, Experiment, Trial
from experiments.models.trial import FailureKind
from experiments.search.history import Values
from experiments.search.space.space import Space
from experiments.services.experiments.budget import verdict
from experiments.services.experiments.ending import conclude, fail_experiment
from experiments.services.experiments.lifecycle import mark_running
from experiments.services.external import trials as records
from experiments.services.external.searches import newest_space
from experiments.services.external.trials import Metrics, ReportedEpoch
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
    Ended,
    Failed,
    NotOutside,
    NotYours,
    ReportReply,
    TrialGiven,
    TrialResult,
    UnknownTrial,
    Wait,
)
from experiments.tuner.turn import Exhausted, StrategyFailed, seize, why_ended

PAUSED_SECONDS: Final = 10.0
State = Experiment.State


def ask(
    experiment: Experiment, *, worker: str, instance: str = "", repeats_probe: bool = False
) -> TrialGiven | Wait | Ended:
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
    refusal = _refusal(experiment)
    mine = records.open_attempt(experiment, worker)
    if mine is not None and mine.instance == instance:
        return _given(lease_of(mine), again=True)
    if refusal is not None:
        return refusal
    if mine is not None:
        _release(mine)
    if experiment.state != State.RUNNING:
        mark_running(experiment)
    return _take(experiment, worker, instance, repeats_probe=repeats_probe)


def _refusal(experiment: Experiment) -> Wait | Ended | None:
    """Why no trial begins in this state; None where one may."""
    if experiment.state in (State.PAUSING, State.PAUSED):
        return Wait("The experiment is paused.", PAUSED_SECONDS)
    if experiment.state == State.DRAFT:
        return Wait("The experiment has not started.", PAUSED_SECONDS)
    if experiment.state not in Experiment.TURNING:
        return Ended(experiment.state_reason or f"The experiment is {experiment.state}.")
    return None


def _release(attempt: Attempt) -> None:
    """Let the trial wait again: the process that had it is presumed dead."""
    try:
        release_trial(lease_of(attempt), f"another script with the name {attempt.worker} started.")
    except Fenced:
        return  # it ended in the meantime


def _take(
    experiment: Experiment, worker: str, instance: str, *, repeats_probe: bool
) -> TrialGiven | Wait | Ended:
    try:
        wait = _probe(experiment, repeats=repeats_probe)
        if wait is not None:
            return wait
        lease = seize(experiment, worker=worker)
    except SlotsTaken:
        experiment.refresh_from_db()
        slots = f"{experiment.parallel:,} trials run, the maximum number of parallel trials."
        return _refusal(experiment) or Wait(slots)
    except (Exhausted, BudgetSpent) as end:
        return _end(experiment, why_ended(experiment, end))
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
    return _given(lease)


def _probe(experiment: Experiment, *, repeats: bool) -> Wait | None:
    """Add a probe where the space is unknown and no trial waits; Wait while another one runs."""
    if newest_space(experiment)[1].hyperparameters:
        return None
    waits = experiment.trials.filter(state=Trial.State.WAITING).exists()
    if waits or verdict(experiment) is not None:
        return None
    if records.add_probe(experiment.pk, repeats=repeats) is None:
        return Wait("The first script hasn't reported the search space yet.")
    return None


def _end(experiment: Experiment, nothing_left: str) -> Wait | Ended:
    """No further trial can begin: the search ends once none runs."""
    conclude(experiment.pk, nothing_left=nothing_left)
    experiment.refresh_from_db()
    ended = verdict(experiment)
    why = experiment.state_reason or (ended.reason if ended else nothing_left)
    return _refusal(experiment) or Ended(why)


def _given(lease: Lease, *, again: bool = False) -> TrialGiven:
    trial = Trial.objects.get(pk=lease.trial)
    return TrialGiven(
        key=lease.token.hex,
        number=trial.number,
        values=dict(trial.values),
        again=again,
        is_probe=trial.origin == Trial.PROBE,
    )


def report(trial: Attempt | str, epochs: Sequence[ReportedEpoch] = ()) -> ReportReply:
    """Record epochs and renew the lease; without epochs, only renew it. Repeated epochs are
    ignored.

    trial: a key, or an attempt that was found just now. Raises: UnknownTrial, NotYours; TooMuch.
    """
    attempt = find(trial)
    lease = _open(attempt)
    try:
        count = records.record_reported(lease, epochs)
        instruction = read_instruction(lease).instruction
    except Fenced:
        raise _lost(attempt) from None
    if instruction is None or instruction.reason == "pause":  # scripts can't resume a trial later
        return ReportReply(count)
    return ReportReply(count, stop=True, why=instruction.words)


def learn(trial: Attempt | str, space: Space, values: Values) -> None:
    """Record the space that the script's trial had, and its values.

    trial: as of `report`. Raises: UnknownTrial, NotYours; SpaceError.
    """
    attempt = find(trial)
    lease = _open(attempt)
    try:
        records.learn(lease, space, values)
    except Fenced:
        raise _lost(attempt) from None


def tell(
    trial: Attempt | str,
    metrics: Metrics | None = None,
    *,
    failed: Failed | None = None,
    stopped: str = "",
    best_epoch: int | None = None,
) -> TrialResult:
    """End a trial with its metrics, a failure, or a stop.

    Without metrics its curve is scored. A NaN objective is a failure. Repeating the same end has
    no effect.

    trial: as of `report`. Raises: UnknownTrial, NotYours; ObjectiveMissing: nothing was written, call
    it again with the objective.
    """
    attempt = find(trial)
    if attempt.ended is not None:
        return _repeated(attempt, metrics or {}, failed=failed is not None)
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
        raise _lost(attempt) from None
    conclude(lease.experiment)
    return _result(attempt)


def _complete(lease: Lease, metrics: Metrics, best_epoch: int | None) -> None:
    try:
        records.complete_outside(lease, metrics, best_epoch=best_epoch)
    except NoScore as error:
        fail_trial(lease, FailureKind.NAN, str(error))


def _result(attempt: Attempt, *, again: bool = False) -> TrialResult:
    trial = Trial.objects.get(pk=attempt.trial_id)
    return TrialResult(trial.number, trial.state, trial.score, trial.failure_message, again)


def _repeated(attempt: Attempt, metrics: Mapping[str, Any], *, failed: bool) -> TrialResult:
    """Accept the same end again, as after a lost answer; refuse another one."""
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
        return _result(attempt, again=True)
    raise _not_yours(attempt)


def find(trial: Attempt | str) -> Attempt:
    """The attempt that a script names by its key, with trial and experiment. Raises UnknownTrial."""
    if isinstance(trial, Attempt):
        return trial
    attempt = records.attempt_of(trial)
    if attempt is None or not attempt.trial.experiment.runs_elsewhere:
        raise UnknownTrial("No trial has this key.")
    return attempt


def _open(attempt: Attempt) -> Lease:
    if attempt.ended is not None:
        raise _not_yours(attempt)
    return lease_of(attempt)


def lease_of(attempt: Attempt) -> Lease:
    """The lease of an open attempt."""
    trial = attempt.trial
    seconds = trial.experiment.lease_seconds
    return Lease(
        trial.pk, trial.experiment_id, trial.number, attempt.token, attempt.worker, seconds
    )


def _lost(attempt: Attempt) -> NotYours:
    return _not_yours(find(attempt.token.hex))


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
