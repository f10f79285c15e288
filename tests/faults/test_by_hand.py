"""Configurations by hand while several processes and people are at one search."""

from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connections

from experiments.models import Experiment
from experiments.reports.sampling.replay import replay
from experiments.services.experiments.lifecycle import start_experiment
from experiments.services.trials.queued_configurations import AlreadyThere, queue_by_hand
from experiments.web.forms.configuration import space_of
from tests.faults.conftest import connection_to
from tests.faults.test_contention import start_turners, wait_for_the_end
from tests.searches import make_experiment

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900), pytest.mark.both_databases]


@pytest.mark.parametrize("count", [24, pytest.param(40, marks=pytest.mark.thorough)])
def test_what_people_put_in_is_tried_once_while_four_processes_take_turns(house, project, count):
    anna = User.objects.create_user("anna")
    experiment = make_experiment(project, max_trials=count, parallel=3, epochs=10)
    start_experiment(experiment, by=None)
    start_turners(house, experiment)
    defaults = space_of(experiment).defaults()
    for trials, units in enumerate((32, 96, 160, 352, 480)):
        house.wait(
            "the search goes on", lambda n=trials: experiment.trials.count() > n, seconds=60
        )
        queue_by_hand(experiment, [defaults | {"units": units, "dropout": 0.5}], by=anna)
    wait_for_the_end(house)
    experiment.refresh_from_db()
    assert experiment.state == Experiment.State.COMPLETED, house.logs()
    assert sorted(experiment.trials.values_list("number", flat=True)) == list(range(count))
    by_hand = experiment.trials.filter(origin="hand").order_by("number")
    assert [trial.values["units"] for trial in by_hand] == [32, 96, 160, 352, 480]
    assert replay(experiment).is_equal


def test_two_people_at_once_queue_one_of_two_equal_configurations(
    house, project, shared_database, django_db_blocker
):
    people = [User.objects.create_user(name) for name in ("anna", "ben")]
    experiment = make_experiment(project, max_trials=4)
    start_experiment(experiment, by=None)
    values = space_of(experiment).defaults()
    together, outcomes = Barrier(2), []

    def put_in(person):
        connections["default"] = connection_to(shared_database)
        try:
            together.wait()
            queue_by_hand(Experiment.objects.get(pk=experiment.pk), [values], by=person)
            outcomes.append("queued")
        except AlreadyThere:
            outcomes.append("refused")
        finally:
            connections["default"].close()

    with django_db_blocker.unblock():
        threads = [Thread(target=put_in, args=[person]) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["queued", "refused"]
    assert experiment.queued.count() == 1
