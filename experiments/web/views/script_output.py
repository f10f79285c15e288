"""Room: web. What a pasted script printed once its search was done."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.models import Role
from experiments.services.code.script_output import ask_for_output
from experiments.web.views.experiments import frame_of


@require_safe
def detail(request: HttpRequest, code: UUID) -> HttpResponse:
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    frame = frame_of(request, experiment, "script output")
    return render(
        request, "experiments/script.html", {**frame, "output": experiment.script_output}
    )


@require_POST
def again(request: HttpRequest, code: UUID) -> HttpResponse:
    """Run the script to its end once more, with the trials that there are now."""
    ask_for_output(permissions.get_experiment(request.user, code, Role.EDITOR))
    return redirect("experiments:script", code)
