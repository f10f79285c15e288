"""Room: web. The search page, and what the palette finds as somebody types."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from experiments import permissions
from experiments.models import Purpose
from experiments.reports.site.quick_search import quick_search
from experiments.reports.site.search import Visible
from experiments.reports.site.search import search as search_report

PAGES = {
    "experiment": ("Experiment", "experiments:detail"),
    "project": ("Project", "projects:detail"),
    "dataset": ("Dataset", "datasets:detail"),
}


@login_required
def search(request: HttpRequest) -> HttpResponse:
    found = search_report(request.GET.get("q", ""), _visible(request.user))
    return render(request, "search/search.html", {"found": found})


@login_required
@require_safe
@never_cache
def quick(request: HttpRequest) -> HttpResponse:
    """What holds the words of `q` in its name: label, group and address of each."""
    found = []
    for each in quick_search(request.GET.get("q", ""), _visible(request.user)):
        word, page = PAGES[each.kind]
        group = f"{word} in {each.place}" if each.place else word
        address = reverse(page, args=each.keys)
        found.append({"label": each.name, "group": group, "href": address})
    return JsonResponse({"found": found})


def _visible(user: permissions.Person) -> Visible:
    return Visible(
        experiments=permissions.visible_experiments(user).filter(purpose=Purpose.SEARCH),
        datasets=permissions.visible_datasets(user).filter(archived=None),
        projects=permissions.visible_projects(user),
    )
