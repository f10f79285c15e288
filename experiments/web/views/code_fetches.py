"""Room: web. Code out of a Git repository: requested, shown with its changes, and kept as a version."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiments import permissions
from experiments.models import HyperModelVersion, Project, Role
from experiments.reports.site.code_versions import difference
from experiments.services.code.fetches import (
    Place,
    keep_code,
    may_fetch,
    newest_version,
    request_code,
    same_version,
)
from experiments.services.code.versions import may_add_code
from experiments.web.forms.code import CodeFetchForm
from experiments.web.query_values import read_number
from experiments.web.refusals import refusal_shown

NO_RIGHT = "Only people to whom an administrator gave the right “May add code” can fetch code."
OFF = "Code can't be fetched from repositories here: an administrator lists them in CODE_REPOSITORIES."


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """`version`: the record of a version that was fetched, whose place the form begins with."""
    project = _project(request, slug)
    allowed = settings.CODE_REPOSITORIES
    if request.method != "POST":
        form = CodeFetchForm.of(_version(project, request.GET.get("version", "")), allowed=allowed)
        return _form_page(request, project, form)
    form = CodeFetchForm(request.POST, allowed=allowed)
    if not form.is_valid():
        return _form_page(request, project, form, status=422)
    data = form.cleaned_data
    place = Place(data["address"], data["revision"], data["path"], data["commit"])
    fetch = request_code(project, data["name"], place, by=permissions.signed_in(request))
    return redirect("code:fetched", project.slug, fetch.pk)


@require_safe
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = _project(request, slug)
    fetch = get_object_or_404(project.code_fetches, pk=pk)
    newest, same = newest_version(fetch), same_version(fetch)
    context = {
        "project": project,
        "fetch": fetch,
        "newest": newest,
        "same": same,
        "differs": same is None or same != newest,
        "difference": difference(newest.source, fetch.source) if newest else (),
        "source_lines": fetch.source.splitlines(),
    }
    return render(request, "code/fetched.html", context)


@require_POST
def keep(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make it a version."""
    project = _project(request, slug)
    fetch = get_object_or_404(project.code_fetches, pk=pk)
    with refusal_shown(request):
        version = keep_code(fetch, by=permissions.signed_in(request))
        address = reverse("code:detail", args=[project.slug, version.hypermodel_id])
        return redirect(f"{address}?version={version.number}")
    return redirect("code:fetched", project.slug, fetch.pk)


def _form_page(
    request: HttpRequest, project: Project, form: CodeFetchForm, *, status: int = 200
) -> HttpResponse:
    return render(request, "code/fetch.html", {"project": project, "form": form}, status=status)


def _project(request: HttpRequest, slug: str) -> Project:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    if not may_add_code(permissions.signed_in(request)):
        raise PermissionDenied(NO_RIGHT)
    if not may_fetch():
        raise PermissionDenied(OFF)
    return project


def _version(project: Project, wanted: str) -> HyperModelVersion | None:
    versions = HyperModelVersion.objects.select_related("hypermodel").exclude(origin={})
    return versions.filter(
        pk=read_number(wanted, longest=18) or 0, hypermodel__project=project
    ).first()
