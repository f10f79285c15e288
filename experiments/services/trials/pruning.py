"""Stores decisions of pruners: pauses, stops, promotions.

The line of a pause or a cut is written in the transaction that ends the attempt, so that a worker
that dies in between leaves none and the rung is decided again.
"""

from django.db import transaction
from django.db.models.functions import Now

from experiments.models import Attempt, PruningDecision, Trial
from experiments.models.trial import TrialState
from experiments.search.strategy import Decision, Promotion, Standing
from experiments.services.experiments.states import lock_experiment
from experiments.services.site import activity
from experiments.services.trials.leases import Ending, Lease, claim_trial, end_attempt, hold
from experiments.services.trials.lifecycle import LookAgain, check_room

State = TrialState
Action = PruningDecision.Action


def record_go_on(lease: Lease, decision: Decision) -> None:
    """A trial that was among the best when it came to a rung. Raises Fenced."""
    if decision.standing is None or not decision.reason:
        return
    with transaction.atomic():
        hold(lease)
        _write(lease.trial, Action.GO_ON, decision.standing, decision.reason)


def pause_trial(lease: Lease, decision: Decision) -> None:
    """Hold a trial at its rung: its slot is free, its checkpoint stays. Raises Fenced."""
    with transaction.atomic():
        lock_experiment(lease.experiment)
        end_attempt(lease, Ending(State.PAUSED, Attempt.Outcome.PAUSED, message=decision.reason))
        # The attempt keeps the reason; a paused trial has no failure.
        Trial.objects.filter(pk=lease.trial).update(failure_message="")
        if decision.standing is not None:
            _write(lease.trial, Action.PAUSE, decision.standing, decision.reason)


def prune_trial(lease: Lease, decision: Decision) -> None:
    """End a trial that its pruner stopped; it keeps its curve. Raises Fenced."""
    with transaction.atomic():
        experiment = lock_experiment(lease.experiment)
        end_attempt(lease, Ending(State.PRUNED, Attempt.Outcome.PRUNED, message=decision.reason))
        if decision.standing is not None:
            _write(lease.trial, Action.STOP, decision.standing, decision.reason)
        activity.record(
            "trial.pruned",
            f"Trial {lease.number} pruned: {decision.reason}",
            experiment=experiment,
            trial=Trial.objects.get(pk=lease.trial),
        )


def promote_trial(experiment_pk: int, promotion: Promotion, *, worker: str) -> Lease:
    """Claim a paused trial, which continues from its checkpoint. Raises: SlotsTaken, LookAgain."""
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        check_room(experiment)
        trial = experiment.trials.get(number=promotion.number)
        if not Trial.objects.filter(pk=trial.pk, state=State.PAUSED).update(state=State.WAITING):
            raise LookAgain
        lease = claim_trial(trial, worker=worker, why=promotion.reason)
        _write(trial.pk, Action.PROMOTE, promotion.standing, promotion.reason)
        text = f"Trial {trial.number}: {promotion.reason}"
        activity.record("trial.promoted", text, experiment=experiment, trial=trial)
    return lease


def _write(trial_pk: int, action: PruningDecision.Action, standing: Standing, reason: str) -> None:
    PruningDecision.objects.update_or_create(
        trial_id=trial_pk,
        epoch=standing.epoch,
        action=action,
        defaults={
            "value": standing.value,
            "cutoff": standing.cutoff,
            "rank": standing.rank,
            "n": standing.n,
            "bracket": standing.bracket,
            "reason": reason[:300],
            "created": Now(),
        },
    )
