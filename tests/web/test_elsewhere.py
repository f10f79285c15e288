"""The part of an experiment's page that tells what came from elsewhere, as it is kept fresh."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.models import Experiment
from experiments.search.warm_plan import GivenConfiguration, WarmPlan
from experiments.services.experiments.lifecycle import create_experiment, start_experiment
from experiments.services.trials.queued_configurations import queue_by_hand, withdraw
from experiments.tuner.turn import take_turn
from experiments.web.forms.experiment.configurations import space_of
from tests.searches import make_dataset, make_plan, make_seat

pytestmark = pytest.mark.usefixtures("queues")


@pytest.fixture
def search(project, owner):
    """A search that starts with a configuration by hand, before its first trial."""
    given = WarmPlan(configurations=(GivenConfiguration({"units": 96}),))
    plan = replace(make_plan(make_dataset(), max_trials=6), warm_start=given)
    experiment = create_experiment(project, plan, by=owner)
    start_experiment(experiment, by=owner)
    return experiment


def ask(client, experiment, cursor=""):
    return client.get(reverse("chart_data:elsewhere", args=[experiment.code]), {"cursor": cursor})


def test_the_page_and_the_answer_have_the_same_cursor(client, editor, search):
    client.force_login(editor)
    page = client.get(reverse("experiments:detail", args=[search.code]))
    cursor = page.context["elsewhere"].cursor
    assert f'cursor="{cursor}" live' in page.content.decode()
    assert ask(client, search, cursor).status_code == 204


def test_each_step_of_a_configuration_is_told(client, editor, search):
    client.force_login(editor)
    cursor = ask(client, search).json()["cursor"]
    assert ask(client, search, cursor).status_code == 204
    values = space_of(search).defaults() | {"units": 416}

    (queued,) = queue_by_hand(search, [values], by=editor)
    told = ask(client, search, cursor).json()
    assert "Queued manually" in told["html"]
    assert "units 416" in told["html"]
    assert "csrfmiddlewaretoken" in told["html"]
    assert "Added manually: 0 of 1 run" in told["html"]

    withdraw(search, queued.pk, by=editor)
    assert "Queued manually" not in ask(client, search, told["cursor"]).json()["html"]

    take_turn(search.pk, make_seat())
    search.refresh_from_db()
    told = ask(client, search, told["cursor"]).json()
    assert "Added manually: 1 of 1 run" in told["html"]
    assert ask(client, search, told["cursor"]).status_code == 204


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("viewer", 200), ("stranger", 404)])
def test_only_members_are_told_and_only_editors_may_withdraw(
    client, request, editor, search, who, status
):
    queue_by_hand(search, [space_of(search).defaults()], by=editor)
    client.force_login(request.getfixturevalue(who))
    response = ask(client, search)
    assert response.status_code == status
    assert ("Withdraw" in response.content.decode()) is (who == "owner")


def test_the_cost_does_not_grow_with_the_queue(client, editor, search, django_assert_num_queries):
    client.force_login(editor)
    Experiment.objects.filter(pk=search.pk).update(max_trials=50)
    defaults = space_of(search).defaults()
    queue_by_hand(search, [defaults], by=editor)
    with CaptureQueriesContext(connection) as one:
        ask(client, search)
    more = [defaults | {"units": units} for units in (32, 64, 160, 192, 224, 256)]
    queue_by_hand(search, more, by=editor)
    with django_assert_num_queries(len(one)):
        ask(client, search)
