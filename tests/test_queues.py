"""Turns in a real Redis."""

import pytest
from django.db import transaction

from experiments import queues as ours

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_turn_enters_the_queue_when_the_transaction_commits(queues):
    with transaction.atomic():
        ours.enqueue_turn(7, 1)
        assert ours.turns_by_experiment() == {}
    assert ours.turns_by_experiment() == {7: 1}


def test_a_turn_of_a_transaction_that_fails_is_never_enqueued(queues):
    with pytest.raises(RuntimeError), transaction.atomic():
        ours.enqueue_turn(7, 1)
        raise RuntimeError
    assert ours.turns_by_experiment() == {}


def test_a_turn_with_the_same_serial_enters_once(queues):
    ours.enqueue_turn(7, 1)
    ours.enqueue_turn(7, 1)
    ours.enqueue_turn(7, 2)
    ours.enqueue_turn(71, 1)
    assert ours.turns_by_experiment() == {7: 2, 71: 1}


def test_short_jobs_do_not_wait_behind_trials(queues):
    ours.enqueue_short("experiments.jobs.prepare_dataset", 1)
    assert ours.queue_length(ours.SHORT) == 1
    assert ours.queue_length(ours.TRIALS) == 0


def test_a_redis_that_is_away_fails_nobodys_request(settings):
    settings.RQ_QUEUES = {
        name: {**options, "URL": "unix:///nowhere/redis.sock"}
        for name, options in settings.RQ_QUEUES.items()
    }
    ours.enqueue_turn(7, 1)
    ours.enqueue_short("experiments.jobs.prepare_dataset", 1)
    assert not ours.is_reachable()
    with pytest.raises(ours.QueueUnreachable):
        ours.turns_by_experiment()
