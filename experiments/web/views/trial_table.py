"""Room: web. The trial table: as an address describes it, as a file, and what is done to many trials at once."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.models import Experiment, Role, Trial
from experiments.reports.trials.all_trials import metrics_json
from experiments.reports.trials.files import FORMATS, file_columns, trial_rows
from experiments.reports.trials.order import Column, Order, kept_keys
from experiments.reports.trials.table import (
    TrialTable,
    metric_columns,
    trial_columns,
    trial_table,
)
from experiments.reports.winner.baselines import baseline_rows
from experiments.services.experiments.states import NotAllowed
from experiments.services.trials.bulk import requeue_trials, stop_trials
from experiments.web.json_view import json_view, whole_json
from experiments.web.query_values import read_numbers
from experiments.web.tables import asked_metrics, read_trial_query

MOST_ACTED_ON = 500
FILE_CHOICES = (
    ("screen", "Rows on screen, in this order"),
    ("chosen", "Selected trials"),
    ("all", "All trials, all columns"),
)
ACTS = {"stop": stop_trials, "requeue": requeue_trials}


def table_of(request: HttpRequest, experiment: Experiment) -> dict[str, Any]:
    """The trial table as the address asks for it, and the state that the browser goes on with."""
    columns = trial_columns(experiment, asked_metrics(request.GET))
    query = read_trial_query(request.GET, columns)
    table: TrialTable = trial_table(experiment, columns, query.order, query.sieve)
    return {
        "columns": columns,
        "shown": [column for column in columns if query.shows(column)],
        "metric_columns": metric_columns(experiment),
        "query": query,
        "table": table,
        "baselines": baseline_rows(experiment),
        "file_kinds": list(FORMATS),
        "file_choices": FILE_CHOICES,
        "views": list(experiment.saved_views.select_related("owner")),
        "config": {
            "objective": experiment.objective,
            "direction": experiment.direction,
            "columns": [_config(column) for column in columns],
        },
    }


def _config(column: Column) -> dict[str, Any]:
    is_metric = bool(column.metric) and not column.is_objective  # fetched where it is shown
    return {**column.to_dict(), "metric": is_metric, "measured": column.is_objective}


@json_view
def metrics(request: HttpRequest, code: UUID) -> HttpResponse:
    """The metrics' columns named in `columns`, of the trials named in `trials` or of all."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    asked = set(request.GET.get("columns", "").split(","))
    columns = tuple(column for column in metric_columns(experiment) if column.key in asked)
    numbers = read_numbers(request.GET["trials"].split(",")) if "trials" in request.GET else None
    return whole_json(request, metrics_json(experiment, columns, numbers))


@require_safe
@never_cache
def download(request: HttpRequest, code: UUID, kind: str) -> StreamingHttpResponse:
    """The table as a file. `of`: screen (filter, brushes, columns), chosen, or all."""
    if kind not in FORMATS:
        raise Http404(f"There is no {kind} of trials.")
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    of = request.GET.get("of", "screen")
    known = [column.key for column in metric_columns(experiment)]
    more = known if of == "all" else asked_metrics(request.GET)
    columns = trial_columns(experiment, more)
    query = read_trial_query({} if of == "all" else request.GET, columns)
    trials = Trial.objects.filter(experiment=experiment)
    if of == "chosen":
        trials = trials.filter(number__in=read_numbers(request.GET.get("chosen", "").split(",")))
    order = Order("number", descending=False) if of == "all" else query.order
    keys = kept_keys(
        trials,
        order,
        columns,
        query.sieve if of == "screen" else None,
        maximize=experiment.direction == "maximize",
    )
    shown = [column for column in columns if of == "all" or query.shows(column)]
    content_type, write = FORMATS[kind]
    heads = file_columns(shown)
    answer = StreamingHttpResponse(
        write(heads, trial_rows(experiment, keys, heads)), content_type=content_type
    )
    name = f"{slugify(experiment.name) or 'trials'}-trials.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
def act(request: HttpRequest, code: UUID) -> JsonResponse:
    """Stop or requeue the trials in `numbers`; the answer says what changed and what didn't."""
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    change = ACTS.get(request.POST.get("act", ""))
    numbers = read_numbers(request.POST.get("numbers", "").split(","))
    if change is None or not numbers:
        return JsonResponse({"error": "Select trials and an action."}, status=422)
    if len(numbers) > MOST_ACTED_ON:
        words = f"Select at most {MOST_ACTED_ON} trials; got {len(numbers)}."
        return JsonResponse({"error": words}, status=422)
    try:
        done = change(experiment, numbers, by=permissions.signed_in(request))
    except NotAllowed as refusal:
        return JsonResponse({"error": str(refusal)}, status=409)
    left = f"; {done.left} unchanged" if done.left else ""
    return JsonResponse({"text": f"{done.text}{left}.", "changed": done.changed})
