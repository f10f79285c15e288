"""JSON Schemas of plans, for everybody: they hold nothing of a project."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from experiments.external_plan import ExternalPlan
from experiments.plan import ExperimentPlan
from experiments.search.json_schema import schema_document


@login_not_required
@require_safe
def plan(request: HttpRequest) -> JsonResponse:
    """The schema of an experiment's plan, as its form shows it as JSON."""
    return JsonResponse(schema_document(ExperimentPlan))


@login_not_required
@require_safe
def external_plan(request: HttpRequest) -> JsonResponse:
    """The schema of what makes a search of external scripts."""
    return JsonResponse(schema_document(ExternalPlan))
