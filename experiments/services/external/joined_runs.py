"""Turns runs that scripts started into trials of an external search."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from experiments.models import Attempt, Experiment, Trial
from experiments.search.history import Values
from experiments.search.space.growth import widened
from experiments.services.experiments.lifecycle import mark_running
from experiments.services.experiments.states import NotAllowed, lock_experiment, move
from experiments.services.external.searches import new_version, newest_space
from experiments.services.external.trials import begin_outside
from experiments.services.site import activity
from experiments.services.trials.leases import Lease, claim_trial
from experiments.services.trials.lifecycle import Proposal, insert_trial


def join(
    experiment: Experiment, values: Values, *, worker: str, instance: str, by: User | None
) -> Lease:
    """Turn a run that a script started into a trial, whatever the budget. Raises: NotAllowed.

    The space grows to contain its values. An ended search continues for it. The same
    `instance` is the same run: a lost answer is repeated.
    """
    with transaction.atomic():
        current = lock_experiment(experiment.pk)
        known = _known(current, instance)
        if known is not None:
            return known
        _open_for(current)
        number = current.trials.count()
        if number >= current.max_trials:
            Experiment.objects.filter(pk=current.pk).update(
                max_trials=number + 1, revision=F("revision") + 1
            )
        version, space = newest_space(current)
        grown = widened(space, values)
        if grown is not space:
            version = new_version(current, version, grown, by=by)
        trial = insert_trial(
            current,
            Proposal(
                number=number,
                space_version=version.pk,
                values=dict(values),
                values_key=grown.key(values),
                why=f"A run that {worker} started itself."[:300],
                origin=Trial.JOINED,
            ),
        )
        lease = claim_trial(trial, worker=worker, instance=instance)
        begin_outside(lease)
        words = f"Trial {number} joined: started by {worker}"
        activity.record(
            "trial.joined",
            words,
            experiment=current,
            trial=trial,
            user=by,
        )
    return lease


def _known(experiment: Experiment, instance: str) -> Lease | None:
    """The trial that this run became before. Raises NotAllowed where that has ended."""
    attempts = Attempt.objects.select_related("trial").filter(
        trial__experiment=experiment, trial__origin=Trial.JOINED, instance=instance
    )
    attempt = attempts.first() if instance else None
    if attempt is None:
        return None
    number, seconds = attempt.trial.number, experiment.lease_seconds
    if attempt.ended is not None:
        raise NotAllowed(f"This run was trial {number}, which has ended.")
    return Lease(attempt.trial_id, experiment.pk, number, attempt.token, attempt.worker, seconds)


def _open_for(experiment: Experiment) -> None:
    """Let a run in: a search that rests goes on."""
    states = Experiment.State
    if not experiment.runs_elsewhere:
        raise NotAllowed(
            "Workers of this site run its trials. Name another experiment; a new name creates one."
        )
    if experiment.state in (states.STOPPING, states.PAUSING, states.PAUSED):
        return
    if experiment.state in Experiment.ENDED or experiment.state == states.DRAFT:
        move(experiment, states.QUEUED, ended=None)
    mark_running(experiment)
