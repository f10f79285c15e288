"""Trials still paused at a rung when their search ends."""

from django.db.models.functions import Now

from experiments.models import Execution, Experiment, PruningDecision, Trial
from experiments.services.site import activity

State = Trial.State
NOT_PROMOTED = "Not promoted"


def settle_paused(experiment: Experiment) -> int:
    """Prune paused trials that can't be promoted any more; return how many. Inside a transaction."""
    paused = list(experiment.trials.filter(state=State.PAUSED).order_by("number"))
    if not paused:
        return 0
    event = activity.next_event(experiment.pk)
    last = {
        decision.trial_id: decision
        for decision in PruningDecision.objects.filter(
            trial__in=paused, action=PruningDecision.Action.PAUSE
        )
    }
    for trial in paused:
        trial.state, trial.event_serial = State.PRUNED, event
        trial.failure_message = _left_behind(last.get(trial.pk))
    Trial.objects.bulk_update(paused, ["state", "event_serial", "failure_message"], batch_size=500)
    pks = [trial.pk for trial in paused]
    Trial.objects.filter(pk__in=pks).update(ended=Now())
    left = Execution.objects.filter(trial__in=pks).exclude(state=State.COMPLETED)
    left.update(state=State.PRUNED)
    return len(paused)


def _left_behind(decision: PruningDecision | None) -> str:
    if decision is None:
        return f"{NOT_PROMOTED}."
    return (
        f"{NOT_PROMOTED}: at epoch {decision.epoch} it ranked {decision.rank} of "
        f"{decision.n} when it entered."
    )
