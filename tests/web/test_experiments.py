"""An experiment's page: what stands on it, for whom, and what its buttons do."""

import re

import pytest
from django.urls import reverse

from experiments.models import Activity, Experiment
from tests.examples import make_experiment


def page(client, user, address):
    client.force_login(user)
    return client.get(address)


def address(experiment, name="detail"):
    return reverse(f"experiments:{name}", args=[experiment.code])


def test_the_page_tells_state_counts_and_best(client, viewer, project):
    experiment = make_experiment(
        project, trials=12, running=2, repeats=3, state="running", max_trials=20, by=viewer
    )
    html = page(client, viewer, address(experiment)).content.decode()
    assert "<title>50 % · mnist-dense · Tuning Site</title>" in html
    assert "Running" in html and "holdout 80/20 × 3 seeds" in html and "MNIST v1" in html
    assert "standard deviation over 3 executions" in html
    assert html.count("<tr data-number=") == 12
    assert "is-best" in html


def test_titles_name_the_thing_first(client, viewer, project):
    experiment = make_experiment(project, trials=1)
    html = page(client, viewer, address(experiment)).content.decode()
    assert "<title>mnist-dense · Tuning Site</title>" in html


@pytest.mark.parametrize("name", ["detail", "trials", "analysis", "protocol", "log"])
def test_every_tab_stands_with_no_trial_one_and_many(client, viewer, project, name):
    for trials in (0, 1, 55):
        experiment = make_experiment(project, trials=trials, failing=True, state="stopped")
        assert page(client, viewer, address(experiment, name)).status_code == 200


def test_a_draft_offers_one_thing_to_do(client, editor, project):
    experiment = make_experiment(project, trials=0, state="draft")
    html = page(client, editor, address(experiment)).content.decode()
    assert "This experiment has not started" in html
    assert reverse("experiments:start", args=[experiment.code]) in html


def test_viewers_see_no_buttons(client, viewer, project):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    html = page(client, viewer, address(experiment)).content.decode()
    assert 'method="post" action="/experiments/' not in html


def test_no_inline_script_or_style_stands_on_any_tab(client, editor, project):
    experiment = make_experiment(project, trials=5, running=1, failing=True, state="running")
    for name in ("detail", "trials", "protocol", "log", "edit"):
        html = page(client, editor, address(experiment, name)).content.decode()
        assert not re.search(r"<script(?![^>]*(src=|application/json))", html)
        assert not re.search(r"\s(style|on[a-z]+)=", html)


def test_failed_trials_are_told_with_cause_and_mend(client, viewer, project):
    experiment = make_experiment(project, trials=60, failing=True)
    assert experiment.trials.filter(state="failed").exists()
    html = page(client, viewer, address(experiment)).content.decode()
    assert "Needs attention" in html
    assert re.search(r"ran out of memory|diverged|could not build", html)


def test_a_search_without_a_completed_trial_still_shows_its_curves_and_why(
    client, viewer, project
):
    experiment = make_experiment(project, trials=4, by=viewer)
    experiment.trials.update(state="pruned", score=None)
    experiment.trials.filter(number=2).update(state="failed", failure_kind="nan")
    experiment.trials.filter(number=3).update(epochs=0)
    Experiment.objects.update(best_trial=None)
    html = page(client, viewer, address(experiment)).content.decode()
    shown = re.search(r'<learning-curves[^>]* trials="([\d,]*)"', html)
    assert shown and sorted(shown.group(1).split(",")) == ["0", "1", "2"]
    assert "no completed trial" in html
    assert "diverged (NaN)" in html


def test_no_more_curves_are_drawn_at_first_than_can_be_named(client, viewer, project):
    experiment = make_experiment(project, trials=12, running=2, state="running", by=viewer)
    html = page(client, viewer, address(experiment)).content.decode()
    shown = re.search(r'<learning-curves[^>]* trials="([\d,]*)"', html)
    assert shown
    numbers = [int(number) for number in shown.group(1).split(",")]
    assert numbers[:2] == [10, 11] and len(numbers) == 6


@pytest.mark.parametrize(("query", "arrow"), [("", "descending"), ("?sort=score", "ascending")])
def test_the_head_of_the_column_that_sorts_says_so(client, viewer, project, query, arrow):
    experiment = make_experiment(project, trials=3)
    text = page(client, viewer, address(experiment) + query).content.decode()
    assert text.count("aria-sort=") == 1
    assert f'data-key="score" aria-sort="{arrow}"' in text


def test_the_filter_in_the_address_is_honoured(client, viewer, project):
    experiment = make_experiment(project, trials=20)
    html = page(client, viewer, address(experiment) + "?filter=number+%3C+3").content.decode()
    assert html.count("<tr data-number=") == 3
    assert "3 of 20 trials" in html


def test_a_filter_that_cant_be_read_is_kept_and_explained(client, viewer, project):
    experiment = make_experiment(project, trials=2)
    html = page(client, viewer, address(experiment) + "?filter=unitz+%3E+3").content.decode()
    assert 'value="unitz &gt; 3"' in html and "There is no column" in html


def test_what_people_typed_is_escaped(client, viewer, project):
    experiment = make_experiment(project, trials=1, name="<script>alert(1)</script>")
    html = page(client, viewer, address(experiment)).content.decode()
    assert "<script>alert" not in html


