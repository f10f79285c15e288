"""The private JSON of live pages: status, shape, and what it never holds."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.models import Worker
from tests.examples import make_experiment

pytestmark = pytest.mark.both_databases


def ask(client, experiment, name, **query):
    return client.get(reverse(f"chart_data:{name}", args=[experiment.code]), query)


@pytest.fixture
def running(client, viewer, project):
    client.force_login(viewer)
    return make_experiment(project, trials=5, running=1, repeats=2, state="running")


def test_nothing_new_answers_204_without_a_body(client, running):
    cursor = ask(client, running, "live", cursor=running.event_serial).json()["cursor"]
    answer = ask(client, running, "live", cursor=cursor)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_worker_whose_heart_stopped_holds_no_slot(client, running):
    beating = {"kind": "trials", "host": "here", "pid": 1, "experiment": running}
    Worker.objects.create(name="alive", **beating)
    silent = timezone.now() - timedelta(minutes=10)
    Worker.objects.create(name="killed", heartbeat=silent, **beating)
    slots = ask(client, running, "live").json()["slots"]
    names = [slot["name"] for slot in slots]
    assert "alive" in names
    assert "killed" not in names


def test_a_204_costs_little(client, running, django_assert_max_num_queries):
    cursor = ask(client, running, "live", cursor=running.event_serial).json()["cursor"]
    with django_assert_max_num_queries(4):  # session, user, experiment, membership
        ask(client, running, "live", cursor=cursor)


def test_live_answers_what_the_guide_tells(client, running):
    report = ask(client, running, "live").json()
    assert set(report) == {
        "cursor",
        "experiment",
        "trials",
        "curves",
        "events",
        "slots",
        "failures",
        "findings",
        "checks",
    }
    assert report["experiment"]["counts"]["running"] == 1
    assert set(report["curves"][0]) >= {"trial", "execution", "from", "epochs", "metrics"}


def test_history_holds_columns_of_equal_length(client, running):
    trials = ask(client, running, "history").json()["trials"]
    lengths = {len(column) for part in ("own", "values") for column in trials[part].values()}
    assert lengths == {5}


def test_history_of_many_trials_stays_small(client, running, project):
    many = make_experiment(project, name="many", trials=1000)
    answer = client.get(
        reverse("chart_data:history", args=[many.code]), headers={"accept-encoding": "gzip"}
    )
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) < 60_000


def test_curves_come_for_the_named_trials_alone(client, running):
    report = ask(client, running, "curves", trials="1,3,x,99").json()
    assert {curve["trial"] for curve in report["curves"]} == {1, 3}
    assert len(report["curves"]) == 4
    again = ask(client, running, "curves", trials="1,3", cursor=report["cursor"]).json()
    assert again["curves"] == []


def test_sparklines_are_thinned(client, running):
    sparks = ask(client, running, "sparks", trials="0,1").json()["sparks"]
    assert set(sparks) == {"0", "1"} and all(len(values) <= 24 for values in sparks.values())


def test_a_diverged_epoch_is_null(client, running):
    execution = running.trials.get(number=0).executions.get(index=0)
    execution.history["loss"][-1] = None
    execution.save()
    text = ask(client, running, "curves", trials="0").content.decode()
    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert "null" in text


def test_a_server_that_keeps_no_page_open_says_so_and_pages_ask(client, running):
    assert ask(client, running, "follow").status_code == 204
    page = client.get(reverse("experiments:detail", args=[running.code])).content.decode()
    assert 'follow=""' in page


@pytest.mark.parametrize("name", ["live", "follow", "history", "curves", "sparks"])
def test_strangers_get_404_and_nobody_a_sign_in(client, stranger, running, name):
    client.force_login(stranger)
    assert ask(client, running, name).status_code == 404
    client.logout()
    assert ask(client, running, name).status_code == 302


@pytest.mark.parametrize("name", ["live", "history", "curves", "sparks"])
def test_nothing_is_kept_by_caches(client, running, name):
    assert "no-store" in ask(client, running, name).headers["Cache-Control"]


@pytest.mark.parametrize("cursor", ["x", "-1", "1.2.3", "9" * 50, "%00", "1.2.9:9999999999"])
def test_a_strange_cursor_is_answered_in_full(client, running, cursor):
    assert ask(client, running, "live", cursor=cursor).status_code == 200
