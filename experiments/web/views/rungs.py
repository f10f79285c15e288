"""Room: web. The rung table of an experiment: as a part of its page, and as JSON that keeps it fresh."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from experiments import permissions
from experiments.models import Role
from experiments.reports.experiments.rungs import rung_table
from experiments.web.json_view import json_view


@json_view
def rungs(request: HttpRequest, code: UUID) -> dict[str, Any] | HttpResponse:
    """Rungs and cuts, with the table as the page shows it; 204 when `cursor` is up to date."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    table = rung_table(experiment)
    if request.GET.get("cursor") == table.cursor:
        return HttpResponse(status=204)
    context = {"experiment": experiment, "pruning": table}
    html = render_to_string("experiments/_rungs.html", context, request)
    return {**table.to_dict(), "html": html}
