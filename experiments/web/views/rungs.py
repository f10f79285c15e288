"""Room: web. The rung table of an experiment: as a part of its page, and as JSON that keeps it fresh."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Role
from experiments.reports.experiments.rungs import rung_table


@login_required
@require_safe
@never_cache
@gzip_page
def rungs(request: HttpRequest, code: UUID) -> HttpResponse:
    """Rungs and cuts, with the table as the page shows it; 204 when `cursor` is up to date."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    table = rung_table(experiment)
    if request.GET.get("cursor") == table.cursor:
        return HttpResponse(status=204)
    context = {"experiment": experiment, "pruning": table}
    html = render_to_string("experiments/_rungs.html", context, request)
    return JsonResponse({**table.to_dict(), "html": html}, json_dumps_params={"allow_nan": False})
