"""Writes of reports: create, save, delete, restore."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from experiments.models import Experiment, Project, Report, ReportSnapshot
from experiments.models.report_block import LONGEST_TEXT, TEXT, Block
from experiments.services.experiments.edits import StaleEdit
from experiments.services.experiments.states import NotAllowed
from experiments.services.site import activity

MOST_BLOCKS = 60
MOST_TEXT = 200_000  # characters of all texts of a report
MOST_EXPERIMENTS = 10  # of one report
KEPT_DELETED = timedelta(days=30)

PENDING = 0  # a block's snapshot while it is still to be taken


def make_report(
    experiment: Experiment, frozen: ReportSnapshot, kinds: Sequence[str], *, by: User
) -> Report:
    """A report of one experiment: its notes, then a frozen block of each kind.

    frozen: not yet stored, as `reports/written/snapshot.py` takes it.
    """
    with transaction.atomic():
        report = Report.objects.create(
            project=experiment.project,
            title=f"{experiment.name}: findings"[: Report.TITLE_LENGTH],
            author=by,
            saved_by=by,
        )
        key = _store(report, frozen)
        text = experiment.notes[:LONGEST_TEXT]
        blocks = [Block(TEXT, text=text)] if text.strip() else []
        blocks += [Block(kind, experiment=experiment.code, snapshot=key) for kind in kinds]
        report.stored_blocks = [block.to_dict() for block in blocks]
        report.save(update_fields=["stored_blocks"])
        _note(report, "report.made", "Created the report", by, experiment)
    report.refresh_from_db()
    return report


def save_report(
    report: Report,
    title: str,
    blocks: Sequence[Block],
    *,
    revision: int,
    fresh: Mapping[UUID, ReportSnapshot],
    by: User,
) -> None:
    """Keep title and blocks. fresh: new frozen data by experiment, for blocks without a snapshot.

    Frozen data that no block names any more is deleted. Raises NotAllowed; StaleEdit when somebody
    saved since `revision`.
    """
    check_report(title, blocks)
    title = " ".join(title.split())
    with transaction.atomic():
        current = Report.objects.filter(pk=report.pk, revision=revision, deleted=None)
        if not current.update(revision=F("revision") + 1, saved=Now(), saved_by=by, title=title):
            raise StaleEdit(Report.objects.get(pk=report.pk))
        made = {code: _store(report, frozen) for code, frozen in fresh.items()}
        kept = [
            replace(block, snapshot=made[block.experiment])
            if block.experiment in made and block.snapshot == PENDING
            else block
            for block in blocks
        ]
        Report.objects.filter(pk=report.pk).update(
            stored_blocks=[block.to_dict() for block in kept]
        )
        named = {block.snapshot for block in kept if block.snapshot is not None}
        report.snapshots.exclude(pk__in=named).delete()
        _note(report, "report.saved", "Saved the report", by, title=title)
    report.refresh_from_db()


def delete_report(report: Report, *, by: User) -> None:
    """Hide it; it can be restored for 30 days."""
    with transaction.atomic():
        if Report.objects.filter(pk=report.pk, deleted=None).update(deleted=Now()):
            _note(report, "report.deleted", "Deleted the report", by)
    report.refresh_from_db()


def restore_report(report: Report, *, by: User) -> None:
    """Restore a deleted report."""
    with transaction.atomic():
        if Report.objects.filter(pk=report.pk, deleted__isnull=False).update(deleted=None):
            _note(report, "report.restored", "Restored the report", by)
    report.refresh_from_db()


def forget_deleted_reports() -> None:
    """Reports that were deleted long ago, with what they froze."""
    Report.objects.filter(deleted__lt=Now() - KEPT_DELETED).delete()


def check_report(title: str, blocks: Sequence[Block]) -> None:
    """Raise NotAllowed, with the field and the fix, for what no report may be."""
    title = " ".join(title.split())
    if not title:
        raise NotAllowed("Enter a title.")
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in title):
        raise NotAllowed("The title contains a character that can't be stored. Remove it.")
    if len(title) > Report.TITLE_LENGTH:
        raise NotAllowed(f"The title is too long: at most {Report.TITLE_LENGTH} characters.")
    if len(blocks) > MOST_BLOCKS:
        raise NotAllowed(f"A report can have at most {MOST_BLOCKS} blocks. Remove some.")
    if sum(len(block.text) for block in blocks) > MOST_TEXT:
        raise NotAllowed(
            f"The texts of a report can have at most {MOST_TEXT:,} characters in total."
        )
    if len(_codes(blocks)) > MOST_EXPERIMENTS:
        raise NotAllowed(f"A report can have at most {MOST_EXPERIMENTS} experiments.")


def _codes(blocks: Iterable[Block]) -> set[UUID]:
    return {block.experiment for block in blocks if block.experiment is not None}


def _store(report: Report, frozen: ReportSnapshot) -> int:
    """Key of the new snapshot."""
    frozen.report = report
    frozen.save(force_insert=True)
    return frozen.pk


def _note(
    report: Report,
    verb: str,
    words: str,
    by: User,
    experiment: Experiment | None = None,
    title: str = "",
) -> None:
    project: Project = report.project
    text = f"{words} “{title or report.title}”"
    detail = {"report": str(report.code)}
    activity.record(verb, text, project=project, experiment=experiment, user=by, detail=detail)
