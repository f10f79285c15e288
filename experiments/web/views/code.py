"""Room: web. Models as code: the list, the editor, a version with its space, its problem and its difference."""

import re
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
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
from experiments.web.forms.code import CodeForm
from experiments.web.query_values import read_number

NO_RIGHT = "Only people to whom an administrator gave the right “May add code” can write code."

AT_LINE = re.compile(r"Line (\d+): (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """What is wrong with the code. line: from 1; 0 where it shows at none."""

    line: int
    message: str


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    context = {
        "project": project,
        "lines": code_lines(project),
        "may_add": _may_add(request, project),
        "may_fetch": may_fetch(),
        "isolation": isolation_words(),
    }
    return render(request, "code/list.html", context)


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
    numbers = [line.version.number for line in lines]
    before = next((number for number in numbers if number < version.number), None)
    against = request.GET.get("against", str(before or ""))
    old = model.versions.filter(number=read_number(against) or 0).first()
    context = {
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
        "may_search": permissions.may(request.user, project, Role.EDITOR),
        "isolation": isolation_words(),
    }
    return render(request, "code/detail.html", context)


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
        "problems": _problems(form, version),
        "isolation": isolation_words(),
    }
    return render(request, "code/edit.html", context, status=status)


def _problems(form: CodeForm, version: HyperModelVersion | None) -> tuple[CodeProblem, ...]:
    """Errors of a form that was sent; else what the last reading and checks of the version found."""
    if form.is_bound:
        return tuple(_of_error(str(words)) for words in form.errors.get("source", []))
    if version is None:
        return ()
    reports = [version.reading, version.checks]
    found = [(int(each.get("line") or 0), each.get("problem", "")) for each in reports]
    found += [(part.line, part.message) for part in part_lines(version) if part.state == "failed"]
    return tuple(CodeProblem(*each) for each in dict.fromkeys(found) if each[1])


def _of_error(words: str) -> CodeProblem:
    at_line = AT_LINE.fullmatch(words)
    return CodeProblem(int(at_line[1]), at_line[2]) if at_line else CodeProblem(0, words)


def _to_version(project: Project, version: HyperModelVersion) -> HttpResponse:
    return redirect(_address(project, version))


def _address(project: Project, version: HyperModelVersion) -> str:
    address = reverse("code:detail", args=[project.slug, version.hypermodel_id])
    return f"{address}?version={version.number}"


def _model(project: Project, pk: int) -> HyperModel:
    return get_object_or_404(project.hypermodels, pk=pk, kind__in=HyperModel.WRITTEN)


def _version(model: HyperModel, wanted: str) -> HyperModelVersion:
    versions = model.versions.select_related("hypermodel", "created_by")
    if wanted:
        versions = versions.filter(number=read_number(wanted) or 0)
    version = versions.order_by("-number").first()
    if version is None:
        raise Http404("No such version.")
    return version


def _may_add(request: HttpRequest, project: Project) -> bool:
    user = permissions.signed_in(request)
    return permissions.may(user, project, Role.EDITOR) and may_add_code(user)


def _require_right(request: HttpRequest, project: Project) -> None:
    if not _may_add(request, project):
        raise PermissionDenied(NO_RIGHT)
