"""Room: web. The editor of a report: blocks are written, moved, added and frozen; whose save came first."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from experiments import permissions
from experiments.models import Experiment, Purpose, Report, Role
from experiments.models.report_block import CHARTS, FACTS, LONGEST_TEXT, BlockError
from experiments.reports.written.page import report_page
from experiments.reports.written.snapshot import freeze
from experiments.search.reading import read_code
from experiments.services.experiments.edits import StaleEdit
from experiments.services.experiments.reports import KEPT_DELETED, check_report, save_report
from experiments.services.experiments.states import NotAllowed
from experiments.web.forms.report import ReportForm

OFFERED = 200  # experiments to take blocks from, the newest


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, report: UUID) -> HttpResponse:
    found = permissions.get_report(request.user, report, Role.EDITOR)
    if request.method != "POST":
        return _page(request, found, ReportForm.of(found))
    fields = {str(name): str(value) for name, value in request.POST.items()}
    form, act = ReportForm.posted(fields), fields.get("act", "save")
    if act == "save":
        return _save(request, found, form)
    if act == "preview":
        return _preview(request, found, form)
    return _page(request, found, form.acted(act, fields))


def _save(request: HttpRequest, report: Report, form: ReportForm) -> HttpResponse:
    """Freeze what is to be frozen, then write all of it at once."""
    if form.revision != report.revision:
        return _conflict(request, report, form)
    try:
        blocks, codes = form.read(_known(report, form), _snapshots(report))
        check_report(form.title, blocks)  # before freezing, which takes longest
        experiments = {
            code: permissions.get_experiment(request.user, code, Role.VIEWER) for code in codes
        }
        save_report(
            report,
            form.title,
            blocks,
            revision=form.revision,
            fresh={code: freeze(each) for code, each in experiments.items()},
            by=permissions.signed_in(request),
        )
    except StaleEdit:
        return _conflict(request, report, form)
    except (BlockError, NotAllowed) as refusal:
        return _page(request, report, form, error=str(refusal), status=422)
    messages.info(request, "Saved.")
    return redirect("reports:detail", report.code)


def _preview(request: HttpRequest, report: Report, form: ReportForm) -> HttpResponse:
    """The page as it would be, above the form; nothing is written."""
    try:
        blocks, _ = form.read(_known(report, form), _snapshots(report), preview=True)
    except BlockError as refusal:
        return _page(request, report, form, error=str(refusal), status=422)
    return _page(request, report, form, preview=report_page(report, blocks))


def _conflict(request: HttpRequest, report: Report, form: ReportForm) -> HttpResponse:
    """Somebody saved since the page was opened: theirs to read, and the form as it was typed."""
    stored = permissions.get_report(request.user, report.code, Role.EDITOR)
    mine = ReportForm(form.title, stored.revision, form.rows)
    return _page(request, stored, mine, theirs=report_page(stored), status=409)


def _known(report: Report, form: ReportForm) -> dict[str, UUID]:
    """The project's experiments that the form names, by code."""
    # What is no code is refused where the block is read.
    wanted = {code for row in form.rows if (code := read_code(row.experiment))}
    found = Experiment.objects.filter(project=report.project, code__in=wanted)
    return {str(code): code for code in found.values_list("code", flat=True)}


def _snapshots(report: Report) -> dict[int, str]:
    """The experiment's code of each of the report's snapshots."""
    rows = report.snapshots.values_list("pk", "facts__code")
    return {key: str(code) for key, code in rows}


def _page(
    request: HttpRequest, report: Report, form: ReportForm, *, status: int = 200, **extra: Any
) -> HttpResponse:
    searches = Experiment.objects.filter(project=report.project, purpose=Purpose.SEARCH)
    named = When(code__in=list(_known(report, form).values()), then=0)  # the report is about these
    newest = searches.order_by(Case(named, default=1), "-pk")
    choices = list(newest.values_list("code", "name")[:OFFERED])
    taken = {each.pk: each.taken for each in report.snapshots.only("pk", "taken", "report")}
    names = {
        code: name for code, name in report.snapshots.values_list("facts__code", "facts__name")
    }
    names |= {str(code): name for code, name in choices}
    rows = [
        {
            "row": row,
            "number": number,
            "name": names.get(row.experiment, "a deleted experiment"),
            "taken": taken.get(row.snapshot or 0),
        }
        for number, row in enumerate(form.rows, start=1)
    ]
    context = {
        "report": report,
        "project": report.project,
        "form": form,
        "rows": rows,
        "choices": choices,
        "facts": FACTS,
        "charts": CHARTS,
        "most": LONGEST_TEXT,
        "kept_days": KEPT_DELETED.days,
        **extra,
    }
    return render(request, "reports/edit.html", context, status=status)
