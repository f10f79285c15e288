"""Room: web. The Winner tab of a search, and what people may do there: confirm, refit, repeat, reveal."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.models import Purpose, Role
from experiments.reports.front import front
from experiments.reports.quote import beats_nothing, caveats, quote
from experiments.reports.verdict import verdict, worth_confirming
from experiments.services import follow_ups
from experiments.services.moves import NotAllowed
from experiments.services.reveals import reveal as open_locked_part
from experiments.web.views.experiments import frame_of

USUAL = 3  # trials that a confirmation proposes


@login_required
@require_safe
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    if experiment.purpose != Purpose.SEARCH and experiment.follows is not None:
        return redirect("experiments:winner", experiment.follows.code)
    found = verdict(experiment)
    role = permissions.role_in(request.user, experiment.project)
    return render(
        request,
        "winner/detail.html",
        {
            **frame_of(request, experiment, "winner"),
            "found": found,
            "front": front(experiment) if found else None,
            "quote": quote(experiment, found) if found else "",
            "caveats": caveats(experiment, found) if found else [],
            "beats_nothing": beats_nothing(found) if found else False,
            "proposed": worth_confirming(experiment, found, USUAL) if found else [],
            "may_reveal": role is not None and role.covers(Role.OWNER),
        },
    )


@require_POST
@login_required
def confirm(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    words = request.POST.get("trials", "").replace(",", " ").split()
    if not all(word.isdecimal() and len(word) < 10 for word in words):
        messages.error(request, "Trials: write their numbers with commas, such as 3, 12, 7.")
        return redirect("experiments:winner", code)
    numbers = [int(word) for word in words]
    return _try(
        request,
        code,
        lambda: follow_ups.confirm(experiment, numbers, by=permissions.signed_in(request)),
        "The confirmation is queued. Its scores appear here.",
    )


def _on_trial(act: Callable[..., object], done: str) -> Callable[..., HttpResponse]:
    """A button about one trial: door, service, back to the Winner tab with what became of it."""

    @require_POST
    @login_required
    def press(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
        trial = permissions.get_trial(request.user, code, number, Role.EDITOR)
        by = permissions.signed_in(request)
        return _try(request, code, lambda: act(trial, by=by), done)

    return press


refit = _on_trial(
    follow_ups.refit, "The refit is queued. Its model can be downloaded here when it is done."
)
again = _on_trial(
    follow_ups.run_again, "The repeat is queued. Here you will see whether every epoch is equal."
)


@require_POST
@login_required
def reveal(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.OWNER)
    trial = experiment.recommended_trial
    if trial is None:
        messages.error(request, "No winner is named yet, so there is nothing to look at.")
        return redirect("experiments:winner", code)
    trial.experiment = experiment
    reason = request.POST.get("reason", "")
    return _try(
        request,
        code,
        lambda: open_locked_part(trial, reason=reason, by=permissions.signed_in(request)),
        "The locked rows are being scored. This look is in the log for ever.",
    )


def _try(request: HttpRequest, code: UUID, act: Callable[[], object], done: str) -> HttpResponse:
    """Do it and say so, or say why it can't be done."""
    try:
        act()
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, done)
    return redirect("experiments:winner", code)
