"""Room: web. Reports: the list, the page, its frozen data for charts, making one, deleting and bringing back."""

import gzip
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.models import ReportSnapshot, Role
from experiments.reports.written.page import kinds_for, report_lines, report_page
from experiments.reports.written.snapshot import freeze
from experiments.services.experiments import reports as services

PAGE = 50
SHOWN_DELETED = 20


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    may_edit = permissions.may(request.user, project, Role.EDITOR)
    page = Paginator(report_lines(project), PAGE).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "page": page,
        "lines": list(page.object_list),
        "deleted": list(report_lines(project, deleted=True)[:SHOWN_DELETED]) if may_edit else [],
        "may_edit": may_edit,
    }
    return render(request, "reports/list.html", context)


@require_POST
def make(request: HttpRequest, code: UUID) -> HttpResponse:
    """One click: the experiment as it stands becomes a report."""
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    frozen = freeze(experiment)
    kinds = kinds_for(experiment, frozen.facts)
    report = services.make_report(experiment, frozen, kinds, by=permissions.signed_in(request))
    messages.info(request, "Report created. Edit it to add your own text.")
    return redirect("reports:detail", report.code)


@require_safe
def detail(request: HttpRequest, report: UUID) -> HttpResponse:
    found = permissions.get_report(request.user, report, Role.VIEWER)
    context = {
        "report": found,
        "project": found.project,
        "page": report_page(found),
        "may_edit": permissions.may(request.user, found.project, Role.EDITOR),
    }
    return render(request, "reports/detail.html", context)


@require_safe
@never_cache
def data(request: HttpRequest, report: UUID, snapshot: int, part: str) -> HttpResponse:
    """A frozen answer of the live address of that name, sent as it is stored."""
    found = permissions.get_report(request.user, report, Role.VIEWER)
    if part not in ReportSnapshot.PARTS:
        raise Http404("No such data.")
    body = found.snapshots.filter(pk=snapshot).values_list(part, flat=True).first()
    if not body:
        raise Http404("No such data.")
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    packed = bytes(body)
    answer = HttpResponse(
        packed if takes_gzip else gzip.decompress(packed), content_type="application/json"
    )
    if takes_gzip:
        answer["Content-Encoding"] = "gzip"
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


@require_POST
def delete(request: HttpRequest, report: UUID) -> HttpResponse:
    found = permissions.get_report(request.user, report, Role.EDITOR, deleted=True)
    services.delete_report(found, by=permissions.signed_in(request))
    undo = reverse("reports:restore", args=[found.code])
    days = services.KEPT_DELETED.days
    words = f"Deleted “{found.title}”. It can be restored from this list for {days} days."
    messages.info(request, words, extra_tags=undo)
    return redirect("reports:list", found.project.slug)


@require_POST
def restore(request: HttpRequest, report: UUID) -> HttpResponse:
    found = permissions.get_report(request.user, report, Role.EDITOR, deleted=True)
    services.restore_report(found, by=permissions.signed_in(request))
    messages.info(request, "Restored.")
    return redirect("reports:detail", found.code)
