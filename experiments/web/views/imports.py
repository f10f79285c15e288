"""Room: web. Imports: a file, a report of what is in it, and only then the experiment."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from msgspec import convert

from experiments import permissions
from experiments.ingest.limits import MB
from experiments.interop.import_report import ImportReport
from experiments.interop.imported_search import FORMATS, ImportRefused
from experiments.models import Experiment, Project, Role
from experiments.services.datasets.upload_files import limits
from experiments.services.imports.files import Gone, Waiting, keep_import, waiting_import
from experiments.services.imports.import_jobs import (
    AT_ONCE,
    Step,
    import_at_once,
    job_of,
    start_job,
)
from experiments.services.imports.recognition import Outcome, is_compared_at_once, recognise
from experiments.services.imports.sources import is_heavy, read_any
from experiments.web.forms.imports import ImportForm


class Preview(NamedTuple):
    """What a file holds, and what its import would add."""

    report: ImportReport
    outcome: Outcome


def upload(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    user = permissions.signed_in(request)
    if request.method != "POST":
        token = request.GET.get("job", "")
        return (
            _job_page(request, project, token) if token else _page(request, project, ImportForm())
        )
    form = ImportForm(request.POST, request.FILES)
    waiting = _waiting(form, user.pk) if form.is_valid() else None
    if waiting is None:
        return _page(request, project, form)
    form = form.without_file(waiting.token)
    wants_import = "import" in request.POST
    if is_heavy(waiting.path, limits()) or not is_compared_at_once(project):
        return _to_worker(request, project, form, waiting, "import" if wants_import else "look")
    try:
        search = read_any(waiting.path, waiting.name, form.asked, limits())
    except ImportRefused as error:
        if not error.field:
            waiting.path.unlink(missing_ok=True)
        return _page(request, project, form.refused(str(error), error.field, error.choices))
    if not wants_import:
        outcome = Outcome.of(search, recognise(project, search))
        return _page(request, project, form, Preview(ImportReport.of(search), outcome))
    if len(search.trials) > AT_ONCE:
        return _to_worker(request, project, form, waiting, "import")
    done = import_at_once(project, search, by=user, name=form.cleaned_data["name"].strip())
    waiting.path.unlink(missing_ok=True)
    tell = messages.warning if done.alike else messages.success
    tell(request, done.text)
    return redirect("experiments:detail", done.experiment.code)


def _to_worker(
    request: HttpRequest, project: Project, form: ImportForm, waiting: Waiting, step: Step
) -> HttpResponse:
    """What takes longer than a page may."""
    start_job(waiting, project, form.typed, step, by=permissions.signed_in(request))
    address = reverse("experiments:import", args=[project.slug])
    return redirect(f"{address}?{urlencode({'job': waiting.token})}")


def _job_page(request: HttpRequest, project: Project, token: str) -> HttpResponse:
    """How far a worker is with it, then what came of it. The page reloads until it is over."""
    try:
        job = job_of(token, project=project, person=permissions.signed_in(request).pk)
    except Gone:
        messages.error(
            request, "This import has expired: files are kept for one day. Upload the file again."
        )
        return redirect("experiments:import", project.slug)
    if job.state == "refused":
        form = ImportForm.typed_before(job.fields, token)
        refused = form.refused(job.words, job.about, tuple(job.choices))
        return _page(request, project, refused, status=200)
    if job.state == "done" and job.report is not None and job.outcome is not None:
        form = ImportForm.typed_before(job.fields, token)
        seen = Preview(ImportReport.from_dict(job.report), convert(job.outcome, Outcome))
        return _page(request, project, form, seen)
    page = {
        "project": project,
        "job": job,
        "token": token,
        "experiment": _experiment(project, job.experiment),
        "alike": _experiment(project, job.outcome["alike"]) if job.outcome else None,
    }
    return render(request, "imports/progress.html", page)


def _experiment(project: Project, code: str) -> Experiment | None:
    return project.experiments.filter(code=UUID(code)).first() if code else None


def _waiting(form: ImportForm, person: int) -> Waiting | None:
    """The new file, else the one that arrived before; None with the reason at the field."""
    file = form.cleaned_data["file"]
    if file:
        return keep_import(Path(file.temporary_file_path()), file.name, person=person)
    try:
        return waiting_import(form.cleaned_data["kept"], person=person)
    except Gone:
        form.add_error(
            "file", "The file has expired: files are kept for one day. Choose it again."
        )
        return None


def _page(
    request: HttpRequest,
    project: Project,
    form: ImportForm,
    seen: Preview | None = None,
    *,
    status: int | None = None,
) -> HttpResponse:
    """status: where none is given, 422 for a form with errors."""
    page: dict[str, object] = {
        "project": project,
        "form": form,
        "limit": f"{limits().upload_bytes // MB:,} MB",
        "limit_bytes": limits().upload_bytes,
    }
    if seen is not None:
        page |= {
            "search": seen.report,
            "format": FORMATS[seen.report.format],
            "outcome": seen.outcome,
            "known": _experiment(project, seen.outcome.known),
            "alike": _experiment(project, seen.outcome.alike),
        }
    status = (422 if form.errors else 200) if status is None else status
    return render(request, "imports/new.html", page, status=status)
