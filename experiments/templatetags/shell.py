"""Template tags of the shell: which project a page stands in, and the rail's links."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import NoReverseMatch, reverse

from experiments import permissions
from experiments.models import Experiment, Project

register = template.Library()
PROJECT_COOKIE = "project"  # written by shell.js: the project that the person looked at last


@dataclass(frozen=True, slots=True)
class RailLink:
    """One line of the rail."""

    label: str
    icon: str
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """What the shell shows around a page."""

    project: Project | None
    projects: tuple[Project, ...]
    links: tuple[RailLink, ...]


# label, icon, address name, whether it lies below a project, where its pages begin
_LINES = (
    ("Home", "house", "home", False),
    ("Experiments", "flask-conical", "experiments:list", True),
    ("Models", "box", "models:list", True),
    ("Data", "database", "datasets:list", True),
    ("Workers", "cpu", "workers:list", False),
    ("Reports", "file", "reports:list", True),
    ("Code", "file-code", "code:list", True),
    ("History", "history", "history:list", True),
)
_BELONGS = {"trials": "experiments", "compare": "experiments", "projects": "experiments"}


def _address(name: str, project: Project | None, *, below: bool) -> str:
    if below and project is None:
        return ""
    try:
        return reverse(name, args=[project.slug] if below and project else None)
    except NoReverseMatch:
        return ""


def _links(request: HttpRequest, project: Project | None) -> tuple[RailLink, ...]:
    match = request.resolver_match
    here = (match.namespace or match.url_name or "") if match else ""
    here = _BELONGS.get(here, here)
    links = []
    for label, icon, name, below in _LINES:
        address = _address(name, project, below=below)
        if address:
            links.append(RailLink(label, icon, address, name.split(":")[0] == here))
    user = request.user
    if user.is_staff:
        links.append(RailLink("Admin", "settings", reverse("admin:index"), here == "admin"))
    return tuple(links)


def _current(context: Context, projects: tuple[Project, ...], cookie: str) -> Project | None:
    named = context.get("project")
    if isinstance(named, Project):
        return named
    experiment = context.get("experiment")
    if isinstance(experiment, Experiment):
        return experiment.project
    remembered = [project for project in projects if project.slug == cookie]
    return next(iter((*remembered, *_busiest(projects))), None)


def _busiest(projects: tuple[Project, ...]) -> tuple[Project, ...]:
    """Where somebody made an experiment last comes first; asked only where no page says."""
    keys = [project.pk for project in projects]
    made = Experiment.objects.filter(project__in=keys).order_by("-pk").values_list("project")
    newest = made.first() if keys else None
    return tuple(sorted(projects, key=lambda project: (project.pk,) != newest))


@register.simple_tag(takes_context=True)
def shell_of(context: Context) -> Shell | None:
    """The shell of this page; nothing for people who have not signed in."""
    request: Any = context.get("request")
    # A request that is refused early (a forged host) never gets a person.
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return None
    visible = permissions.visible_projects(person).filter(archived=None)
    projects = tuple(visible.order_by("name")[:50])
    project = _current(context, projects, request.COOKIES.get(PROJECT_COOKIE, ""))
    return Shell(project, projects, _links(request, project))
