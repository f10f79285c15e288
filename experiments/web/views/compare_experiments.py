"""Room: web. Two to ten whole experiments of a project side by side; the address is the whole view."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Experiment, Project, Purpose, Role
from experiments.reports.compare.searches import (
    FEWEST,
    MOST,
    SearchComparison,
    named_searches,
    score_lines,
    search_comparison,
)
from experiments.search.reading import read_code
from experiments.web.compare_address import changed
from experiments.web.json_view import json_view

PICKABLE = 100
MOST_READ = 100


@require_safe
@gzip_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    codes, unreadable = _codes(request.GET)
    found = named_searches(project.pk, codes)
    shown = found[:MOST]
    view = search_comparison(shown, request.GET.get("base", "")) if shown else None
    keys = [str(experiment.code) for experiment in shown]
    context = {
        "project": project,
        "view": view,
        "columns": _linked(request.GET, view, keys) if view else [],
        "left_out": _left_out(len(codes) - len(found), len(found) - len(shown), unreadable),
        "fewest": FEWEST,
        "most": MOST,
        "chosen": keys,
        "pickable": _pickable(project),
        "chart": {"codes": ",".join(keys)},
        "winners": ",".join(column.key for column in view.winners) if view else "",
        "shows_equal": request.GET.get("equal") == "shown",
    }
    return render(request, "compare/experiments.html", context)


@json_view
def scores(request: HttpRequest, slug: str) -> dict[str, Any]:
    """What the page's charts draw."""
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    found = named_searches(project.pk, _codes(request.GET)[0])[:MOST]
    return score_lines(found) if found else {"unlike": "", "experiments": []}


def _codes(query: QueryDict) -> tuple[list[UUID], int]:
    """Codes of the address, each once, and how many words are none. A form sends one a field."""
    words = [word for text in query.getlist("experiments") for word in text.split(",")]
    words = [word.strip() for word in words if word.strip()]
    found = [code for word in words[:MOST_READ] if (code := read_code(word)) is not None]
    return list(dict.fromkeys(found)), len(words) - len(found)


def _left_out(missing: int, beyond: int, unreadable: int) -> list[str]:
    words = []
    if missing:
        words.append(f"{missing} not in this project, or deleted.")
    if beyond:
        words.append(f"{beyond} more than the limit of {MOST}.")
    if unreadable:
        words.append(f"{unreadable} not readable.")
    return words


def _linked(query: QueryDict, view: SearchComparison, keys: list[str]) -> list[dict[str, Any]]:
    """Each column with the addresses of the view with it as the base, and without it."""
    base = str(view.columns[0].experiment.code)
    found = []
    for column in view.columns:
        own = str(column.experiment.code)
        others = ",".join(key for key in keys if key != own)
        kept = "" if own == base else query.get("base", "")
        found.append(
            {
                "column": column,
                "base": changed(query, experiments=",".join(keys), base=own),
                "without": changed(query, experiments=others, base=kept),
            }
        )
    return found


def _pickable(project: Project) -> list[dict[str, Any]]:
    searches = Experiment.objects.filter(
        project=project, purpose=Purpose.SEARCH, archived=None
    ).order_by("-updated")
    fields = ("code", "name", "state", "objective")
    return [{**row, "code": str(row["code"])} for row in searches.values(*fields)[:PICKABLE]]
