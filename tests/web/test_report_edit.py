"""The editor of a report: blocks are written, moved, removed, added and frozen; two people at once."""

import re

import pytest
from django.test import Client

from experiments.models import Project, Trial
from tests.examples import make_experiment
from tests.web.report_pages import fields_of, kinds, opened, page, send


def test_charts_get_frozen_answers_and_live_ones_the_present(as_editor, report, reported):
    html = as_editor.get(page(report)).content.decode()
    [address] = re.findall(r'<best-so-far [^>]*src="([^"]*)"', html)
    snapshot = report.snapshots.get()
    assert address == page(report, "data", snapshot.pk, "history")
    before = as_editor.get(address).json()
    assert before["trials"]["n"] == 12

    Trial.objects.filter(experiment=reported, number=11).delete()
    assert as_editor.get(address).json() == before
    fields = opened(as_editor, report)
    at = kinds(fields).index("best-so-far") + 1
    answer, _ = send(as_editor, report, fields, **{f"b{at}-mode": "live"})
    assert answer.status_code == 302
    html = as_editor.get(page(report)).content.decode()
    [address] = re.findall(r'<best-so-far [^>]*src="([^"]*)"', html)
    assert as_editor.get(address).json()["trials"]["n"] == 11
    assert html.count(">live</span> as of") == 1 and "snapshot of" in html


def test_text_is_written_moved_and_removed_and_only_saving_writes(as_editor, report):
    fields = opened(as_editor, report)
    order = kinds(fields)
    _, html = send(as_editor, report, fields, "text-1")
    fields = fields_of(html)
    assert kinds(fields) == [order[0], "text", *order[1:]]
    fields["b2-text"] = "# So\n\n<b>x</b> **it works**"
    _, html = send(as_editor, report, fields, "up-2")
    fields = fields_of(html)
    assert kinds(fields)[0] == "text" and fields["b1-text"].startswith("# So")
    _, html = send(as_editor, report, fields, "remove-2")
    assert "removed when you save" in html
    _, html = send(as_editor, report, fields_of(html), "preview")
    assert "<strong>it works</strong>" in html and "Preview, not saved" in html
    report.refresh_from_db()
    assert (report.revision, len(report.blocks)) == (1, len(order))
    answer, _ = send(as_editor, report, fields_of(html), title="Ours")
    assert answer.status_code == 302
    report.refresh_from_db()
    assert [block.kind for block in report.blocks] == ["text", *order[1:]]
    html = as_editor.get(page(report)).content.decode()
    assert "<h2>So</h2>" in html and "&lt;b&gt;x&lt;/b&gt;" in html and "<h1>Ours</h1>" in html


def test_charts_are_first_offered_of_the_search_that_the_report_is_of(as_editor, report, reported):
    make_experiment(reported.project, name="a newer one")
    html = as_editor.get(page(report, "edit")).content.decode()
    offered = re.findall(r'<option value="([0-9a-f-]{36})">', html)
    assert offered[0] == str(reported.code) and len(offered) == len(set(offered)) == 2


def test_what_was_removed_is_put_back_with_its_text(as_editor, report):
    fields = fields_of(send(as_editor, report, opened(as_editor, report), "text-0")[1])
    fields["b1-text"] = "kept"
    fields = fields_of(send(as_editor, report, fields, "remove-1")[1])
    assert (fields["b1-removed"], fields["b1-text"]) == ("1", "kept")
    fields = fields_of(send(as_editor, report, fields, "back-1")[1])
    assert (fields["b1-removed"], fields["b1-text"]) == ("0", "kept")


def test_a_block_of_another_experiment_of_the_project_is_frozen_as_it_is_saved(
    as_editor, report, project, editor
):
    other = make_experiment(project, name="second search", trials=5, by=editor)
    fields = opened(as_editor, report)
    fields |= {"add-kind": "trials", "add-experiment": str(other.code)}
    _, html = send(as_editor, report, fields, "add")
    assert "Snapshot when saved" in html
    answer, _ = send(as_editor, report, fields_of(html))
    assert answer.status_code == 302
    assert {each.experiment for each in report.snapshots.all()} == {
        other,
        report.snapshots.first().experiment,
    }
    assert "second search" in as_editor.get(page(report)).content.decode()


