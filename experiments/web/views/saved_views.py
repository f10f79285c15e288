"""Room: web. Named views of an experiment's trials: keep the present address's query, rename, take one away."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from experiments import permissions
from experiments.models import Role
from experiments.services.experiments.saved_views import (
    delete_view,
    rename_view,
    restore_view,
    save_view,
)
from experiments.web.refusals import refusal_shown

DELETED: Final = "deleted_views"  # of the session: a view's key to what it was
MOST_DELETED: Final = 5  # the newest can be brought back


@require_POST
def save(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    query = request.POST.get("query", "").strip().lstrip("?")
    name = request.POST.get("name", "")
    with refusal_shown(request):
        view = save_view(experiment, name, query, by=permissions.signed_in(request))
        messages.info(request, f"Saved the view “{view.name}” for everyone in the project.")
    return _back(code, query)


@require_POST
def rename(request: HttpRequest, code: UUID, view: int) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    found = get_object_or_404(experiment.saved_views, pk=view)
    with refusal_shown(request):
        rename_view(found, request.POST.get("name", ""), by=permissions.signed_in(request))
        messages.info(request, f"Renamed the view to “{found.name}”.")
    return _back(code, request.POST.get("query", "").strip().lstrip("?"))


@require_POST
def delete(request: HttpRequest, code: UUID, view: int) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    found = get_object_or_404(experiment.saved_views, pk=view)
    kept = {
        "experiment": str(code),
        "name": found.name,
        "query": found.query,
        "owner": found.owner_id,
    }
    delete_view(found, by=permissions.signed_in(request))
    deleted = request.session.get(DELETED, {}) | {str(view): kept}
    request.session[DELETED] = dict(list(deleted.items())[-MOST_DELETED:])
    undo = reverse("experiments:restore-view", args=[code, view])
    messages.info(request, f"Deleted the view “{found.name}”.", extra_tags=undo)
    return _back(code, request.POST.get("query", "").strip().lstrip("?"))


@require_POST
def restore(request: HttpRequest, code: UUID, view: int) -> HttpResponse:
    """Undo a deletion of this session; 404 for any other view."""
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    deleted = request.session.get(DELETED, {})
    kept = deleted.get(str(view))
    if kept is None or kept["experiment"] != str(code):
        raise Http404
    by, name, query = permissions.signed_in(request), kept["name"], kept["query"]
    with refusal_shown(request):
        restore_view(experiment, name, query, kept["owner"], by=by)
        request.session[DELETED] = {key: each for key, each in deleted.items() if key != str(view)}
        messages.info(request, f"The view “{name}” was restored.")
        return _back(code, query)
    return _back(code, "")


def _back(code: UUID, query: str) -> HttpResponse:
    address = reverse("experiments:trials", args=[code])
    return redirect(f"{address}?{query}" if query else address)
