"""Room: web. The private JSON that live pages and charts read; docs/guide/chart-data.md tells it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Experiment, Role, Trial
from experiments.reports.analysis.pareto_front import front as pareto_front
from experiments.reports.experiments.live import Cursor
from experiments.reports.experiments.live import live as live_report
from experiments.reports.trials import curves as curve_reports
from experiments.reports.trials.columns import history_report
from experiments.reports.trials.table import trial_columns
from experiments.reports.trials.usage import usage_report
from experiments.web.tables import read_numbers
from experiments.web.whole_answers import whole_json

COMPACT = {"separators": (",", ":"), "allow_nan": False}


def _json(body: object) -> JsonResponse:
    return JsonResponse(body, json_dumps_params=COMPACT)


@login_required
@require_safe
@never_cache
@gzip_page
def live(request: HttpRequest, code: UUID) -> HttpResponse:
    """What changed since `cursor`; 204 when nothing did."""
    cursor = Cursor.read(request.GET.get("cursor", ""))
    if cursor.is_up_to_date(permissions.last_event(request.user, code, Role.VIEWER)):
        return HttpResponse(status=204)
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    return _json(live_report(experiment, cursor, trial_columns(experiment)))


@login_required
@require_safe
@never_cache
def history(request: HttpRequest, code: UUID) -> HttpResponse:
    """Every trial as columns."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    return whole_json(request, history_report(experiment))


@login_required
@require_safe
@never_cache
@gzip_page
def curves(request: HttpRequest, code: UUID) -> HttpResponse:
    """Epoch histories of the trials named in `trials`; those after `cursor` when one is given."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    numbers = _numbers(request.GET.get("trials", ""))
    seen = Cursor.read(request.GET.get("cursor", "")).seen
    trials = Trial.objects.filter(experiment=experiment, number__in=numbers).order_by("number")
    found = curve_reports.tails(trials, seen)
    following = seen | {curve.execution: curve.epochs for curve in found}
    cursor = Cursor(experiment.event_serial, 0, following)
    return _json({"cursor": str(cursor), "curves": [curve.to_dict() for curve in found]})


@login_required
@require_safe
@never_cache
@gzip_page
def front(request: HttpRequest, code: UUID) -> HttpResponse:
    """Every objective of completed trials, and which are on the front; 404 with one objective."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    found = pareto_front(experiment)
    if found is None:
        raise Http404("This search has one objective.")
    return _json(found.to_dict())


@login_required
@require_safe
@never_cache
@gzip_page
def sparks(request: HttpRequest, code: UUID) -> HttpResponse:
    """The objective's thinned curve of the trials named in `trials`, by number."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    return _json({"sparks": _sparks(experiment, _numbers(request.GET.get("trials", "")))})


def _sparks(experiment: Experiment, numbers: list[int]) -> dict[str, list[float | None]]:
    trials = Trial.objects.filter(experiment=experiment, number__in=numbers)
    by_key = dict(trials.values_list("pk", "number"))
    found = curve_reports.sparklines(list(by_key), experiment.objective)
    return {str(by_key[key]): values for key, values in found.items()}


@login_required
@require_safe
@never_cache
@gzip_page
def usage(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    """What a trial's executions took of their machine, over their training time."""
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    return _json(usage_report(trial))


def _numbers(text: str) -> list[int]:
    """Trial numbers of a comma list without the 101st."""
    return read_numbers(text)[: curve_reports.MOST_TRIALS]
