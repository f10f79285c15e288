"""Room: web. The Analysis tab of an experiment: charts of all its trials, and one selection."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Role
from experiments.reports.analysis.charts import ANALYSIS
from experiments.reports.analysis.page import analysis_of
from experiments.web.views.experiments import frame_of


@require_safe
@gzip_page
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    """The page; its charts read history.json, and the address holds the selection."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    context = {
        **frame_of(request, experiment, "analysis"),
        "analysis": analysis_of(experiment),
        "charts": ANALYSIS,
    }
    return render(request, "experiments/analysis.html", context)
