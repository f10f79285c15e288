"""Findings on pages: the list, the rail, Home, their one act, and dismissals."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.check_outcomes import NotChecked, NotFound
from experiments.models import Experiment, Finding
from experiments.reports.experiments.live import Cursor, live
from experiments.reports.trials.table import trial_columns
from experiments.search.findings.registry import KINDS, look_for, looked_for
from experiments.search.findings.search_state import SearchState
from experiments.services.experiments.edits import edit_experiment
from experiments.services.experiments.findings import Looked, dismiss, record_look
from tests.examples import make_experiment
from tests.search.findings.planted import SPACE, edge_score, searched
from tests.searches import make_experiment as make_search

ALL = looked_for(scheduled=True)


@pytest.fixture
def experiment(project, owner):
    return make_experiment(project, trials=5, by=owner, state="running", max_trials=40)


def an_edge(experiment):
    """The planted optimum at an end, as a look stores it."""
    found = look_for(SearchState(space=SPACE, history=searched(edge_score, 120)), ALL)
    record_look(experiment.pk, Looked(120, 0, 1, scheduled=True), found)
    return Finding.objects.get(kind="edge")


def stored(experiment, kind, act, change, subject="x"):
    return Finding.objects.create(
        experiment=experiment,
        kind=kind,
        subject=subject,
        statement=f"A {kind} <b>finding</b>.",
        action={"act": act, "label": f"Do {act}", "change": change},
    )


def page(client, name, *args):
    return client.get(reverse(f"experiments:{name}", args=args))


def test_a_finding_is_told_on_every_page_with_its_evidence(client, viewer, editor, experiment):
    row = an_edge(experiment)
    client.force_login(viewer)
    listed = page(client, "findings", experiment.code).content.decode()
    assert row.statement in listed and "<circle" in listed and "(t-test)" in listed
    assert "Widen to" not in listed, "viewers act on nothing"
    client.force_login(editor)
    for name in ("detail", "findings"):
        shown = page(client, name, experiment.code).content.decode()
        assert row.statement in shown and "Widen to 3e-5" in shown
    home = client.get(reverse("home")).content.decode()
    assert "mnist-dense: optimum at a boundary" in home


def test_the_pages_cost_the_same_however_much_was_found(client, editor, experiment):
    def queries(name):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert page(client, name, experiment.code).status_code == 200
        return len(captured)

    client.force_login(editor)
    page(client, "detail", experiment.code)
    before = {name: queries(name) for name in ("detail", "findings")}
    for number in range(30):
        stored(experiment, "dead", "fix", {"name": "x", "value": 1}, f"x{number}")
    assert {name: queries(name) for name in before} == before


def test_words_of_a_finding_are_escaped_and_an_empty_picture_is_none(client, viewer, experiment):
    stored(experiment, "leak", "protocol", {})
    client.force_login(viewer)
    shown = page(client, "findings", experiment.code).content.decode()
    assert "<b>finding" not in shown and "&lt;b&gt;finding" in shown
    assert "<figure" not in shown


def test_a_search_that_was_not_looked_at_says_so(client, viewer, experiment):
    client.force_login(viewer)
    assert "Not checked yet" in page(client, "findings", experiment.code).content.decode()
    outcomes = {"edge": NotFound(("12 scored trials",)), "lucky": NotChecked("Too few", "more")}
    record_look(experiment.pk, Looked(12, 0, 1, scheduled=True), outcomes)
    for name in ("findings", "detail"):
        shown = page(client, name, experiment.code).content.decode()
        assert "No findings in 1 check; 13 could not be made." in shown
    shown = page(client, "findings", experiment.code).content.decode()
    assert "12 scored trials" in shown and "Too few" in shown and "To check it: more." in shown


def test_a_dismissal_needs_a_reason_and_keeps_what_was_typed(client, editor, experiment):
    row = an_edge(experiment)
    client.force_login(editor)
    address = reverse("experiments:finding-dismiss", args=[experiment.code, row.pk])
    refused = client.post(address, {"reason": "x" * 600})
    assert refused.status_code == 422
    assert "at most 500 characters" in refused.content.decode()
    assert "x" * 600 in refused.content.decode()
    client.post(address, {"reason": "Lower rates are too slow here."})
    shown = page(client, "findings", experiment.code).content.decode()
    assert "Dismissed by editor" in shown and "Lower rates are too slow here." in shown
    assert not page(client, "detail", experiment.code).context["findings"]
    client.post(reverse("experiments:finding-restore", args=[experiment.code, row.pk]))
    assert Finding.objects.get().dismissed is None


@pytest.mark.parametrize(
    ("kind", "act", "change", "leads_to"),
    [
        ("idle", "parallel", {"parallel": 4}, "edit/?slots=4"),
        ("leak", "protocol", {}, "protocol/"),
        ("edge", "widen", {"name": "x", "fields": {"max": 768}}, "edit/?widen=x%3A%3A768"),
        ("wasted", "failed", {}, "trials/?filter=state+%3D+failed"),
        ("wasted", "trials", {"max_trials": 16}, "clone/?finding="),
        ("overfitting", "early_stopping", {"early_stopping_patience": 5}, "clone/?finding="),
    ],
)
def test_an_act_leads_to_the_form_that_does_it(
    client, editor, experiment, kind, act, change, leads_to
):
    row = stored(experiment, kind, act, change)
    client.force_login(editor)
    answer = page(client, "finding-act", experiment.code, row.pk)
    assert answer.status_code == 302 and leads_to in answer["Location"]
    assert client.get(answer["Location"]).status_code in (200, 302)


@pytest.mark.parametrize(
    ("act", "change", "seen"),
    [
        ("widen", {"name": "units", "fields": {"max": 4096}}, 'value="4096"'),
        ("widen", {"name": "units", "fields": {"min": 7}}, 'value="7"'),
        ("widen", {"name": "batch_size", "fields": {"choices": [7, 32, 64]}}, "7, 32, 64"),
        ("fix", {"name": "units", "value": 77}, 'value="77"'),
        ("forbid", {"constraint": "units < 77"}, "units &lt; 77"),
        ("parallel", {"parallel": 7}, 'value="7"'),
    ],
)
def test_a_change_stands_in_the_form_of_the_search_and_is_not_saved(
    client, project, editor, act, change, seen
):
    search = make_search(project)
    row = stored(search, "edge", act, change)
    before = search.space_versions.get().space
    client.force_login(editor)
    assert seen not in page(client, "edit", search.code).content.decode()
    address = reverse("experiments:finding-act", args=[search.code, row.pk])
    opened = client.get(address, follow=True).content.decode()
    assert seen in opened
    assert search.space_versions.get().space == before, "nothing is saved by looking"


@pytest.mark.parametrize(
    ("act", "change"),
    [
        ("early_stopping", {"early_stopping_patience": 9}),
        ("reuse", {"experiments": []}),
        ("repeats", {"times": 9}),
        ("trials", {"max_trials": 9}),
    ],
)
def test_a_copy_opens_with_the_change_made(client, project, editor, act, change):
    source = make_search(project)
    row = stored(source, "overfitting", act, change)
    client.force_login(editor)
    address = reverse("experiments:clone", args=[source.code])
    opened = client.get(f"{address}?finding={row.pk}").content.decode()
    assert f"Do {act}" in opened
    assert ('value="9"' in opened) == (act != "reuse")
    for wrong in ("x", "-1", str(row.pk + 1), "9" * 40):
        assert client.get(f"{address}?finding={wrong}").status_code == 200


def test_a_baseline_that_wins_is_opened(client, editor, project, owner, experiment):
    run = make_experiment(project, trials=1, name="linear", by=owner)
    row = stored(experiment, "baseline", "baseline", {"run": str(run.code), "trial": 0})
    client.force_login(editor)
    opened = client.get(
        reverse("experiments:finding-act", args=[experiment.code, row.pk]), follow=True
    )
    assert opened.status_code == 200 and opened.context["trial"].experiment == run


@pytest.mark.parametrize(
    ("kind", "act", "change", "words"),
    [
        ("stalled", "stop", {"confirm": [3, 1]}, "Stop the search"),
        ("lucky", "confirm", {"trials": [3]}, "Confirm with fresh seeds"),
    ],
)
def test_stopping_and_confirming_are_asked_about_once(
    client, editor, experiment, kind, act, change, words
):
    row = stored(experiment, kind, act, change)
    client.force_login(editor)
    assert words in page(client, "finding-act", experiment.code, row.pk).content.decode()


def test_a_finding_of_another_experiment_is_a_404(client, editor, project, owner, experiment):
    other = make_experiment(project, name="other", by=owner)
    row = stored(other, "idle", "parallel", {"parallel": 4})
    client.force_login(editor)
    assert page(client, "finding-act", experiment.code, row.pk).status_code == 404
    assert page(client, "finding-act", experiment.code, 2**70).status_code == 404


def test_live_pages_hear_of_a_finding_once(experiment, owner):
    def ask(cursor):
        fresh = Experiment.objects.select_related("best_trial").get(pk=experiment.pk)
        return live(fresh, Cursor.read(cursor), trial_columns(fresh))

    first = ask(str(experiment.event_serial))
    assert first["findings"] is None
    row = an_edge(experiment)
    report = ask(first["cursor"])
    assert [each["statement"] for each in report["findings"]] == [row.statement]
    assert len(json.dumps(report["findings"])) < 1000
    dismiss(row, reason="Meant.", by=owner)
    assert ask(report["cursor"])["findings"] == []


def test_the_json_has_everything_that_the_page_has(client, viewer, experiment):
    row = an_edge(experiment)
    client.force_login(viewer)
    body = client.get(reverse("chart_data:findings", args=[experiment.code])).json()
    [found] = body["open"]
    assert found["statement"] == row.statement and found["title"] == KINDS["edge"].title
    assert len(found["evidence"]["x"]) == len(found["evidence"]["y"]) <= 60
    assert body["looked"]["ended"] == 120 and body["dismissed"] == []


def test_a_finding_goes_when_the_search_does_what_it_proposed(client, project, editor):
    search = make_search(project)
    more = stored(search, "idle", "parallel", {"parallel": search.parallel + 1})
    rule = stored(search, "failing", "forbid", {"constraint": "units < 77"})
    kept = stored(search, "leak", "protocol", {})
    before = live(search, Cursor.read(""), trial_columns(search))
    edit_experiment(search, revision=search.revision, by=editor, parallel=search.parallel + 1)
    client.force_login(editor)
    found = page(client, "findings", search.code).context["found"]
    assert {line.row.pk for line in found.open} == {rule.pk, kept.pk}
    assert [line.row.pk for line in found.past] == [more.pk]
    fresh = Experiment.objects.get(pk=search.pk)
    told = live(fresh, Cursor.read(before["cursor"]), trial_columns(fresh))["findings"]
    assert {each["id"] for each in told} == {rule.pk, kept.pk}, "open pages hear of it"


def test_a_search_that_is_over_is_not_told_how_to_continue(client, editor, experiment):
    row = stored(experiment, "stalled", "stop", {"confirm": [1]})
    stored(experiment, "leak", "protocol", {})
    client.force_login(editor)
    shown = {
        "running": {"stalled", "leak"},
        "stopping": {"leak"},
        "completed": {"leak"},
        "paused": {"stalled", "leak"},
    }
    for state, kinds in shown.items():
        Experiment.objects.filter(pk=experiment.pk).update(state=state)
        listed = page(client, "detail", experiment.code).context["findings"]
        assert {line.row.kind for line in listed} == kinds, state
    home = client.get(reverse("home")).content.decode()
    assert row.statement.split("<")[0] in home  # paused: it may go on
