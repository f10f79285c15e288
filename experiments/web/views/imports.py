"""Room: web. Imports: a file, a report of what is in it, and only then the experiment."""

from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from experiments import permissions
from experiments.ingest.limits import MB
from experiments.interop.imported import FORMATS, ImportedSearch, ImportRefused
from experiments.models import Project, Role
from experiments.services.import_files import Gone, Waiting, keep_import, waiting_import
from experiments.services.import_jobs import AT_ONCE, job_of, start_import
from experiments.services.import_sources import read_any
from experiments.services.imports import known_import
from experiments.services.upload_files import limits
from experiments.tuner.imports import take_over
from experiments.web.forms.imports import ImportForm

SHOWN = 20  # trials of the report


@login_required
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    user = permissions.signed_in(request)
    if request.method != "POST":
        token = request.GET.get("job", "")
        return (
            _progress(request, project, token) if token else _page(request, project, ImportForm())
        )
    form = ImportForm(request.POST, request.FILES)
    waiting = _waiting(form, user.pk) if form.is_valid() else None
    if waiting is None:
        return _page(request, project, form)
    form = form.without_file(waiting.token)
    try:
        search = read_any(waiting.path, waiting.name, form.asked, limits())
    except ImportRefused as error:
        if error.field:
            form.add_error(error.field, str(error))
            if error.choices:
                form.offer(error.choices)
        else:
            waiting.path.unlink(missing_ok=True)
            form = form.refused(str(error))
        return _page(request, project, form)
    if "import" not in request.POST:
        return _page(request, project, form, search)
    if len(search.trials) > AT_ONCE:
        start_import(waiting, project, form.typed, planned=len(search.trials), by=user)
        address = reverse("experiments:import", args=[project.slug])
        return redirect(f"{address}?{urlencode({'job': waiting.token})}")
    done = take_over(project, search, by=user, name=form.cleaned_data["name"].strip())
    waiting.path.unlink(missing_ok=True)
    messages.success(request, done.text)
    return redirect("experiments:detail", done.experiment.code)


def _progress(request: HttpRequest, project: Project, token: str) -> HttpResponse:
    """How far an import is that a worker does. The page asks for itself anew until it is over."""
    try:
        job = job_of(token, project=project, person=permissions.signed_in(request).pk)
    except Gone:
        messages.error(request, "That import is no longer known: its file is kept for a day.")
        return redirect("experiments:import", project.slug)
    code = UUID(job.experiment) if job.experiment else None
    page = {
        "project": project,
        "job": job,
        "token": token,
        "experiment": project.experiments.filter(code=code).first() if code else None,
    }
    return render(request, "imports/progress.html", page)


def _waiting(form: ImportForm, person: int) -> Waiting | None:
    """The new file, else the one that arrived before; None with the reason at the field."""
    file = form.cleaned_data["file"]
    if file:
        return keep_import(Path(file.temporary_file_path()), file.name, person=person)
    try:
        return waiting_import(form.cleaned_data["kept"], person=person)
    except Gone:
        form.add_error(
            "file", "The file is no longer here: it is kept for a day. Choose it again."
        )
        return None


def _page(
    request: HttpRequest, project: Project, form: ImportForm, search: ImportedSearch | None = None
) -> HttpResponse:
    page = {
        "project": project,
        "form": form,
        "limit": f"{limits().upload_bytes // MB:,} MB",
        "limit_bytes": limits().upload_bytes,
        "search": search,
        "shown": search.trials[:SHOWN] if search else (),
        "format": FORMATS[search.format] if search else "",
        "known": known_import(project, search) if search else None,
    }
    return render(request, "imports/new.html", page, status=422 if form.errors else None)
