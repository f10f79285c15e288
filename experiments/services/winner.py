"""Writes down which trial a search recommends, and why. Room: services."""

from django.db import transaction

from experiments.models import Experiment, Trial
from experiments.search.winner import Winner
from experiments.services import activity
from experiments.services.moves import lock_experiment


def record_winner(experiment_pk: int, winner: Winner, *, scored: int) -> bool:
    """Store what was recommended after `scored` trials; whether nobody had looked at more.

    Two workers may think at the same time: the one that saw fewer trials is too late.
    """
    with transaction.atomic():
        experiment = lock_experiment(experiment_pk)
        if scored < int(experiment.winner.get("scored", 0)):
            return False
        activity.next_event(experiment_pk)
        Experiment.objects.filter(pk=experiment_pk).update(
            recommended_trial=Trial.objects.get(
                experiment=experiment_pk, number=winner.recommended
            ),
            winner={
                "scored": scored,
                "observed": winner.observed,
                "reason": winner.reason,
                "estimate": winner.estimate,
                "uncertainty": winner.uncertainty,
            },
        )
    return True
