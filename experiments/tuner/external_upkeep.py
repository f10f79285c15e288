"""What a worker's turn does after a trial, for searches that no worker takes turns of.

Naming the winner and looking for findings read all trials, so no script is kept waiting for them.
"""

from datetime import timedelta
from typing import Final

from django.db.models.functions import Now

from experiments.models import Experiment, Place
from experiments.services.site.reconcile import end_outside
from experiments.tuner.findings import look_over
from experiments.tuner.winner import name_winner

LATELY: Final = timedelta(minutes=10)


def look_after() -> None:
    """End searches that are over; name winners and look for findings where something happened lately."""
    end_outside()
    changed = Experiment.objects.filter(place=Place.ELSEWHERE, updated__gt=Now() - LATELY)
    for pk in changed.exclude(best_trial=None).values_list("pk", flat=True):
        name_winner(pk)
        look_over(pk)
