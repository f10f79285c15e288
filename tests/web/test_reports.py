"""Reports in the browser's eyes: one click makes one, its data stay or are live, and who may read it."""

import gzip
import json
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from experiments.models import Report, Trial
from experiments.reports.written.page import kinds_for
from experiments.reports.written.snapshot import freeze
from experiments.services.experiments.reports import make_report
from tests.examples import make_experiment
from tests.reports.written.test_snapshot import crowned
from tests.web.report_pages import page


def test_one_click_makes_a_report_that_stays_as_it_was(as_editor, reported, editor):
    html = as_editor.get(reverse("experiments:detail", args=[reported.code])).content.decode()
    address = reverse("reports:make", args=[reported.code])
    assert f'action="{address}"' in html and "Create report" in html
    answer = as_editor.post(address, follow=True)
    report = Report.objects.get()
    assert answer.redirect_chain[-1][0] == page(report)
    html = answer.content.decode()
    best = reported.best_trial.number
    assert f"By {editor.username}" in html and "snapshot of" in html
    assert f"trial {best} of “mnist-dense” reached" in unescape(html)
    for element in ("best-so-far", "learning-curves", "hyperparameter-importance"):
        assert f"<{element} " in html

    overview = as_editor.get(reverse("experiments:detail", args=[reported.code])).content.decode()
    assert page(report) in overview, "the experiment names its reports"
    Trial.objects.filter(experiment=reported).delete()
    assert f"trial {best} of “mnist-dense” reached" in unescape(
        as_editor.get(page(report)).content.decode()
    )


def test_frozen_data_are_sent_as_they_lie_to_who_takes_gzip(as_editor, report):
    address = page(report, "data", report.snapshots.get().pk, "curves")
    packed = as_editor.get(address, headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    assert json.loads(gzip.decompress(packed.content)) == as_editor.get(address).json()


@pytest.mark.parametrize(
    ("snapshot", "part"), [(0, "history"), (2**63, "history"), (None, "front"), (None, "facts")]
)
def test_data_that_are_not_there_are_not_found(as_editor, report, snapshot, part):
    key = report.snapshots.get().pk if snapshot is None else snapshot
    assert as_editor.get(page(report, "data", key, part)).status_code == 404


def test_data_of_another_report_are_not_found(as_editor, report, reported, editor):
    other = make_report(reported, freeze(reported), ["winner"], by=editor)
    address = page(report, "data", other.snapshots.get().pk, "history")
    assert as_editor.get(address).status_code == 404


def test_a_deleted_report_is_gone_for_readers_and_can_be_brought_back(as_editor, report, viewer):
    answer = as_editor.post(page(report, "delete"), follow=True)
    html = answer.content.decode()
    assert page(report, "restore") in html and "Deleted" in html
    assert as_editor.get(page(report)).status_code == 404
    reader = Client()
    reader.force_login(viewer)
    listing = reverse("reports:list", args=[report.project.slug])
    assert report.title not in reader.get(listing).content.decode()
    assert as_editor.post(page(report, "restore"), follow=True).status_code == 200
    assert report.title in reader.get(listing).content.decode()


def test_a_viewer_reads_and_changes_nothing(report, viewer, stranger):
    reader = Client()
    reader.force_login(viewer)
    html = reader.get(page(report)).content.decode()
    assert "data-print" in html and page(report, "edit") not in html
    assert reader.post(page(report, "edit"), {"title": "x"}).status_code == 403
    reader.force_login(stranger)
    assert reader.get(page(report)).status_code == 404


def test_the_page_asks_as_often_with_many_trials_and_frozen_blocks_as_with_few(
    as_editor, project, editor
):
    asked = []
    for trials, repeats in ((5, 1), (60, 3)):
        experiment = crowned(make_experiment(project, trials=trials, repeats=repeats, by=editor))
        frozen = freeze(experiment)
        kinds = kinds_for(experiment, frozen.facts) * repeats
        report = make_report(experiment, frozen, kinds, by=editor)
        as_editor.get(page(report))
        with CaptureQueriesContext(connection) as queries:
            assert as_editor.get(page(report)).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("trials", [0, 1])
def test_an_experiment_with_nothing_to_tell_makes_a_page(as_editor, project, editor, trials):
    name = '<b>"סדרה" 🎯</b> ' + "x" * 90
    experiment = make_experiment(project, name=name, trials=trials, max_trials=3, by=editor)
    as_editor.post(reverse("reports:make", args=[experiment.code]))
    html = as_editor.get(page(Report.objects.get())).content.decode()
    assert "No winner yet" in html and "<b>" not in html.split("<main", 1)[1]


def test_a_live_block_of_an_experiment_that_is_gone_says_so(as_editor, report):
    blocks = [{**each, "live": True} for each in report.stored_blocks]
    blocks[0]["experiment"] = "00000000-0000-4000-8000-000000000000"
    Report.objects.filter(pk=report.pk).update(stored_blocks=blocks)
    assert "The experiment was deleted" in as_editor.get(page(report)).content.decode()
