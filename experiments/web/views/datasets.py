"""Room: web. Datasets: the list, an upload, a set with its versions."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from experiments import permissions
from experiments.ingest.errors import DataRefused
from experiments.models import Dataset, DatasetVersion, Project, Role
from experiments.reports.datasets import lists as reports
from experiments.reports.datasets.checks import checks_of
from experiments.reports.datasets.page import more_targets, offers, progress_of, source_of
from experiments.services.datasets import lifecycle as services
from experiments.services.datasets.upload_files import keep_upload, limits
from experiments.services.datasets.uploads import KeptFile
from experiments.web.forms.dataset import FactsForm, FileForm, UploadForm

MB = 1024**2


def listing(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    archived = request.GET.get("archived") == "1"
    lines = reports.dataset_lines(project, archived=archived)
    context = {
        "project": project,
        "own": [line for line in lines if not line.built_in],
        "built_in": [line for line in lines if line.built_in],
        "offers": offers({line.built_in for line in lines}),
        "archived": archived,
        "may_edit": permissions.may(request.user, project, Role.EDITOR),
    }
    return render(request, "datasets/list.html", context)


def new(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        kept = keep_or_note(form)
        if kept:
            user = permissions.signed_in(request)
            version = services.create_upload(project, form.facts, kept, by=user)
            return redirect("datasets:detail", project.slug, version.dataset_id)
    return _upload_page(request, project, form)


def new_version(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    dataset = own_dataset(project, pk)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        kept = keep_or_note(form)
        if kept:
            version = services.add_version(dataset, kept, by=permissions.signed_in(request))
            return redirect("datasets:version", project.slug, dataset.pk, version.number)
    return _upload_page(request, project, form, dataset)


def detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    dataset = usable_dataset(project, pk)
    latest = dataset.versions.order_by("-number").first()
    if latest is None:
        raise Http404("No such dataset.")
    return _version_page(request, project, latest)


def version(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    return _version_page(request, project, version_of(usable_dataset(project, pk), number))


def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    dataset = own_dataset(project, pk)
    form = FactsForm(request.POST) if request.method == "POST" else FactsForm.of(dataset)
    if request.method == "POST" and form.is_valid():
        services.edit_dataset(dataset, form.facts, by=permissions.signed_in(request))
        return redirect("datasets:detail", project.slug, dataset.pk)
    return render(
        request,
        "datasets/edit.html",
        {"project": project, "dataset": dataset, "form": form},
        status=422 if form.errors else None,
    )


@require_POST
def archive(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    dataset = own_dataset(project, pk)
    services.archive_dataset(dataset, by=permissions.signed_in(request))
    undo = reverse("datasets:restore", args=[project.slug, dataset.pk])
    words = f"{dataset.name} is archived. Experiments keep using it."
    messages.success(request, words, extra_tags=undo)
    return redirect("datasets:list", project.slug)


@require_POST
def restore(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    dataset = own_dataset(project, pk)
    services.restore_dataset(dataset, by=permissions.signed_in(request))
    return redirect("datasets:detail", project.slug, dataset.pk)


def keep_or_note(form: FileForm) -> KeptFile | None:
    """The file after its first checks, or nothing with the reason at the field."""
    file = form.cleaned_data["file"]
    try:
        return keep_upload(
            Path(file.temporary_file_path()),
            file.name,
            has_header=not form.cleaned_data["no_header"],
        )
    except DataRefused as error:
        form.add_error("file", str(error))
        return None


def usable_dataset(project: Project, pk: int) -> Dataset:
    """A set of the project, or a built-in one."""
    usable = Dataset.objects.filter(Q(project=project) | Q(project=None))
    return get_object_or_404(usable.exclude(built_in=Dataset.ELSEWHERE), pk=pk)


def own_dataset(project: Project, pk: int) -> Dataset:
    """A set that the project may change."""
    dataset = usable_dataset(project, pk)
    if dataset.project_id != project.pk:
        raise Http404("No such dataset in this project.")
    return dataset


def version_of(dataset: Dataset, number: int) -> DatasetVersion:
    """One version of a set."""
    found = get_object_or_404(dataset.versions, number=number)
    found.dataset = dataset
    return found


def _upload_page(
    request: HttpRequest, project: Project, form: FileForm, dataset: Dataset | None = None
) -> HttpResponse:
    bounds = limits()
    words = {
        "upload": f"{bounds.upload_bytes // MB:,} MB",
        "inflated": f"{bounds.inflated_bytes // MB:,} MB",
        "member": f"{bounds.member_bytes // MB:,} MB",
    }
    page = {
        "project": project,
        "form": form,
        "dataset": dataset,
        "limits": bounds,
        "limit_words": words,
    }
    return render(request, "datasets/new.html", page, status=422 if form.errors else None)


def _version_page(request: HttpRequest, project: Project, shown: DatasetVersion) -> HttpResponse:
    dataset = shown.dataset
    bars, more_classes = reports.class_bars(shown.profile)
    may_edit = permissions.may(request.user, project, Role.EDITOR)
    page: dict[str, Any] = {
        "project": project,
        "dataset": dataset,
        "version": shown,
        "versions": dataset.versions.defer("profile", "schema").order_by("-number"),
        "words": reports.words_of(shown),
        "checks": checks_of(shown.profile),
        "source": source_of(dataset),
        "progress": progress_of(shown),
        "more_targets": more_targets(shown),
        "target_names": [one["name"] for one in shown.profile.get("more_targets", [])],
        "bars": bars,
        "more_classes": more_classes,
        "columns": reports.column_lines(shown),
        "target": reports.histogram(shown.profile.get("target", {})),
        "inputs": reports.histogram(shown.profile.get("inputs", {})),
        "lengths": reports.histogram(shown.profile.get("lengths", {})),
        "experiments": reports.used_by(shown, project)[:20],
        "may_edit": may_edit,
        "may_change": may_edit and dataset.project_id == project.pk,
    }
    return render(request, "datasets/detail.html", page)
