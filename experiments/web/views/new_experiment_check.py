"""Room: web. A plan tried before its search: waiting for the check, reading it, starting after it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from experiments import permissions
from experiments.catalog.code import SLUG as CODE
from experiments.catalog.layer_list import SLUG as LAYERS
from experiments.evaluation.protocol import ProtocolError
from experiments.models import Preflight, Project, Role
from experiments.plan import ExperimentPlan
from experiments.reports.datasets.usable import usable_data
from experiments.reports.experiments.preflight import preflight_page, started_by
from experiments.reports.site.workers import slots
from experiments.search.problems import Problem
from experiments.search.space.corners import within
from experiments.search.space.space import Space
from experiments.services.experiments.preflights import request_preflight, skip_preflight
from experiments.web.forms.experiment.setting import Setting
from experiments.web.json_view import json_view
from experiments.web.views.new_experiment_page import Opened, form_of_plan, page
from experiments.web.views.new_experiment_start import launch
from experiments.web.views.new_experiment_state import FormState

LARGE_ROW = 20_000  # numbers: from such rows on, memory is a question for every space
RULE_TAKEN = "Added to the constraints below: {}. Review it, then start."


def is_proven(plan: ExperimentPlan, setting: Setting) -> bool:
    """Whether its corners are known to work: a template within its own ranges, on data of ours."""
    if plan.model in (LAYERS, CODE) or not setting.data.built_in:
        return False
    size = 1
    for side in setting.schema.shape:
        size *= side
    own = Space.from_dict(setting.template.default_space(setting.schema))
    return size < LARGE_ROW and within(plan.space, own)


def ask(
    request: HttpRequest, project: Project, plan: ExperimentPlan, state: FormState, *, starts: bool
) -> list[Problem] | HttpResponse:
    """Ask for a check and go to its page; or say what is wrong with the protocol."""
    try:
        preflight = request_preflight(
            project,
            plan,
            by=permissions.signed_in(request),
            token=state.token,
            starts=starts,
            cloned_from=state.cloned_from,
        )
    except ProtocolError as error:
        return [problem.below("protocol") for problem in error.problems]
    return redirect("experiments:check", project.slug, preflight.code)


@require_safe
@never_cache
def check(request: HttpRequest, slug: str, check: UUID) -> HttpResponse:
    """What the check has found so far; a search that it started is opened instead."""
    project, preflight = _preflight(request, slug, check)
    found = preflight_page(preflight)
    if preflight.starts and found.experiment is not None:
        return redirect("experiments:detail", found.experiment.code)
    context = {
        "project": project,
        "preflight": preflight,
        "page": found,
        "busy": slots(),
        "name": preflight.plan["name"],
    }
    return render(request, "new_experiment/check.html", context)


@json_view
def check_state(request: HttpRequest, slug: str, check: UUID) -> dict[str, Any]:
    """How far it is, for the page that waits."""
    _, preflight = _preflight(request, slug, check)
    planned = preflight.planned or 1
    words = f"{preflight.done} of {preflight.planned} configurations tried"
    is_started = preflight.starts and preflight.is_over and started_by(preflight) is not None
    return {
        "state": "started" if is_started else preflight.state,
        "progress": words if preflight.planned else "Waiting for a trial worker.",
        "share": min(1.0, preflight.done / planned),
    }


@require_POST
def check_start(request: HttpRequest, slug: str, check: UUID) -> HttpResponse:
    """Start the search of a plan that was checked, or of one whose check nobody waits for."""
    project, preflight = _preflight(request, slug, check)
    opened = _opened(project, preflight, preflight.plan)
    plan, errors = opened.meaning().plan, opened.meaning().errors
    if plan is not None and started_by(preflight) is None:
        skip_preflight(preflight)
        problems = launch(request, project, plan, opened.state)
        errors = tuple(opened.form.errors(problems))
    if errors:
        return page(request, opened, errors=errors, status=422)
    return redirect("experiments:detail", preflight.token)


@require_POST
def check_form(request: HttpRequest, slug: str, check: UUID) -> HttpResponse:
    """The form of the plan again; `rule`: with this rule of the check among its constraints."""
    project, preflight = _preflight(request, slug, check)
    plan = dict(preflight.plan)
    rules = {each["rule"] for each in preflight.result.get("rules", ()) if each["rule"]}
    wanted = [rule for rule in request.POST.getlist("rule") if rule in rules]
    space = dict(plan["space"])
    new = [rule for rule in wanted if rule not in space["constraints"]]
    plan["space"] = space | {"constraints": [*space["constraints"], *new]}
    skip_preflight(preflight)
    opened = _opened(project, preflight, plan)
    return page(request, opened, taken=RULE_TAKEN.format("; ".join(wanted)) if wanted else "")


def _preflight(request: HttpRequest, slug: str, code: UUID) -> tuple[Project, Preflight]:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    return project, get_object_or_404(Preflight, project=project, code=code)


def _opened(project: Project, preflight: Preflight, plan: dict[str, object]) -> Opened:
    setting, form = form_of_plan(project, plan, usable_data(project))
    picked = frozenset[str]()
    state = FormState(preflight.token, cloned_from=preflight.cloned_from, picked=picked)
    return Opened(project, setting, form, state)
