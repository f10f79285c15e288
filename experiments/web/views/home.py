"""Room: web. The home page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments import permissions
from experiments.models import Project, Purpose, Role
from experiments.reports.site.home import home as home_report


def home(request: HttpRequest) -> HttpResponse:
    user = permissions.signed_in(request)
    projects = list(permissions.visible_projects(user).filter(archived=None).order_by("name"))
    target = _project_for_new(request, projects)
    context = {
        "home": home_report(
            permissions.visible_experiments(user).filter(purpose=Purpose.SEARCH), user.pk
        ),
        "target": target,
        "projects": projects,
        "may_create": target is not None and permissions.may(user, target, Role.EDITOR),
    }
    return render(request, "home/home.html", context)


def _project_for_new(request: HttpRequest, projects: list[Project]) -> Project | None:
    """Choose the project that the primary button leads to: the one looked at last."""
    remembered = request.COOKIES.get("project", "")
    for project in projects:
        if project.slug == remembered:
            return project
    return projects[0] if projects else None
