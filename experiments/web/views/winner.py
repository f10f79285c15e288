"""Room: web. The Winner tab of a search, and what people may do there: confirm, refit, repeat, reveal."""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.models import Experiment, Purpose, Role
from experiments.reports.analysis.pareto_front import front
from experiments.reports.winner.locked_test import locked_test
from experiments.reports.winner.summary import beats_nothing, caveats, quote
from experiments.reports.winner.winner_page import Verdict, verdict, worth_confirming
from experiments.services.experiments import follow_ups
from experiments.services.experiments.reveals import reveal as open_locked_part
from experiments.services.experiments.states import NotAllowed
from experiments.web.query_values import read_number
from experiments.web.views.experiments import frame_of

USUAL = 3  # trials that a confirmation proposes


@require_safe
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    if experiment.purpose != Purpose.SEARCH and experiment.follows is not None:
        return redirect("experiments:winner", experiment.follows.code)
    found = verdict(experiment)
    context = {
        **frame_of(request, experiment, "winner"),
        "found": found,
        "front": front(experiment) if found else None,
        "quote": quote(experiment, found) if found else "",
        "caveats": caveats(experiment, found) if found else [],
        "beats_nothing": found is not None
        and "baselines" not in experiment.winner
        and beats_nothing(found),
        "proposed": _proposed(request, experiment, found) if found else "",
        "reason": request.GET.get("reason", ""),
        "may_reveal": permissions.may(request.user, experiment.project, Role.OWNER),
    }
    return render(request, "winner/detail.html", context)


def _proposed(request: HttpRequest, experiment: Experiment, found: Verdict) -> str:
    """What the field of a confirmation holds: what was typed and refused, else the best few."""
    numbers = worth_confirming(experiment, found, USUAL)
    return request.GET.get("trials") or ", ".join(str(number) for number in numbers)


@require_POST
def confirm(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    typed = request.POST.get("trials", "")
    by = permissions.signed_in(request)
    return _try(
        request,
        code,
        lambda: follow_ups.confirm(experiment, _numbers(typed), by=by),
        "The confirmation is queued. Its scores appear here.",
        trials=typed,
    )


def _numbers(typed: str) -> list[int]:
    """Numbers of trials. Raises NotAllowed for anything else."""
    numbers = [read_number(word) for word in typed.replace(",", " ").split()]
    found = [number for number in numbers if number is not None]
    if len(found) < len(numbers):
        raise NotAllowed("Trials must be numbers separated by commas, such as 3, 12, 7.")
    return found


def _on_trial(act: Callable[..., object], done: str) -> Callable[..., HttpResponse]:
    """A button about one trial: door, service, back to the Winner tab with what became of it."""

    @require_POST
    def press(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
        trial = permissions.get_trial(request.user, code, number, Role.EDITOR)
        by = permissions.signed_in(request)
        return _try(request, code, lambda: act(trial, by=by), done)

    return press


refit = _on_trial(
    follow_ups.refit, "The refit is queued. Download its model here when it has completed."
)
again = _on_trial(
    follow_ups.run_again, "The repeat is queued. Its comparison by epoch appears here."
)


@require_POST
def reveal(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.OWNER)
    trial = experiment.recommended_trial
    if trial is None:
        messages.error(request, "There is no winner yet, so there is no test score to reveal.")
        return redirect("experiments:winner", code)
    trial.experiment = experiment
    reason = request.POST.get("reason", "")
    announced = locked_test(experiment, trial).announced
    by = permissions.signed_in(request)
    return _try(
        request,
        code,
        lambda: open_locked_part(trial, reason=reason, by=by, announced=announced),
        "The test score is being computed. This reveal is recorded permanently in the log.",
        reason=reason,
    )


def _try(
    request: HttpRequest, code: UUID, act: Callable[[], object], done: str, **typed: str
) -> HttpResponse:
    """Do it and say so, or say why it can't be done and keep what was typed in the address."""
    try:
        act()
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        query = f"?{urlencode(typed)}" if any(typed.values()) else ""
        return redirect(reverse("experiments:winner", args=[code]) + query)
    messages.info(request, done)
    return redirect("experiments:winner", code)
