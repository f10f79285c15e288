"""Room: web. One trial: its page, stopping it, and putting it back in the queue."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.catalog.plan_metrics import tested_metric
from experiments.data_schema import DataSchema
from experiments.models import Artifact, Experiment, Purpose, Role, Trial
from experiments.reports.experiments.head import executions_of, protocol_words
from experiments.reports.figures import decimals_of
from experiments.reports.trials.detail import TrialPage, trial_page
from experiments.reports.trials.exact_metrics import ExactMetrics, exact_metrics
from experiments.reports.trials.prediction_plots import MOST_CLASSES
from experiments.services.experiments.states import NotAllowed
from experiments.services.trials import lifecycle as services
from experiments.services.trials.expired_leases import release_by_hand
from experiments.web.refusals import refusal_shown


@require_safe
def detail(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    try:
        trial = permissions.get_trial(request.user, code, number, Role.VIEWER)
    except Http404:
        return _gone(request, code, number)
    experiment = trial.experiment
    may_edit = permissions.may(request.user, experiment.project, Role.EDITOR)
    allowed = Trial.MOVES[Trial.State(trial.state)]
    decisions = list(trial.decisions.order_by("pk"))
    page = trial_page(trial)
    context = {
        "trial": trial,
        "experiment": experiment,
        "project": experiment.project,
        "page": page,
        "exact": _exact(experiment, page),
        "task": experiment.dataset_version.schema.get("task", ""),
        "classes": experiment.dataset_version.schema.get("classes", [])[:MOST_CLASSES],
        "has_predictions": trial.artifacts.filter(kind=Artifact.Kind.PREDICTIONS).exists(),
        "decisions": decisions,
        "decimals": decimals_of(n for each in decisions for n in (each.value, each.cutoff)),
        "executions": executions_of(experiment),
        "protocol_words": protocol_words(experiment),
        "cursor": experiment.event_serial,
        "behind": _behind(trial),
        "is_live": trial.state in {Trial.State.RUNNING, Trial.State.WAITING},
        "is_over": trial.state in Trial.TERMINAL,
        "is_turning": experiment.state in Experiment.TURNING,
        "has_usage": any(each.usage for each in page.executions),
        "has_curves": not experiment.is_elsewhere or any(each.history for each in page.executions),
        "best_epoch": next((each.best_epoch for each in page.executions), None),
        "is_stopping": trial.stop_wanted and trial.state == Trial.State.RUNNING,
        "may_edit": may_edit,
        "can_stop": may_edit and Trial.State.STOPPED in allowed and not trial.stop_wanted,
        "can_release": may_edit
        and experiment.runs_elsewhere
        and trial.state == Trial.State.RUNNING,
        "can_follow": may_edit
        and experiment.purpose == Purpose.SEARCH
        and not experiment.is_elsewhere
        and trial.state == Trial.State.COMPLETED,
        "can_requeue": may_edit
        and not experiment.is_imported
        and trial.origin != Trial.JOINED
        and trial.state in {Trial.State.FAILED, Trial.State.STOPPED},
    }
    return render(request, "trials/detail.html", context)


def _gone(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    """Where a link to a trial leads that its experiment doesn't have; strangers get the plain 404."""
    experiment = permissions.get_experiment(request.user, code, Role.VIEWER)
    context = {
        "experiment": experiment,
        "project": experiment.project,
        "number": number,
        "count": experiment.trials.count(),
    }
    return render(request, "trials/gone.html", context, status=404)


def _exact(experiment: Experiment, page: TrialPage) -> ExactMetrics:
    schema = experiment.dataset_version.schema
    expected = {}
    if page.expected.value is not None and experiment.purpose != Purpose.REFIT:
        main = tested_metric(experiment.objective, DataSchema.from_dict(schema))
        expected = page.expected.by_metric(main)
    overlap = experiment.protocol.overlap
    return exact_metrics(page.executions, schema.get("task", ""), overlap, expected)


def _behind(trial: Trial) -> float | None:
    """Its score's difference to the best trial's."""
    best = trial.experiment.best_trial
    if best is None or best.score is None or trial.score is None:
        return None
    return trial.score - best.score


def _act(request: HttpRequest, code: UUID, number: int, action: Any) -> HttpResponse:
    """Door, service, back to the page, which shows what the trial waits for."""
    trial = permissions.get_trial(request.user, code, number, Role.EDITOR)
    with refusal_shown(request):
        action(trial, by=permissions.signed_in(request))
    return redirect("trials:detail", code, number)


@require_POST
def stop(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    return _act(request, code, number, services.stop_trial)


@require_POST
def requeue(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    return _act(request, code, number, services.requeue_trial)


@require_POST
def release(request: HttpRequest, code: UUID, number: int) -> HttpResponse:
    return _act(request, code, number, _release)


def _release(trial: Trial, *, by: User) -> None:
    """Take the trial from its script, which may be gone. Raises NotAllowed."""
    if not trial.experiment.runs_elsewhere:
        raise NotAllowed(
            "A worker of this site runs this trial; if the worker is unresponsive, the trial is released automatically."
        )
    if not release_by_hand(trial, by=by):
        raise NotAllowed("This trial is no longer running.")
