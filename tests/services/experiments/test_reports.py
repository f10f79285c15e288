"""Reports: made, saved, deleted, brought back; what is refused, and whose save came first."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import Activity, Report, ReportSnapshot
from experiments.models.report_block import LONGEST_TEXT, Block, BlockError
from experiments.reports.written.snapshot import freeze
from experiments.services.experiments import reports
from experiments.services.experiments.edits import StaleEdit
from experiments.services.experiments.reports import (
    delete_report,
    forget_deleted_reports,
    make_report,
    restore_report,
    save_report,
)
from experiments.services.experiments.states import NotAllowed
from tests.examples import make_experiment

KINDS = ["winner", "best-so-far", "settings"]


@pytest.fixture
def experiment(project, editor):
    return make_experiment(project, trials=4, by=editor)


@pytest.fixture
def report(experiment, editor):
    return make_report(experiment, freeze(experiment), KINDS, by=editor)


def save(report, editor, *, blocks=None, title="A title", **changes):
    options = {"revision": report.revision, "fresh": {}, "by": editor, **changes}
    save_report(report, title, report.blocks if blocks is None else blocks, **options)


def test_a_report_is_the_experiment_as_it_stands(report, experiment, editor):
    [snapshot] = report.snapshots.all()
    assert [block.kind for block in report.blocks] == KINDS
    assert {block.snapshot for block in report.blocks} == {snapshot.pk}
    assert (report.author, report.revision, report.project) == (editor, 1, experiment.project)
    assert Activity.objects.get(verb="report.made").experiment == experiment


def test_the_experiments_notes_are_its_first_text(experiment, editor):
    experiment.notes = "Why *this* search."
    report = make_report(experiment, freeze(experiment), KINDS, by=editor)
    assert report.blocks[0] == Block("text", text="Why *this* search.")


def test_a_long_name_makes_a_title_that_fits(experiment, editor):
    experiment.name = "ש🎯" * 60
    report = make_report(experiment, freeze(experiment), KINDS, by=editor)
    assert len(report.title) <= Report.TITLE_LENGTH


def test_saving_keeps_blocks_counts_and_tells_the_log(report, editor, owner):
    text = Block("text", text="It works.")
    save(report, owner, blocks=[text, *report.blocks], title="  Two\n words ")
    assert (report.title, report.revision, report.saved_by) == ("Two words", 2, owner)
    assert report.blocks[0] == text
    assert "Two words" in Activity.objects.get(verb="report.saved").text


def test_the_second_of_two_people_is_told_and_nothing_of_the_first_is_lost(report, editor, owner):
    other = Report.objects.get(pk=report.pk)
    save(report, editor, title="First")
    with pytest.raises(StaleEdit):
        save(other, owner, title="Second", blocks=[])
    report.refresh_from_db()
    assert (report.title, len(report.blocks), report.snapshots.count()) == ("First", 3, 1)


def test_new_data_take_the_place_of_old_ones_and_data_that_nobody_shows_go(
    report, experiment, editor
):
    before = report.snapshots.get()
    blocks = [replace(block, snapshot=reports.PENDING) for block in report.blocks]
    save(report, editor, blocks=blocks, fresh={experiment.code: freeze(experiment)})
    after = report.snapshots.get()
    assert after.pk != before.pk
    assert {block.snapshot for block in report.blocks} == {after.pk}


def test_a_live_block_keeps_what_was_frozen_for_it(report, editor):
    blocks = [replace(block, is_live=True) for block in report.blocks]
    save(report, editor, blocks=blocks)
    assert all(block.is_live for block in report.blocks)
    assert report.snapshots.count() == 1


@pytest.mark.parametrize("title", ["", "  \n ", "x" * 201, "a\0b", "a\ud800b"])
def test_a_title_that_says_nothing_or_cannot_be_stored_is_refused(report, editor, title):
    with pytest.raises(NotAllowed, match="title"):
        save(report, editor, title=title)
    report.refresh_from_db()
    assert report.revision == 1


def test_too_many_blocks_and_too_much_text_are_refused(report, editor):
    text = Block("text", text="x")
    with pytest.raises(NotAllowed, match="at most 60 blocks"):
        save(report, editor, blocks=[text] * 61)
    long = Block("text", text="x" * LONGEST_TEXT)
    with pytest.raises(NotAllowed, match="200,000 characters in total"):
        save(report, editor, blocks=[long] * 11)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "script"}, "no block"),
        ({"kind": "winner"}, "choose an experiment"),
        ({"kind": "text", "text": "x" * (LONGEST_TEXT + 1)}, "Split it"),
        ({"kind": "text", "text": "a\0"}, "can't be stored"),
    ],
)
def test_a_block_that_no_page_could_show_is_refused(fields, words):
    with pytest.raises(BlockError, match=words):
        Block(**fields)


def test_a_deleted_report_comes_back_and_is_forgotten_after_a_while(report, editor):
    delete_report(report, by=editor)
    delete_report(report, by=editor)
    assert report.deleted
    with pytest.raises(StaleEdit):
        save(report, editor)
    forget_deleted_reports()
    restore_report(report, by=editor)
    assert report.deleted is None
    verbs = ["report.made", "report.deleted", "report.restored"]
    assert [
        *Activity.objects.filter(verb__in=verbs).order_by("pk").values_list("verb", flat=True)
    ] == verbs
    long_ago = timezone.now() - reports.KEPT_DELETED - timedelta(hours=1)
    Report.objects.filter(pk=report.pk).update(deleted=long_ago)
    forget_deleted_reports()
    assert not Report.objects.exists() and not ReportSnapshot.objects.exists()


def test_what_was_frozen_outlives_the_experiment(report, experiment):
    report.snapshots.update(experiment=None)
    assert report.snapshots.get().facts["name"] == experiment.name