def test_an_experiment_of_another_project_is_refused(as_editor, report, owner):
    secret = Project.objects.create(slug="secret", name="Secret")
    foreign = make_experiment(secret, name="hidden search", trials=3)
    fields = opened(as_editor, report)
    for mode in ("live", "fresh", "frozen"):
        changed = {"b1-experiment": str(foreign.code), "b1-mode": mode}
        if mode != "frozen":
            answer, html = send(as_editor, report, fields, **changed)
            assert answer.status_code == 422, mode
            assert "Block 1" in html and "choose an experiment of this project" in html
            assert "hidden search" not in html
        else:
            # its own frozen data under a foreign name: the page shows what was frozen, no more
            send(as_editor, report, fields, **changed)
            assert "hidden search" not in as_editor.get(page(report)).content.decode()


def test_the_second_saver_is_told_and_loses_nothing(as_editor, report, owner):
    mine = opened(as_editor, report)
    mine = fields_of(send(as_editor, report, mine, "text-0")[1])
    mine |= {"b1-text": "my words", "title": "My title"}
    other = Client()
    other.force_login(owner)
    theirs = fields_of(send(other, report, opened(other, report), "text-0")[1])
    theirs |= {"b1-text": "their words", "title": "Their title"}
    assert send(other, report, theirs)[0].status_code == 302

    answer, html = send(as_editor, report, mine)
    assert answer.status_code == 409
    assert "owner saved this report" in html and "Their title" in html and "their words" in html
    again = fields_of(html)
    assert (again["b1-text"], again["title"]) == ("my words", "My title")
    report.refresh_from_db()
    assert report.title == "Their title"
    assert send(as_editor, report, again)[0].status_code == 302
    report.refresh_from_db()
    assert (report.title, report.blocks[0].text, report.revision) == ("My title", "my words", 3)


def test_frozen_data_that_somebody_let_go_are_frozen_anew(as_editor, report):
    fields = opened(as_editor, report)
    report.snapshots.all().delete()
    answer, _ = send(as_editor, report, fields)
    assert answer.status_code == 302
    assert report.snapshots.count() == 1
    assert "snapshot of" in as_editor.get(page(report)).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "Enter a title"),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"b1-kind": "<script>"}, "Block 1"),
        ({"b1-kind": "text", "b1-text": "x" * 20_001}, "Split it into two blocks"),
        ({"b1-kind": "text", "b1-text": "a\0b"}, "can&#x27;t be stored"),
        ({"revision": "9" * 30}, "saved this report"),
        ({"b1-snapshot": "9" * 30, "b1-experiment": "x"}, "choose an experiment"),
    ],
)
def test_what_cannot_be_saved_is_said_and_the_form_stays(as_editor, report, changes, words):
    fields = opened(as_editor, report) | {"title": "Typed"} | changes
    answer, html = send(as_editor, report, fields)
    assert answer.status_code in (409, 422)
    assert words in html and "<script>" not in html.split("<main", 1)[1]
    assert fields_of(html)["title"] == changes.get("title", "Typed")
    report.refresh_from_db()
    assert report.revision == 1


def test_any_button_of_any_form_is_answered(as_editor, report):
    for act in (
        "up-1",
        "down-99",
        "remove-0",
        "back-x",
        "text-99",
        "text--1",
        "add",
        "up",
        "?",
        "",
    ):
        answer, _ = send(as_editor, report, opened(as_editor, report), act)
        assert answer.status_code == 200, act
    assert (
        as_editor.post(page(report, "edit"), {"count": "9" * 18, "act": "up-1"}).status_code == 200
    )
