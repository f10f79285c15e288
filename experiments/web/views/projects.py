"""Room: web. Projects: the list, a project's page with its experiments, and editing it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from experiments import permissions
from experiments.models import Draft, Experiment, Purpose, Role
from experiments.reports.experiments.filters import ExperimentFilter
from experiments.reports.site.activity import activity_lines
from experiments.reports.site.projects import (
    experiment_lines,
    member_rows,
    project_lines,
    running_first,
)
from experiments.services.experiments.edits import StaleEdit
from experiments.services.site import projects as services
from experiments.web.forms.projects import ProjectForm
from experiments.web.views.history import filter_choices

PAGE = 50


def listing(request: HttpRequest) -> HttpResponse:
    user = permissions.signed_in(request)
    lines = project_lines(permissions.visible_projects(user), user.pk)
    return render(request, "projects/list.html", {"lines": lines})


def new(request: HttpRequest) -> HttpResponse:
    user = permissions.signed_in(request)
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = services.create_project(
            form.cleaned_data["name"], form.cleaned_data["description"], by=user
        )
        return redirect("projects:detail", project.slug)
    return render(
        request, "projects/new.html", {"form": form}, status=422 if form.errors else None
    )


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    user = permissions.signed_in(request)
    wanted = ExperimentFilter.from_query(request.GET)
    every = Experiment.objects.filter(project=project, purpose=Purpose.SEARCH)
    found = running_first(wanted.apply(every))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    first = (page.number - 1) * PAGE
    role = permissions.role_in(user, project)
    context = {
        "project": project,
        "role": role,
        "may_edit": role is not None and role.covers(Role.EDITOR),
        "may_own": role == Role.OWNER,
        "wanted": wanted,
        "page": page,
        "lines": experiment_lines(found[first : first + PAGE]),
        "draft": Draft.objects.filter(project=project, user=user).first(),
        "members": member_rows(project),
        "events": activity_lines(project.activities.all(), 12),
        "choices": filter_choices(project),
    }
    return render(request, "projects/detail.html", context)


def edit(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.OWNER)
    user = permissions.signed_in(request)
    if request.method != "POST":
        form = ProjectForm.of(project)
        return render(request, "projects/edit.html", {"project": project, "form": form})
    form = ProjectForm(request.POST)
    if not form.is_valid():
        context = {"project": project, "form": form}
        return render(request, "projects/edit.html", context, status=422)
    name, description = form.cleaned_data["name"], form.cleaned_data["description"]
    try:
        services.edit_project(
            project,
            name,
            description,
            revision=form.cleaned_data["revision"] or 0,
            by=user,
        )
    except StaleEdit:
        project.refresh_from_db()
        again = ProjectForm(
            initial={"name": name, "description": description, "revision": project.revision}
        )
        context = {"project": project, "form": again, "stale": True}
        return render(request, "projects/edit.html", context, status=409)
    return redirect("projects:detail", slug)


@require_POST
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.OWNER)
    services.archive_project(project, by=permissions.signed_in(request))
    undo = reverse("projects:restore", args=[slug])
    messages.info(request, f"{project.name} is archived. Nothing was deleted.", extra_tags=undo)
    return redirect("projects:list")


@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.OWNER)
    services.restore_project(project, by=permissions.signed_in(request))
    messages.info(request, f"{project.name} is shown in lists again.")
    return redirect("projects:detail", slug)
