"""Room: web. How a script connects: its token, the client, and the lines to paste."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.models import AccessToken, Experiment, Project, Role
from experiments.reports.site.tokens import token_rows
from experiments.services.external.searches import create_outside
from experiments.services.external.tokens import NewToken, create_token, revoke_token
from experiments.web.forms.connect import SPACE_EXAMPLE, OutsideForm, TokenForm
from experiments.web.views.experiments import frame_of
from experiments.web.views.scripts import keras_tuner_parts

CLIENT = "tuning_client.py"
PLACEHOLDER = "PASTE-YOUR-TOKEN"


@never_cache
def tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """The project's tokens. A new one is shown in the answer to its form, and never again."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    form, made = _made(request, project, None)
    context = {**_lines(request, project, None, form, made), "project": project}
    return render(request, "connect/project.html", context, status=_status(form))


@never_cache
def experiment(request: HttpRequest, code: UUID) -> HttpResponse:
    """The lines for this experiment; its editors make a token for it alone."""
    needed = Role.EDITOR if request.method == "POST" else Role.VIEWER
    found = permissions.get_experiment(request.user, code, needed)
    if not found.runs_elsewhere:
        messages.info(
            request,
            "Workers of this site run the trials of this experiment; scripts can't connect to it.",
        )
        return redirect("experiments:detail", code)
    form, made = _made(request, found.project, found)
    context = {
        **frame_of(request, found, "connect"),
        **_lines(request, found.project, found, form, made),
        **keras_tuner_parts(request, found),
    }
    return render(request, "connect/experiment.html", context, status=_status(form))


@require_POST
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Editors revoke their own tokens, owners anybody's."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    token = get_object_or_404(AccessToken, pk=pk, project=project)
    user = permissions.signed_in(request)
    role = permissions.role_in(user, project)
    if token.person_id != user.pk and role != Role.OWNER:
        raise PermissionDenied("Editors can revoke their own tokens, owners all tokens.")
    if revoke_token(token, by=user):
        messages.info(request, f"Revoked {token.name}: scripts that use it are now rejected.")
    back = token.experiment
    if back is not None and request.POST.get("back") == "experiment":
        return redirect("experiments:connect", back.code)
    return redirect("projects:tokens", slug)


def new(request: HttpRequest, slug: str) -> HttpResponse:
    """A search whose trials run elsewhere; it waits for scripts at once."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    if request.method != "POST":
        form = OutsideForm()
    else:
        form = OutsideForm(request.POST)
        plan = form.plan()
        if plan is not None:
            made = create_outside(project, plan, by=permissions.signed_in(request))
            return redirect("experiments:connect", made.code)
    context = {"project": project, "form": form, "example": SPACE_EXAMPLE}
    return render(request, "connect/new.html", context, status=422 if form.errors else None)


@login_not_required
@require_safe
def client(request: HttpRequest) -> HttpResponse:
    """The client as a file: scripts fetch it from machines where nobody is signed in."""
    text = (Path(settings.BASE_DIR) / "client" / CLIENT).read_text(encoding="utf-8")
    answer = HttpResponse(text, content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{CLIENT}"'
    return answer


def _made(
    request: HttpRequest, project: Project, experiment: Experiment | None
) -> tuple[TokenForm, NewToken | None]:
    """The form, and the token that it made, if it made one."""
    if request.method != "POST":
        return TokenForm(), None
    form = TokenForm(request.POST)
    if not form.is_valid():
        return form, None
    made = create_token(
        project,
        form.cleaned_data["name"],
        by=permissions.signed_in(request),
        experiment=experiment,
        expires=form.expires,
    )
    return TokenForm(), made


def _status(form: TokenForm) -> int | None:
    return 422 if form.errors else None


def _lines(
    request: HttpRequest,
    project: Project,
    experiment: Experiment | None,
    form: TokenForm,
    made: NewToken | None,
) -> dict[str, Any]:
    user = permissions.signed_in(request)
    role = permissions.role_in(user, project)
    return {
        "form": form,
        "made": made,
        "token": made.text if made else PLACEHOLDER,
        "site": request.build_absolute_uri("/").rstrip("/"),
        "named": experiment.name if experiment else "my first run",
        "client_file": CLIENT,
        "rows": token_rows(project, user, experiment),
        "may_make": role is not None and role.covers(Role.EDITOR),
        "may_own": role == Role.OWNER,
    }
