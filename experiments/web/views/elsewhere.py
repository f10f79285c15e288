"""Room: web. What came from elsewhere, as JSON that keeps its part of the experiment's page fresh."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from experiments import permissions
from experiments.models import Experiment, Role
from experiments.reports.experiments.added_configurations import from_elsewhere
from experiments.web.json_view import json_view


@json_view
def elsewhere(request: HttpRequest, code: UUID) -> dict[str, Any] | HttpResponse:
    """The part as the page shows it; 204 when `cursor` is up to date."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    found = from_elsewhere(experiment)
    if request.GET.get("cursor") == found.cursor:
        return HttpResponse(status=204)
    role = permissions.role_in(request.user, experiment.project)
    context = {
        "experiment": experiment,
        "elsewhere": found,
        "waiting": found.waiting,
        "may_edit": role is not None and role.covers(Role.EDITOR),
        "is_live": experiment.state in Experiment.ACTIVE,
    }
    html = render_to_string("experiments/_elsewhere.html", context, request)
    return {"cursor": found.cursor, "html": html}
