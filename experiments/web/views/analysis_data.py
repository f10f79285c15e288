"""Room: web. The private JSON that only the Analysis tab's charts read; docs/guide/chart-data.md."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict

from experiments import permissions
from experiments.models import Experiment, Role
from experiments.reports.analysis.distribution import MOST_OFFERED, distribution_report
from experiments.reports.analysis.importance import importance_report, surface_report
from experiments.reports.trials.all_curves import all_curves
from experiments.reports.trials.attempts import attempts_report
from experiments.web.json_view import json_view

Report = Callable[[Experiment, QueryDict], dict[str, Any]]


def _address(report: Report) -> Callable[..., HttpResponse]:
    """Door and report; strangers get 404."""

    @json_view
    def answer(request: HttpRequest, code: UUID) -> dict[str, Any]:
        experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
        return report(experiment, request.GET)

    return answer


def _codes(text: str) -> list[UUID]:
    """Codes out of an address; what is none is left out."""
    found = []
    for word in text.split(",")[:MOST_OFFERED]:
        try:
            found.append(UUID(word))
        except ValueError:
            continue  # a broken link shows the others
    return found


importance = _address(lambda experiment, _: importance_report(experiment))
surface = _address(
    lambda experiment, query: surface_report(experiment, query.get("x", ""), query.get("y", ""))
)
distribution = _address(
    lambda experiment, query: distribution_report(experiment, _codes(query.get("with", "")))
)
curves = _address(
    lambda experiment, query: all_curves(experiment, is_whole=query.get("range") == "whole")
)
attempts = _address(lambda experiment, _: attempts_report(experiment))
