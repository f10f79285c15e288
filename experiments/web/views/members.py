"""Room: web. Who is in a project, and with which role."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from experiments import permissions
from experiments.models import Membership, Project, Role
from experiments.reports.site.projects import member_rows
from experiments.services.site import projects as services
from experiments.web.forms.projects import MemberForm, RoleForm


def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """Viewers see who is in; owners also add people."""
    needed = Role.OWNER if request.method == "POST" else Role.VIEWER
    project = permissions.get_project(request.user, slug, needed)
    if request.method != "POST":
        return _page(request, project, MemberForm())
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, project, form, status=422)
    try:
        services.add_member(
            project,
            form.person,
            Role(form.cleaned_data["role"]),
            by=permissions.signed_in(request),
        )
    except services.AlreadyMember as error:
        form.add_error("username", str(error))
        return _page(request, project, form, status=422)
    return redirect("projects:members", slug)


@require_POST
def change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.OWNER)
    membership = get_object_or_404(Membership, pk=pk, project=project)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose owner, editor or viewer.")
        return _page(request, project, MemberForm(), status=422)
    try:
        services.change_role(
            membership, Role(form.cleaned_data["role"]), by=permissions.signed_in(request)
        )
    except services.LastOwner as error:
        messages.error(request, f"{error} Make someone else owner first.")
        return _page(request, project, MemberForm(), status=422)
    return redirect("projects:members", slug)


@require_POST
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.OWNER)
    membership = get_object_or_404(Membership, pk=pk, project=project)
    return _without(request, project, membership) or redirect("projects:members", slug)


@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Every member may go; who only sees the project as an administrator is in no list of it."""
    project = permissions.get_project(request.user, slug, Role.VIEWER)
    membership = get_object_or_404(
        Membership, project=project, user=permissions.signed_in(request)
    )
    refused = _without(request, project, membership)
    if refused is None:
        messages.info(request, f"You have left {project.name}.")
    return refused or redirect("projects:list")


def _without(
    request: HttpRequest, project: Project, membership: Membership
) -> HttpResponse | None:
    """Take a member out; the page with a reason when the project needs them."""
    try:
        services.remove_member(membership, by=permissions.signed_in(request))
    except services.LastOwner as error:
        messages.error(request, f"{error} Make someone else owner first.")
        return _page(request, project, MemberForm(), status=422)
    return None


def _page(
    request: HttpRequest, project: Project, form: MemberForm, *, status: int = 200
) -> HttpResponse:
    role = permissions.role_in(request.user, project)
    members = member_rows(project)
    context = {
        "project": project,
        "members": members,
        "roles": Role.choices,
        "may_own": role == Role.OWNER,
        "is_member": any(member.user_id == request.user.pk for member in members),
        "form": form,
    }
    return render(request, "projects/members.html", context, status=status)
