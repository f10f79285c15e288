"""Room: web. The search page, and what the palette finds as somebody types."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from experiments import permissions
from experiments.models import Purpose
from experiments.reports.site.search import Visible, quick_search
from experiments.reports.site.search import search as search_report
from experiments.web.json_view import json_view

PAGES = {
    "experiment": ("Experiment", "experiments:detail"),
    "project": ("Project", "projects:detail"),
    "dataset": ("Dataset", "datasets:detail"),
}


def search(request: HttpRequest) -> HttpResponse:
    found = search_report(request.GET.get("q", ""), _visible(request.user))
    return render(request, "search/search.html", {"found": found})


@json_view
def quick(request: HttpRequest) -> dict[str, Any]:
    """What holds the words of `q` in its name: label, group and address of each."""
    found = []
    for each in quick_search(request.GET.get("q", ""), _visible(request.user)):
        word, page = PAGES[each.kind]
        group = f"{word} in {each.place}" if each.place else word
        address = reverse(page, args=each.keys)
        found.append({"label": each.name, "group": group, "href": address})
    return {"found": found}


def _visible(user: permissions.Person) -> Visible:
    return Visible(
        experiments=permissions.visible_experiments(user).filter(purpose=Purpose.SEARCH),
        datasets=permissions.visible_datasets(user).filter(archived=None),
        projects=permissions.visible_projects(user),
    )
