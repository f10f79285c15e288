"""Enqueues turns, each with its own serial."""

from django.db import transaction
from django.db.models import F

from experiments import queues
from experiments.models import Experiment, Place


def request_turns(experiment_pk: int, count: int = 1) -> None:
    """Enqueue `count` turns on commit. Excess turns are harmless: they find the slots taken.

    None for trials that run elsewhere: scripts ask for those themselves.
    """
    if count < 1:
        return
    with transaction.atomic():
        here = Experiment.objects.filter(pk=experiment_pk, place=Place.HERE)
        if not here.update(turn_serial=F("turn_serial") + count):
            return
        last = Experiment.objects.values_list("turn_serial", flat=True).get(pk=experiment_pk)
        for serial in range(last - count + 1, last + 1):
            queues.enqueue_turn(experiment_pk, serial)
