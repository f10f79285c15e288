"""Room: web. The search page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments import permissions
from experiments.models import Purpose
from experiments.reports.search import Visible
from experiments.reports.search import search as search_report


@login_required
def search(request: HttpRequest) -> HttpResponse:
    user = request.user
    visible = Visible(
        experiments=permissions.visible_experiments(user).filter(purpose=Purpose.SEARCH),
        datasets=permissions.visible_datasets(user).filter(archived=None),
        projects=permissions.visible_projects(user),
    )
    found = search_report(request.GET.get("q", ""), visible)
    return render(request, "search/search.html", {"found": found})
