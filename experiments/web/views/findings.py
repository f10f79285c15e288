"""Room: web. Findings of an experiment: the page, the JSON, their one act, and dismissals."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.models import Experiment, Role
from experiments.reports.analysis.findings import checks_of, findings
from experiments.search.findings.plan_changes import IN_A_COPY
from experiments.services.experiments import findings as services
from experiments.services.experiments.states import NotAllowed
from experiments.web.forms import typed
from experiments.web.json_view import json_view
from experiments.web.refusals import refusal_shown
from experiments.web.views.experiments import frame_of

FAILED: Final = urlencode({"filter": "state = failed"})
IN_PLACE: Final = ("widen", "fix", "forbid", "parallel")  # acts that a running search takes


@require_safe
def listing(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    return _page(request, experiment)


@json_view
def data(request: HttpRequest, code: UUID) -> dict[str, Any]:
    """Open, dismissed and past findings with their evidence."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    found = findings(experiment)
    body = {
        name: [line.to_whole_dict() for line in getattr(found, name)]
        for name in ("open", "dismissed", "past")
    }
    return {"looked": experiment.looked, **checks_of(experiment).to_dict(), **body}


@require_safe
def act(request: HttpRequest, code: UUID, finding: int) -> HttpResponse:
    """Lead to the form or the question that does what the finding proposes."""
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    found = get_object_or_404(experiment.findings, pk=finding)
    kind, change = found.action.get("act", ""), found.action.get("change", {})
    if kind in IN_A_COPY:
        return redirect(f"{reverse('experiments:clone', args=[code])}?finding={found.pk}")
    if kind in IN_PLACE:
        return redirect(f"{reverse('experiments:edit', args=[code])}?{_edit_query(kind, change)}")
    if kind == "protocol":
        return redirect("experiments:protocol", code)
    if kind == "baseline":
        return redirect("trials:detail", change["run"], change["trial"])
    if kind == "failed":
        return redirect(f"{reverse('experiments:trials', args=[code])}?{FAILED}")
    context: dict[str, Any] = {
        **frame_of(request, experiment, "findings"),
        "finding": found,
        "act": kind,
        "trials": change.get("trials", change.get("confirm", [])),
    }
    return render(request, "findings/act.html", context)


@require_POST
def dismiss(request: HttpRequest, code: UUID, finding: int) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    found = get_object_or_404(experiment.findings, pk=finding)
    reason = request.POST.get("reason", "")
    try:
        services.dismiss(found, reason=reason, by=permissions.signed_in(request))
    except NotAllowed as refusal:
        return _page(
            request, experiment, refused=found.pk, refusal=str(refusal), typed=reason, status=422
        )
    messages.info(request, "Dismissed. Undo this in the section “Dismissed” below.")
    return redirect("experiments:findings", code)


@require_POST
def restore(request: HttpRequest, code: UUID, finding: int) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    found = get_object_or_404(experiment.findings, pk=finding)
    with refusal_shown(request):
        services.restore(found, by=permissions.signed_in(request))
        messages.info(request, "Restored.")
    return redirect("experiments:findings", code)


def _edit_query(act: str, change: Mapping[str, Any]) -> str:
    """The edit page's query with the proposal, such as "widen=learning_rate:3e-05:" (docs/guide/editing.md)."""
    if act == "parallel":
        return urlencode({"slots": change["parallel"]})
    if act == "forbid":
        return urlencode({"rule": change["constraint"]})
    name = change["name"]
    if act == "fix":
        return urlencode({"fix": f"{name}:{typed.shown(change['value'])}"})
    fields = change["fields"]
    if "choices" in fields:  # in their order, which adding would not keep
        choices = ", ".join(typed.shown(choice) for choice in fields["choices"])
        return urlencode({"tune": f"{name}:{choices}"})
    low, high = (typed.shown(fields.get(end)) for end in ("min", "max"))
    return urlencode({"widen": f"{name}:{low}:{high}"})


def _page(
    request: HttpRequest, experiment: Experiment, *, status: int = 200, **extra: object
) -> HttpResponse:
    context = {
        **frame_of(request, experiment, "findings"),
        "found": findings(experiment),
        "looked": experiment.looked,
        "checks": checks_of(experiment),
        **extra,
    }
    return render(request, "findings/list.html", context, status=status)
