"""Room: web. Two to twenty trials of a project side by side; the address is the whole view."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Experiment, Project, Purpose, Role, Trial
from experiments.reports.compare.file import comparison_csv
from experiments.reports.compare.lines import chart_columns, parallel_config
from experiments.reports.compare.page import Comparison, comparison, with_base
from experiments.reports.compare.trials import FEWEST, MOST, Compared, compared
from experiments.web.compare_address import Address, changed, links_of

PICKABLE = 50


@require_safe
@gzip_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    address = Address.of(request.GET)
    found = compared(project.pk, address.keys)
    columns = with_base(found[:MOST], address.base)
    view = comparison(columns) if columns else None
    experiments = list({column.experiment.pk: column.experiment for column in columns}.values())
    context = {
        "project": project,
        "columns": list(zip(columns, links_of(request.GET, columns, address), strict=True)),
        "comparison": view,
        "left_out": address.left_out(columns, len(found)),
        "fewest": FEWEST,
        "most": MOST,
        "full": len(columns) >= MOST,
        "pickable": _pickable(project),
        "keys": ",".join(column.key for column in found[:MOST]),
        "chart": {"columns": chart_columns(columns)},
        "config": parallel_config(columns) if len(columns) >= FEWEST else None,
        "objective": columns[0].experiment.objective if columns else "",
        "experiments": experiments,
        "one_experiment": experiments[0] if len(experiments) == 1 else None,
        "shows_exact": request.GET.get("exact") == "shown",
        "shows_equal": request.GET.get("equal") == "shown",
        "alike": _alike(request, columns, view),
        "beside_best": _beside_best(request, columns),
        "query": request.GET.urlencode(),
        "may_confirm": permissions.may(request.user, project, Role.EDITOR),
    }
    return render(request, "compare/detail.html", context)


@require_safe
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of the address as a file."""
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    address = Address.of(request.GET)
    columns = with_base(compared(project.pk, address.keys)[:MOST], address.base)
    body = comparison_csv(comparison(columns)) if columns else b""
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    name = f"{slugify(project.name) or 'trials'}-comparison.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _pickable(project: Project) -> list[dict[str, Any]]:
    """The newest searches that trials can be added from."""
    searches = Experiment.objects.filter(
        project=project, purpose=Purpose.SEARCH, archived=None
    ).order_by("-updated")
    return [dict(row) for row in searches.values("pk", "code", "name")[:PICKABLE]]


def _alike(request: HttpRequest, columns: tuple[Compared, ...], view: Comparison | None) -> str:
    """The same view with those alone that were judged as the base was; empty where that is one."""
    if view is None or view.comparability.may_rank:
        return ""
    unlike = view.comparability.unlike
    kept = [
        column.key
        for place, column in enumerate(columns)
        if all(each.like_first[place] for each in unlike)
    ]
    return changed(request.GET, trials=",".join(kept)) if len(kept) >= FEWEST else ""


def _beside_best(request: HttpRequest, columns: tuple[Compared, ...]) -> str:
    """A lone trial's view with its experiment's best; empty where it is the best."""
    if len(columns) != 1:
        return ""
    experiment = columns[0].experiment
    if experiment.best_trial_id in (None, columns[0].trial.pk):
        return ""
    best = Trial.objects.filter(pk__in=[experiment.best_trial_id])
    number = best.values_list("number", flat=True).first()
    keys = f"{experiment.code}:{number},{columns[0].key}"
    return "" if number is None else changed(request.GET, trials=keys)
