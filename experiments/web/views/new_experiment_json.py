"""Room: web. The same plan as JSON: seen, edited, checked by the same code, started."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from experiments import permissions
from experiments.file_format import KEY, format_problem, with_format
from experiments.models import Experiment, Project, Role
from experiments.plan import DataFacts, ExperimentPlan, PlanError
from experiments.reports.datasets.usable import DataChoice, usable_data
from experiments.reports.site.code_versions import CodeShelf
from experiments.search.problems import Problem
from experiments.web.forms.experiment.form import FieldError
from experiments.web.views.new_experiment_page import Opened, form_of_plan, page, setting_of
from experiments.web.views.new_experiment_start import launch
from experiments.web.views.new_experiment_state import FormState, posted_fields

LARGEST = 1_000_000
MOST_UNKNOWN = 10


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """`plan`: the JSON text; `action`: form (go back to the form), check, or start."""
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    choices = usable_data(project)
    if not choices:
        return render(request, "new_experiment/no_data.html", {"project": project})
    posted = posted_fields(request.POST)
    state = FormState.from_post(posted)
    if request.method != "POST":
        plan = setting_of(project, {}, choices).default_dict()
        return _page(request, project, plan_text(plan), state)
    text = posted.get("plan", "")
    source, problem = read_json(text)
    if problem:
        return _page(request, project, text, state, problems=[Problem("", problem)])
    if posted.get("action") == "form":
        return _as_form(request, project, source, choices, state)
    if Experiment.objects.filter(code=state.token, project=project).exists():
        return redirect("experiments:detail", state.token)
    checked, problems = _check(source, choices, CodeShelf(project.pk))
    if checked is not None and posted.get("action") == "start":
        problems = launch(request, project, checked, state)
        if not problems:
            return redirect("experiments:detail", state.token)
    return _page(request, project, text, state, problems=problems)


def _as_form(
    request: HttpRequest,
    project: Project,
    source: dict[str, Any],
    choices: tuple[DataChoice, ...],
    state: FormState,
) -> HttpResponse:
    """The form of the same plan; what is wrong stands at its fields, or says that it has none."""
    setting, form = form_of_plan(project, source, choices)
    opened = Opened(project, setting, form, state)
    errors = opened.meaning().errors
    unknown = sorted(set(source) - set(setting.default_dict()) - {KEY})[:MOST_UNKNOWN]
    if unknown:
        words = f"The form can't show {', '.join(name[:60] for name in unknown)}: left out."
        errors = (FieldError("", "", words), *errors)
    return page(request, opened, errors=errors, status=422 if errors else 200)


def plan_text(plan: Mapping[str, Any]) -> str:
    """The plan as the page shows it; `read_json` is its inverse."""
    return json.dumps(with_format(plan), indent=2, ensure_ascii=False)


def read_json(text: str) -> tuple[dict[str, Any], str]:
    """Read the plan's text; return it with a sentence about what keeps it from being one."""
    if len(text) > LARGEST:
        return {}, f"The plan holds more than {LARGEST:,} characters."
    try:
        source = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
    except RecursionError:
        return {}, "The JSON is nested too deeply."
    except json.JSONDecodeError as error:
        return {}, f"Line {error.lineno}, column {error.colno}: {error.msg}."
    except ValueError as error:
        return {}, str(error)
    if not isinstance(source, dict):
        return {}, "Expected a JSON object that starts with {."
    return source, format_problem(source.get(KEY), "plan")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"The field {json.dumps(name)[:60]} is given twice.")
        found[name] = value
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"JSON has no {name}. Use a number, or null.")


def _check(
    source: dict[str, Any], choices: tuple[DataChoice, ...], codes: CodeShelf
) -> tuple[ExperimentPlan | None, list[Problem]]:
    wanted = source.get("dataset_version")
    named = [choice for choice in choices if choice.pk == wanted and not isinstance(wanted, bool)]
    if not named:
        known = ", ".join(f"{choice.pk} ({choice.label})" for choice in choices[:20])
        return None, [Problem("dataset_version", f"Unknown dataset version. Known: {known}.")]
    try:
        facts = DataFacts(named[0].schema, named[0].columns, codes, codes.strategies)
        return ExperimentPlan.from_dict(source, facts), []
    except PlanError as error:
        return None, error.problems


def _page(
    request: HttpRequest,
    project: Project,
    text: str,
    state: FormState,
    *,
    problems: list[Problem] | None = None,
) -> HttpResponse:
    context = {
        "project": project,
        "text": text,
        "state": state,
        "problems": problems,
        "checked": problems == [],
    }
    return render(request, "new_experiment/json.html", context, status=422 if problems else 200)