def test_pause_asks_the_service_and_comes_back(client, editor, project, queues):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    client.force_login(editor)
    answer = client.post(address(experiment, "pause"))
    assert answer.status_code == 302
    experiment.refresh_from_db()
    assert experiment.state in {"pausing", "paused"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pause", "pause with a checkpoint at their next epoch"),
        ("stop", "end at their next epoch"),
    ],
)
def test_what_a_wish_means_is_told_as_long_as_it_is_one(
    client, editor, project, queues, name, words
):
    experiment = make_experiment(project, trials=2, running=1, state="running")
    client.force_login(editor)
    html = client.post(address(experiment, name), follow=True).content.decode()
    assert 'class="alert' not in html  # it would still stand there when the wish has come true
    told = re.search(r"<span[^>]*data-states[^>]*>[^<]*" + words, html)
    assert told and "hidden" not in told[0]
    experiment.trials.update(state="stopped")
    Experiment.objects.update(state="stopped")
    html = page(client, editor, address(experiment)).content.decode()
    told = re.search(r"<span[^>]*data-states[^>]*>[^<]*" + words, html)
    assert told and "hidden" in told[0]


def test_what_the_state_forbids_is_told_not_done(client, editor, project, queues):
    experiment = make_experiment(project, trials=2, state="completed")
    client.force_login(editor)
    answer = client.post(address(experiment, "pause"), follow=True)
    assert "alert-error" in answer.content.decode()
    experiment.refresh_from_db()
    assert experiment.state == "completed"


@pytest.mark.parametrize("name", ["start", "pause", "resume", "stop", "archive"])
def test_actions_need_post_and_an_editor(client, viewer, editor, project, name):
    experiment = make_experiment(project, trials=1, running=1, state="running")
    client.force_login(editor)
    assert client.get(address(experiment, name)).status_code == 405
    client.force_login(viewer)
    assert client.post(address(experiment, name)).status_code == 403
    experiment.refresh_from_db()
    assert experiment.state == "running"


FIELDS = {
    "name": "new name",
    "notes": "why",
    "tags": "a, b, a",
    "max_trials": 50,
    "max_minutes": "1.5",
    "target_score": "",
    "parallel": 2,
}


def test_an_edit_changes_name_tags_and_budget(client, editor, project, queues):
    experiment = make_experiment(project, trials=1)
    client.force_login(editor)
    answer = client.post(address(experiment, "edit"), {**FIELDS, "revision": experiment.revision})
    assert answer.status_code == 302
    experiment.refresh_from_db()
    assert (experiment.name, experiment.tags) == ("new name", ["a", "b"])
    assert (experiment.max_trials, experiment.budget.max_seconds) == (50, 90)


def test_the_budget_to_edit_is_written_as_people_write_it(client, editor, project):
    experiment = make_experiment(project, trials=1)
    for seconds, shown in ((1800, "30"), (90, "1.5"), (1, "0.0167")):
        Experiment.objects.update(plan={"budget": {"max_seconds": seconds}})
        html = page(client, editor, address(experiment, "edit")).content.decode()
        field = re.search(r'<input[^>]*name="max_minutes"[^>]*>', html)
        assert field and f'value="{shown}"' in field.group()


def test_a_stale_edit_shows_both_versions_and_writes_nothing(client, editor, project, queues):
    experiment = make_experiment(project, trials=1)
    old = experiment.revision
    Experiment.objects.filter(pk=experiment.pk).update(name="theirs", revision=old + 1)
    client.force_login(editor)
    answer = client.post(address(experiment, "edit"), {**FIELDS, "revision": old})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs" in html and "new name" in html
    assert f'name="revision" value="{old + 1}"' in html
    experiment.refresh_from_db()
    assert experiment.name == "theirs"


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_trials", "0"), ("max_trials", "many"), ("target_score", "nan"), ("parallel", "-1")],
)
def test_a_bad_budget_is_refused_at_its_field(client, editor, project, field, value):
    experiment = make_experiment(project, trials=1)
    client.force_login(editor)
    sent = {**FIELDS, "revision": experiment.revision, field: value}
    answer = client.post(address(experiment, "edit"), sent)
    assert answer.status_code == 422
    assert "has-error" in answer.content.decode()
    experiment.refresh_from_db()
    assert experiment.name == "mnist-dense"


def test_strangers_learn_nothing(client, stranger, project):
    experiment = make_experiment(project, trials=1)
    for name in ("detail", "trials", "protocol", "log", "edit"):
        assert page(client, stranger, address(experiment, name)).status_code == 404


def test_the_page_asks_as_much_of_three_trials_as_of_thirteen(
    client, viewer, project, django_assert_max_num_queries
):
    counts = []
    client.force_login(viewer)
    for trials in (3, 13):
        experiment = make_experiment(
            project, trials=trials, running=1, failing=True, state="running", repeats=2
        )
        # One failure each, so that both pages have the same parts.
        experiment.trials.filter(number=0).update(state="failed", failure_kind="nan")
        with django_assert_max_num_queries(24) as queries:
            client.get(address(experiment))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_archived_experiment_is_restored(client, editor, project):
    experiment = make_experiment(project, trials=1)
    client.force_login(editor)
    client.post(address(experiment, "archive"))
    edit = client.get(address(experiment, "edit")).content.decode()
    assert address(experiment, "restore") in edit
    assert address(experiment, "archive") not in edit
    client.post(address(experiment, "restore"))
    experiment.refresh_from_db()
    assert experiment.archived is None
    assert Activity.objects.filter(verb="experiment.restored", user=editor).count() == 1
