"""Room: web. KerasTuner scripts that run an experiment's trials: who they are, and what they need to know."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from experiments import permissions
from experiments.models import Experiment, Role, Trial
from experiments.reports.experiments.scripts import script_rows
from experiments.services.experiments.objective_choice import (
    choose_objective,
    names_to_choose_from,
)
from experiments.services.trials.expired_leases import release_by_hand
from experiments.web.forms.connect import ObjectiveForm
from experiments.web.refusals import refusal_shown

EVERYWHERE = ("0.0.0.0", "::")
LOCAL = ("127.0.0.1", "::1", "localhost")


def keras_tuner_parts(request: HttpRequest, experiment: Experiment) -> dict[str, Any]:
    """What the page Connect says of KerasTuner scripts."""
    host, names = settings.CHIEF_HOST, names_to_choose_from(experiment)
    return {
        "scripts": script_rows(experiment),
        "host": request.get_host().partition(":")[0] if host in EVERYWHERE else host,
        "port": settings.CHIEF_PORT,
        "is_local": host in LOCAL,
        "choice": ObjectiveForm(names=names) if names else None,
    }


@require_POST
def release(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    experiment = _get(request, code)
    trial = get_object_or_404(experiment.trials, number=number)
    if trial.state == Trial.State.RUNNING:
        release_by_hand(trial, by=permissions.signed_in(request))
        messages.info(request, f"Released trial {number} from {trial.worker}.")
    else:
        messages.error(request, f"Trial {number} is {trial.state}: there is nothing to release.")
    return redirect("experiments:connect", code)


@require_POST
def choose(request: HttpRequest, code: UUID) -> HttpResponse:
    """The answer to "Which metric counts?"."""
    experiment = _get(request, code)
    form = ObjectiveForm(request.POST, names=names_to_choose_from(experiment))
    if not form.is_valid():
        words = [str(error) for errors in form.errors.values() for error in errors]
        messages.error(request, " ".join(words))
        return redirect("experiments:connect", code)
    by, data = permissions.signed_in(request), form.cleaned_data
    with refusal_shown(request):
        choose_objective(experiment, data["objective"], data["direction"], by=by)
    return redirect("experiments:connect", code)


def _get(request: HttpRequest, code: UUID) -> Experiment:
    experiment = permissions.get_experiment(request.user, code, Role.EDITOR)
    if not experiment.runs_elsewhere:
        raise Http404("Workers of this site run the trials of this experiment.")
    return experiment
