"""Room: web. What came from elsewhere, as JSON that keeps its part of the experiment's page fresh."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Experiment, Role
from experiments.reports.experiments.added_configurations import from_elsewhere


@login_required
@require_safe
@never_cache
@gzip_page
def elsewhere(request: HttpRequest, code: UUID) -> HttpResponse:
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
    return JsonResponse({"cursor": found.cursor, "html": html})
