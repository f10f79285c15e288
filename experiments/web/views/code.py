"""Room: web. Models as code: the list, the editor, a version with its space, its problem and its difference."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experiments import permissions
from experiments.models import HyperModel, HyperModelVersion, Project, Role
from experiments.reports.site.code_versions import (
    chosen_as,
    code_lines,
    difference,
    isolation_words,
    part_lines,
    version_lines,
)
from experiments.services.code.fetches import may_fetch
from experiments.services.code.versions import (
    add_code,
    ask_for_checks,
    expect_code,
    may_add_code,
    read_again,
)
from experiments.services.experiments.states import NotAllowed
from experiments.web.code_problems import code_problems
from experiments.web.forms.code import CodeForm

LARGEST_PK = 2**63
NO_RIGHT = "Only people to whom an administrator gave the right “May add code” can write code."


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    return render(
        request,
        "code/list.html",
        {
            "project": project,
            "lines": code_lines(project),
            "may_add": _may_add(request, project),
            "may_fetch": may_fetch(),
            "isolation": isolation_words(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    _require_right(request, project)
    return _editor(request, project, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A further version, beginning with the text of the newest, or of `version`."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    model = _model(project, pk)
    _require_right(request, project)
    return _editor(request, project, _version(model, request.GET.get("version", "")))


@require_safe
def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """`version`: a number, else the newest; `against`: the number that its difference is shown to."""
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    model = _model(project, pk)
    version = _version(model, request.GET.get("version", ""))
    lines = version_lines(model)
    before = next((line.number for line in lines if line.number < version.number), None)
    against = request.GET.get("against", str(before or ""))
    old = model.versions.filter(number=_number(against)).first()
    return render(
        request,
        "code/detail.html",
        {
            "project": project,
            "model": model,
            "version": version,
            "reading": version.reading,
            "chosen_as": chosen_as(version),
            "checks": version.checks,
            "parts": part_lines(version),
            "source_lines": version.source.splitlines(),
            "versions": lines,
            "old": old,
            "difference": difference(old.source, version.source) if old else (),
            "may_add": _may_add(request, project),
            "may_fetch": may_fetch(),
            "may_search": permissions.role_in(request.user, project) in (Role.OWNER, Role.EDITOR),
            "isolation": isolation_words(),
        },
    )


@require_POST
def again(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Read the space of a version once more."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    model = _model(project, pk)
    version = _version(model, request.POST.get("version", ""))
    read_again(version)
    return _to_version(project, version)


@require_POST
def check(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Hold the parts of a version against their contracts."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    version = _version(_model(project, pk), request.POST.get("version", ""))
    ask_for_checks(version)
    return redirect(f"{_address(project, version)}#parts")


def _editor(
    request: HttpRequest, project: Project, version: HyperModelVersion | None
) -> HttpResponse:
    if request.method != "POST":
        expect_code(project)
        return _editor_page(request, project, version, CodeForm.of(version))
    form = CodeForm(request.POST, request.FILES)
    if version is not None:
        form.fix_name()
    if form.is_valid():
        name = version.hypermodel.name if version else form.cleaned_data["name"]
        try:
            written = add_code(
                project,
                name,
                form.cleaned_data["source"],
                note=form.cleaned_data["note"],
                by=permissions.signed_in(request),
            )
        except NotAllowed as error:
            form.add_error("name", str(error))
        else:
            return _to_version(project, written)
    return _editor_page(request, project, version, form, status=422)


def _editor_page(
    request: HttpRequest,
    project: Project,
    version: HyperModelVersion | None,
    form: CodeForm,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "project": project,
        "version": version,
        "model": version.hypermodel if version else None,
        "form": form,
        "problems": code_problems(form, version),
        "isolation": isolation_words(),
    }
    return render(request, "code/edit.html", context, status=status)


def _to_version(project: Project, version: HyperModelVersion) -> HttpResponse:
    return redirect(_address(project, version))


def _address(project: Project, version: HyperModelVersion) -> str:
    address = reverse("code:detail", args=[project.slug, version.hypermodel_id])
    return f"{address}?version={version.number}"


def _model(project: Project, pk: int) -> HyperModel:
    found = (
        project.hypermodels.filter(pk=pk, kind__in=HyperModel.WRITTEN) if pk < LARGEST_PK else None
    )
    model = found.first() if found is not None else None
    if model is None:
        raise Http404("No such code.")
    return model


def _version(model: HyperModel, wanted: str) -> HyperModelVersion:
    versions = model.versions.select_related("hypermodel", "created_by")
    if wanted:
        versions = versions.filter(number=_number(wanted))
    version = versions.order_by("-number").first()
    if version is None:
        raise Http404("No such version.")
    return version


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _may_add(request: HttpRequest, project: Project) -> bool:
    role = permissions.role_in(request.user, project)
    return role in (Role.OWNER, Role.EDITOR) and may_add_code(permissions.signed_in(request))


def _require_right(request: HttpRequest, project: Project) -> None:
    if not _may_add(request, project):
        raise PermissionDenied(NO_RIGHT)
