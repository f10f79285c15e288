"""Room: web. A new search around what is selected: the form of a clone, its space made narrower."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from experiments import permissions
from experiments.models import Experiment, Role
from experiments.reports.trials.selection import (
    Narrowing,
    narrowed_to_brushes,
    narrowed_to_trials,
    selected_values,
)
from experiments.reports.trials.table import trial_columns
from experiments.search.problems import SpaceError
from experiments.search.space.narrowing import Region
from experiments.web.forms.experiment.configurations import space_of
from experiments.web.query_values import read_numbers
from experiments.web.tables import read_trial_query
from experiments.web.views.new_experiment import open_clone, plan_to_clone

MOST_CHOSEN = 500


class NothingSelected(Exception):
    """No space can be drawn around the selection; the text says why."""


@require_http_methods(["GET", "HEAD"])
def form(request: HttpRequest, code: UUID) -> HttpResponse:
    """The new-experiment form; `filter`, `brush` and `chosen` are those of the trial table."""
    source = permissions.get_experiment(request.user, code, Role.EDITOR)
    try:
        narrowing = _narrowing(request, source)
    except (NothingSelected, SpaceError) as refusal:
        messages.error(request, f"Space unchanged. {refusal}")
        query = request.GET.urlencode()
        address = reverse("experiments:analysis", args=[code])
        return redirect(f"{address}?{query}" if query else address)
    warm = source.plan.get("warm_start") or {}
    plan = plan_to_clone(source) | {
        "name": f"{source.name} narrowed"[:120],
        "space": narrowing.space.to_dict(),
        "warm_start": {**warm, "experiments": [str(source.code)]},
    }
    return open_clone(request, source, plan, narrowing=narrowing)


def _narrowing(request: HttpRequest, source: Experiment) -> Narrowing:
    """Around the chosen trials; else to hyperparameters that are brushed alone; else around what is kept."""
    columns, space = trial_columns(source), space_of(source)
    query = read_trial_query(request.GET, columns)
    if query.error:
        raise NothingSelected(query.error)
    chosen = read_numbers(request.GET.get("chosen", "").split(",")[:MOST_CHOSEN])
    hyper = {column.key for column in columns if column.hyper}
    brushed = {key: brush for key, brush in query.brushes.items() if key in hyper}
    if brushed and not chosen and not query.filter.groups:
        regions = {key: Region(brush.ranges, brush.choices) for key, brush in brushed.items()}
        return narrowed_to_brushes(space, regions)
    if not chosen and query.sieve is None:
        raise NothingSelected("Brush an axis, filter or select trials first.")
    values = selected_values(source, columns, query.sieve, chosen)
    if not values:
        raise NothingSelected("No trial matches. Widen the filter or the brushes.")
    return narrowed_to_trials(space, values)
