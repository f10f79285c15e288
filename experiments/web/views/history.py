"""Room: web. The history of a project: every experiment with filters, and the timeline of acts."""

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments import permissions
from experiments.models import Activity, Experiment, Project, Purpose, Role
from experiments.reports.experiments.filters import ExperimentFilter
from experiments.reports.site.activity import activity_lines, by_day
from experiments.reports.site.projects import experiment_lines

PAGE = 50
TIMELINE = 60


def listing(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    wanted = ExperimentFilter.from_query(request.GET)
    every = Experiment.objects.filter(project=project, purpose=Purpose.SEARCH)
    found = wanted.apply(every).order_by("-created", "-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE
    acts = Activity.objects.filter(project=project)
    if wanted.person:
        acts = acts.filter(user__username=wanted.person)
    context = {
        "project": project,
        "may_edit": permissions.may(request.user, project, Role.EDITOR),
        "wanted": wanted,
        "page": page,
        "lines": experiment_lines(found[first : first + PAGE]),
        "days": by_day(activity_lines(acts, TIMELINE)),
        "choices": filter_choices(project),
    }
    return render(request, "history/list.html", context)


def filter_choices(project: Project) -> dict[str, list[str]]:
    """List what the filters offer: only what occurs in the project."""
    every = Experiment.objects.filter(project=project, purpose=Purpose.SEARCH).order_by()
    people = User.objects.filter(
        pk__in=every.exclude(created_by=None).values("created_by")
    ).order_by("username")
    present = set(every.values_list("state", flat=True).distinct())
    return {
        "states": [state.value for state in Experiment.State if state.value in present],
        "samplers": sorted(every.exclude(sampler="").values_list("sampler", flat=True).distinct()),
        "people": list(people.values_list("username", flat=True)),
    }
