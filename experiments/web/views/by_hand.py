"""Room: web. Putting configurations into a running search by hand, and taking them back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from experiments import permissions
from experiments.models import Experiment, Role
from experiments.reports.experiments.added_configurations import waiting_by_hand
from experiments.search.history import Values
from experiments.search.space.space import Space
from experiments.services.experiments.states import NotAllowed
from experiments.services.trials import queued_configurations as services
from experiments.web.forms.experiment.configurations import (
    read_configuration,
    read_several,
    space_of,
    typed_from,
    value_fields,
)
from experiments.web.query_values import read_number
from experiments.web.refusals import refusal_shown
from experiments.web.views.experiments import frame_of


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands. taken_from: the trial that it was filled from.

    is_list: the list of several was sent, so that what its refusal asks stands beside it.
    """

    posted: Mapping[str, str]
    taken_from: int | None = None
    several: str = ""
    is_list: bool = False
    again: bool = False
    raise_budget: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong: by field, with all of it, or with the list; known: a trial that is equal."""

    status: int = 422
    errors: Mapping[str, str] | None = None
    general: str = ""
    several: str = ""
    known: int | None = None
    repeats: bool = False
    needed: int | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest, code: UUID) -> HttpResponse:
    """The form; `trial` and `queued` fill it from a trial or from what was queued before."""
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    space = space_of(experiment)
    if request.method != "POST":
        return _page(request, experiment, space, _opened(request, experiment, space))
    action = request.POST.get("action", "one")
    sent = Typed(
        posted={str(name): str(value) for name, value in request.POST.items()},
        taken_from=_trial_number(experiment, request.POST.get("from", "")),
        several=request.POST.get("several", ""),
        is_list=action == "several",
        again=request.POST.get("again") == "1",
        raise_budget=request.POST.get("raise_budget") == "1",
    )
    wanted, refused = _read(space, sent)
    if refused is None:
        queued, refused = _queue(request, experiment, sent, wanted)
        if refused is None:
            return _done(request, experiment, queued, action)
    return _page(request, experiment, space, sent, refused)


@require_POST
def withdraw(request: HttpRequest, code: UUID, queued: int) -> HttpResponse:
    """Take back what waits; the page says why where it doesn't wait any more."""
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    with refusal_shown(request):
        services.withdraw(experiment, queued, by=permissions.signed_in(request))
        messages.info(request, "Withdrawn.")
    return redirect("experiments:detail", code)


def _opened(request: HttpRequest, experiment: Experiment, space: Space) -> Typed:
    number = _trial_number(experiment, request.GET.get("trial", ""))
    values: Values = {}
    if number is not None:
        values = experiment.trials.get(number=number).values
    elif (pk := read_number(request.GET.get("queued", ""))) is not None:
        values = experiment.queued.filter(pk=pk).values_list("values", flat=True).first() or {}
    return Typed(typed_from(space, values), number)


def _trial_number(experiment: Experiment, text: str) -> int | None:
    number = read_number(text)
    is_there = number is not None and experiment.trials.filter(number=number).exists()
    return number if is_there else None


def _read(space: Space, sent: Typed) -> tuple[list[Values], Refused | None]:
    if sent.is_list:
        found, problem = read_several(space, sent.several)
        return found, Refused(several=problem) if problem else None
    read = read_configuration(space, sent.posted)
    if read.values is None:
        return [], Refused(errors=read.errors, general=read.general)
    return [read.values], None


def _queue(
    request: HttpRequest, experiment: Experiment, sent: Typed, wanted: list[Values]
) -> tuple[list[Any], Refused | None]:
    try:
        queued = services.queue_by_hand(
            experiment,
            wanted,
            by=permissions.signed_in(request),
            taken_from=None if sent.is_list else sent.taken_from,
            again=sent.again,
            raise_budget=sent.raise_budget,
        )
    except NotAllowed as refusal:
        return [], Refused(status=409, general=str(refusal))
    except services.AlreadyThere as refusal:
        refused = Refused(general=str(refusal), known=refusal.number, repeats=True)
        if sent.is_list:
            text = f"Row {refusal.place + 1}: {refusal} Change it, or tick “Allow duplicates”."
            refused = replace(refused, general="", several=text)
        return [], refused
    except services.NoRoom as refusal:
        return [], Refused(general=str(refusal), needed=refusal.needed)
    return queued, None


def _done(
    request: HttpRequest, experiment: Experiment, queued: list[Any], action: str
) -> HttpResponse:
    is_paused = experiment.state in (Experiment.State.PAUSING, Experiment.State.PAUSED)
    when = "when the search is resumed" if is_paused else "as soon as a slot is free"
    what = (
        f"{len(queued)} configurations, which run"
        if len(queued) > 1
        else "1 configuration, which runs"
    )
    messages.info(request, f"Queued {what} {when}.")
    if action == "another":
        address = reverse("experiments:queue", args=[experiment.code])
        return redirect(f"{address}?queued={queued[-1].pk}")
    return redirect("experiments:detail", experiment.code)


def _page(
    request: HttpRequest,
    experiment: Experiment,
    space: Space,
    sent: Typed,
    refused: Refused | None = None,
) -> HttpResponse:
    if refused is not None and refused.status == 409:
        experiment = permissions.get_experiment(request.user, experiment.code, Role.EDITOR)
    problems = refused or Refused(status=200)
    context = {
        **frame_of(request, experiment, "queue"),
        "fields": value_fields(space, sent.posted, problems.errors or {}),
        "sent": sent,
        "refused": problems,
        "closed": services.refusal(experiment),
        "waiting": waiting_by_hand(experiment),
        "fixed": [row for row in space.hyperparameters if not row.is_searched],
        "constraints": space.constraints,
    }
    return render(request, "experiments/queue.html", context, status=problems.status)
