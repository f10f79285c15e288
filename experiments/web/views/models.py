"""Room: web. The models of a project, and the download of one as a bundle."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions, storage
from experiments.models import Role, Trial
from experiments.reports.winner.downloads import download_of
from experiments.reports.winner.models import (
    ModelFilter,
    background_worker_lives,
    experiments_with_models,
    model_lines,
    model_trials,
)
from experiments.services.bundles.bundles import Bundle, NoModel, request_bundle, request_check
from experiments.web.json_view import json_view
from experiments.web.ranges import file_answer

PAGE = 50


@require_safe
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    wanted = ModelFilter.from_query(request.GET.get("show", ""), request.GET.get("experiment", ""))
    page = Paginator(model_trials(project, wanted), PAGE).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "wanted": wanted,
        "page": page,
        "lines": model_lines(list(page.object_list)),
        "choices": experiments_with_models(project),
        "chosen": str(wanted.experiment or ""),
    }
    return render(request, "models/list.html", context)


@require_safe
def download(request: HttpRequest, code: UUID, number: int) -> HttpResponseBase:
    """The bundle; while it is being made 202 with a page that waits for it."""
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    try:
        bundle = request_bundle(trial)
    except NoModel as error:
        if "model" in trial.dropped:
            return _gone(request, trial)
        raise Http404(str(error)) from error
    if bundle.state != "ready" or bundle.artifact is None:
        return _waiting(request, trial, bundle)
    answer = file_answer(
        request,
        storage.absolute(bundle.artifact.path),
        name=f"{slugify(trial.experiment.name) or 'model'}-trial-{trial.number}.zip",
        content_type="application/zip",
        sha256=bundle.artifact.sha256,
    )
    own = download_of(trial).own
    answer["X-Training-Run"] = own.words if own else ""
    return answer


@json_view
def bundle_state(request: HttpRequest, code: UUID, number: int) -> dict[str, Any]:
    """How far the bundle is, for the page that waits."""
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    bundle = _requested(trial, again=False)
    found = {"state": bundle.state, "message": _message(bundle)}
    return found | asdict(download_of(trial))


@require_POST
def retry_bundle(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    _requested(trial, again=True)
    return redirect("trials:download", code, number)


@require_POST
def check_bundle(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    """Run the self-test of the stored zip again."""
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    try:
        asked = request_check(trial)
    except NoModel as error:
        raise Http404(str(error)) from error
    if asked:
        messages.info(
            request, "The self-test is running, for about 10 seconds. Reload to see the result."
        )
    else:
        messages.error(request, "There is no zip to test, or the job queue is unreachable.")
    return redirect("trials:detail", code, number)


def _gone(request: HttpRequest, trial: Trial) -> HttpResponse:
    """There was a model: the page says why it isn't there any more."""
    experiment = trial.experiment
    context = {
        "trial": trial,
        "experiment": experiment,
        "project": experiment.project,
        "reason": trial.dropped["model"],
    }
    return render(request, "models/gone.html", context, status=410)


def _requested(trial: Trial, *, again: bool) -> Bundle:
    try:
        return request_bundle(trial, again=again)
    except NoModel as error:
        raise Http404(str(error)) from error


def _message(bundle: Bundle) -> str:
    if bundle.state == "preparing" and not background_worker_lives():
        return "No worker for background jobs is running. See the Workers page."
    return bundle.message


def _waiting(request: HttpRequest, trial: Trial, bundle: Bundle) -> HttpResponse:
    failed = bundle.state == "failed"
    answer = render(
        request,
        "models/preparing.html",
        {
            "trial": trial,
            "experiment": trial.experiment,
            "project": trial.experiment.project,
            "bundle": bundle,
            "download": download_of(trial),
            "message": _message(bundle),
        },
        status=503 if failed else 202,
    )
    answer["Retry-After"] = "2"
    answer["Cache-Control"] = "no-store"
    return answer
