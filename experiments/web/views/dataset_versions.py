"""Room: web. One version of a dataset: the choice of target, its state, its pictures."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from experiments import permissions, storage
from experiments.ingest.built_in import BUILT_IN
from experiments.models import DatasetVersion, Role
from experiments.reports.datasets import page as reports
from experiments.reports.datasets.checks import checks_of
from experiments.services.datasets import lifecycle as services
from experiments.services.datasets.built_in import ask_for_built_in
from experiments.web.forms.dataset_choice import FORMS
from experiments.web.json_view import json_view
from experiments.web.refusals import refusal_shown
from experiments.web.views.datasets import own_dataset, usable_dataset, version_of

MOST_PICTURES = 20


def target(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    version = version_of(own_dataset(project, pk), number)
    if version.state != DatasetVersion.State.UPLOADED:
        return redirect("datasets:version", slug, pk, number)
    inspection = version.profile["inspection"]
    form = FORMS[inspection["kind"]](
        inspection,
        request.POST if request.method == "POST" else None,
        version.profile.get("refused_choice") or version.profile.get("proposed_choice"),
    )
    if request.method == "POST" and form.is_valid():
        with refusal_shown(request):
            services.choose(version, form.choice(), by=permissions.signed_in(request))
        return redirect("datasets:version", slug, pk, number)
    context = {
        "project": project,
        "dataset": version.dataset,
        "version": version,
        "inspection": inspection,
        "form": form,
        "checks": checks_of(inspection),
    }
    return render(request, "datasets/target.html", context, status=422 if form.errors else None)


@json_view
def state(request: HttpRequest, slug: str, pk: int, number: int) -> dict[str, Any]:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    version = version_of(usable_dataset(project, pk), number)
    progress = reports.progress_of(version)
    answer: dict[str, str | float] = {"state": version.state, "error": version.error}
    if progress:
        answer |= {"progress": progress.words, "share": progress.share}
    return answer


def picture(request: HttpRequest, slug: str, pk: int, number: int, index: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    version = version_of(usable_dataset(project, pk), number)
    if index >= MOST_PICTURES or not version.digest:
        raise Http404("No such picture.")
    path = storage.data_dir() / "datasets" / f"{version.digest}.preview" / f"{index}.png"
    if not path.is_file():
        raise Http404("No such picture.")
    response = HttpResponse(path.read_bytes(), content_type="image/png")
    response["Cache-Control"] = "private, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def built_in(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    if key not in BUILT_IN:
        raise Http404("No such built-in data.")
    version = ask_for_built_in(key, project, by=permissions.signed_in(request))
    return redirect("datasets:detail", slug, version.dataset_id)


@require_POST
def again(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    version = version_of(own_dataset(project, pk), number)
    with refusal_shown(request):
        fixes = checks_of(version.profile).fixes if "fixes" in request.POST else {}
        fresh = services.choose_again(version, fixes, by=permissions.signed_in(request))
        return redirect("datasets:target", slug, pk, fresh.number)
    return redirect("datasets:version", slug, pk, number)


@require_POST
def discard(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    version = version_of(own_dataset(project, pk), number)
    with refusal_shown(request):
        gone = services.discard_version(version, by=permissions.signed_in(request))
        return redirect("datasets:list", slug) if gone else redirect("datasets:detail", slug, pk)
    return redirect("datasets:version", slug, pk, number)
