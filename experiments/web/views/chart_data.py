"""Room: web. The private JSON that live pages and charts read; see docs/guide/chart-data.md."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string

from experiments import permissions
from experiments.models import Experiment, Role, Trial
from experiments.reports.analysis.charts import CHARTS
from experiments.reports.experiments.added_configurations import from_elsewhere
from experiments.reports.experiments.live import Cursor
from experiments.reports.experiments.live import live as live_report
from experiments.reports.experiments.rungs import rung_table
from experiments.reports.trials import curves as curve_reports
from experiments.reports.trials.all_trials import history_report
from experiments.reports.trials.detail import usage_report
from experiments.reports.trials.table import trial_columns
from experiments.web.json_view import json_view, whole_json
from experiments.web.query_values import read_numbers


@json_view
def live(request: HttpRequest, code: UUID) -> dict[str, Any] | HttpResponse:
    """What changed since `cursor`; 204 when nothing did."""
    cursor = Cursor.read(request.GET.get("cursor", ""))
    if cursor.is_up_to_date(permissions.last_event(request.user, code, Role.VIEWER)):
        return HttpResponse(status=204)
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    report = live_report(experiment, cursor, trial_columns(experiment))
    return HttpResponse(status=204) if report is None else report


@json_view
def history(request: HttpRequest, code: UUID) -> HttpResponse:
    """Every trial as columns."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    return whole_json(request, history_report(experiment))


@json_view
def curves(request: HttpRequest, code: UUID) -> dict[str, Any]:
    """Epoch histories of the trials named in `trials`; those after `cursor` when one is given."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    numbers = _numbers(request.GET.get("trials", ""))
    seen = Cursor.read(request.GET.get("cursor", "")).seen
    trials = Trial.objects.filter(experiment=experiment, number__in=numbers).order_by("number")
    found = curve_reports.tails(trials, seen)
    following = seen | {curve.execution: curve.epochs for curve in found}
    cursor = Cursor(experiment.event_serial, 0, following)
    return {"cursor": str(cursor), "curves": [curve.to_dict() for curve in found]}


@json_view
def chart(request: HttpRequest, code: UUID, name: str) -> dict[str, Any]:
    """What a chart of the registry reads beside the trials; 404 where the search has nothing of it."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    data = CHARTS[name].data
    found = data and data(experiment, request.GET.dict())
    if not found:
        raise Http404("This search has no data of the chart.")
    return found


@json_view
def sparks(request: HttpRequest, code: UUID) -> dict[str, Any]:
    """The objective's thinned curve of the trials named in `trials`, by number."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    return {"sparks": _sparks(experiment, _numbers(request.GET.get("trials", "")))}


def _sparks(experiment: Experiment, numbers: list[int]) -> dict[str, list[float | None]]:
    trials = Trial.objects.filter(experiment=experiment, number__in=numbers)
    by_key = dict(trials.values_list("pk", "number"))
    found = curve_reports.sparklines(list(by_key), experiment.objective)
    return {str(by_key[key]): values for key, values in found.items()}


@json_view
def rungs(request: HttpRequest, code: UUID) -> dict[str, Any] | HttpResponse:
    """Rungs and pruned trials, with the table as the page shows it; 204 when `cursor` is up to date."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    table = rung_table(experiment)
    if request.GET.get("cursor") == table.cursor:
        return HttpResponse(status=204)
    context = {"experiment": experiment, "pruning": table}
    html = render_to_string("experiments/_rungs.html", context, request)
    return {**table.to_dict(), "html": html}


@json_view
def elsewhere(request: HttpRequest, code: UUID) -> dict[str, Any] | HttpResponse:
    """Added and reused configurations as the page shows them; 204 when `cursor` is up to date."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    found = from_elsewhere(experiment)
    if request.GET.get("cursor") == found.cursor:
        return HttpResponse(status=204)
    context = {
        "experiment": experiment,
        "elsewhere": found,
        "waiting": found.waiting,
        "may_edit": permissions.may(request.user, experiment.project, Role.EDITOR),
        "is_live": experiment.state in Experiment.ACTIVE,
    }
    html = render_to_string("experiments/_elsewhere.html", context, request)
    return {"cursor": found.cursor, "html": html}


@json_view
def usage(request: HttpRequest, code: UUID, number: int) -> dict[str, Any]:
    """What a trial's executions took of their machine, over their training time."""
    trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    return usage_report(trial)


def _numbers(text: str) -> list[int]:
    """The first trial numbers of a comma list."""
    return read_numbers(text.split(","))[: curve_reports.MOST_TRIALS]
