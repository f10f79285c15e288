import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.models import Draft, Project
from experiments.services.experiments.objective_choice import choose_objective
from tests.chief.scripts import connected
from tests.examples import expect, make_experiment
from tests.outside import SPACE, make_outside

pytestmark = pytest.mark.both_databases


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def test_an_empty_site_offers_one_thing_to_do(client, project):
    response = client.get("/")
    assert response.context["home"].is_empty
    assert reverse("experiments:new", args=[project.slug]) in response.content.decode()


def test_a_viewer_is_not_offered_what_would_be_refused(client, viewer, project):
    client.force_login(viewer)
    text = client.get("/").content.decode()
    assert reverse("experiments:new", args=[project.slug]) not in text
    assert "Your role in Vision team is viewer" in text


def test_somebody_without_a_project_is_led_to_make_one(client, stranger):
    client.force_login(stranger)
    assert reverse("projects:new") in client.get("/").content.decode()


def test_what_runs_shows_its_progress_and_best(client, project, editor):
    make_experiment(
        project, name="runs", trials=10, running=2, state="running", max_trials=20, by=editor
    )
    make_experiment(project, name="done", trials=4, by=editor)
    home = client.get("/").context["home"]
    (card,) = home.running
    running = card.line
    assert (running.experiment.name, running.settled) == ("runs", 8)
    assert (running.experiment.max_trials, running.percent) == (20, 40)
    assert running.best is not None
    low, high = card.seconds_left
    assert 0 < low < high
    assert [line.experiment.name for line in home.recent] == ["done"]


def test_a_search_score_has_the_expected_score_beside_it_once_there_is_one(
    client, project, editor
):
    runs = make_experiment(project, name="runs", trials=3, state="running", by=editor)
    done = make_experiment(project, name="done", trials=3, by=editor)
    page = client.get("/").content.decode()
    assert "Search score" in page and '<th scope="col" class="num" title="Of the best' in page
    assert "expected 0." not in page, "no winner has been named yet"
    expect(runs.best_trial, value=0.84, low=0.81, high=0.87)
    expect(done.best_trial, value=0.74)
    card, table = client.get("/").content.decode().split("Recent")
    assert "expected 0.8400 (0.8100 to 0.8700)</span>" in card
    assert "expected 0.7400</span>" in table


def test_a_running_card_tells_of_trials_that_rest_in_a_pause(client, project, editor):
    search = make_experiment(project, trials=6, state="running", max_trials=10, by=editor)
    search.trials.filter(number__lt=4).update(state="paused", ended=None, score=None)
    response = client.get("/")
    (card,) = response.context["home"].running
    assert (card.line.percent, card.resting, card.resting_percent) == (20, 4, 40)
    assert "4 paused" in response.content.decode()


def test_a_running_card_draws_the_best_so_far_and_says_a_range(client, project, editor):
    make_experiment(project, trials=12, running=1, state="running", max_trials=40, by=editor)
    text = client.get("/").content.decode()
    assert re.search(r'<svg class="running-spark"[^>]*><polyline points="[\d., ]+">', text)
    assert re.search(r"\d+–\d+ (s|min) left|\d+ \w+ – \d+ \w+ left", text)


def test_home_asks_as_much_of_one_running_search_as_of_five(
    client, project, editor, django_assert_num_queries
):
    with CaptureQueriesContext(connection) as first:
        make_experiment(project, trials=9, running=1, state="running", by=editor)
        first.captured = len(first)
        client.get("/")
    before = len(first) - first.captured
    for number in range(4):
        make_experiment(
            project, name=str(number), trials=30, running=2, state="running", by=editor
        )
    with django_assert_num_queries(before):
        client.get("/")


def test_failures_need_attention_with_their_cause(client, project, editor):
    failed = make_experiment(project, name="broken", trials=2, state="failed", by=editor)
    failed.state_reason = "5 trials failed in a row."
    failed.save()
    make_experiment(project, name="runs", trials=10, state="running", failing=True, by=editor)
    things = client.get("/").context["home"].attention
    assert ("broken", "5 trials failed in a row.", None) in {
        (thing.name, thing.text, thing.trial_number) for thing in things
    }
    assert any(thing.trial_number is not None and thing.name == "runs" for thing in things)


def test_an_unfinished_draft_can_be_continued(client, project, editor):
    Draft.objects.create(project=project, user=editor, body={"name": "half way"})
    assert "half way" in client.get("/").content.decode()


def test_archived_things_are_not_at_home(client, project, editor, owner):
    from experiments.services.experiments.lifecycle import archive_experiment

    archive_experiment(make_experiment(project, name="old", trials=1, by=editor), by=owner)
    assert client.get("/").context["home"].is_empty


def test_the_button_leads_to_the_project_looked_at_last(client, project, editor):
    other = Project.objects.create(slug="another", name="Another")
    other.memberships.create(user=editor, role="owner")
    client.cookies["project"] = project.slug
    assert client.get("/").context["target"] == project


def test_thousands_of_trials_are_written_as_people_read_them(client, editor, project):
    make_experiment(project, trials=1, max_trials=10_000, by=editor)
    client.force_login(editor)
    assert "1 of 10,000" in client.get("/").content.decode()


def test_a_search_that_waits_for_a_person_stands_first_of_what_needs_attention(
    client, project, editor
):
    make_experiment(project, name="broken", trials=1, state="failed", by=editor)
    experiment, script = connected(project, editor, space=SPACE, objective="")
    script.run(loss=0.3, val_accuracy=0.9)
    response = client.get("/")
    (asks,) = response.context["home"].asking
    assert (asks.code, asks.state) == (experiment.code, "paused")
    page = response.content.decode()
    assert reverse("experiments:connect", args=[experiment.code]) + "#choose" in page
    assert "choose the objective" in page
    assert page.index("#choose") < page.rindex("broken")
    choose_objective(experiment, "loss", "minimize", by=editor)
    assert not client.get("/").context["home"].asking


def test_a_search_of_scripts_is_told_apart_by_one_word(client, project, editor):
    make_outside(project, by=editor)
    page = client.get("/").content.decode()
    assert "Vision team · elsewhere</span>" in page.replace("\n", "")
