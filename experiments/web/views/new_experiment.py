"""Room: web. The new-experiment form: opening it, checking it, starting the search, cloning."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from experiments import permissions
from experiments.models import Draft, Experiment, Project, Role
from experiments.reports.analysis.findings import proposal_of
from experiments.reports.datasets.usable import DataChoice, usable_data
from experiments.reports.trials.selection import Narrowing
from experiments.search.reading import read_code
from experiments.services.experiments.drafts import discard_draft, save_draft
from experiments.services.experiments.edits import StaleEdit
from experiments.web.forms import typed
from experiments.web.forms.experiment.form import FieldError, draft_body, unstorable
from experiments.web.forms.experiment.meaning import meaning_of
from experiments.web.forms.experiment.setting import Setting, after_change, first_setting
from experiments.web.views.new_experiment_check import ask, is_proven
from experiments.web.views.new_experiment_json import plan_text
from experiments.web.views.new_experiment_page import Opened, form_of_plan, page, setting_of
from experiments.web.views.new_experiment_start import launch
from experiments.web.views.new_experiment_state import (
    FormState,
    posted_fields,
    read_picked,
)

OTHER_MODEL = "The search space below is the one of this model. Review it, then start."


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    project = permissions.get_project(request.user, slug, Role.EDITOR)
    choices = usable_data(project)
    if not choices:
        return render(request, "new_experiment/no_data.html", {"project": project})
    if request.method != "POST":
        return _open(request, project, choices)
    posted = posted_fields(request.POST)
    action = posted.get("action", "start")
    if action == "discard":
        discard_draft(project, permissions.signed_in(request))
        return redirect("experiments:new", slug)
    setting = setting_of(project, posted, choices)
    if action == "refresh":
        return _refresh(request, project, setting, posted)
    if action == "json":
        text = plan_text(setting.form_of(posted).to_dict())
        context = {"project": project, "text": text, "state": FormState.from_post(posted)}
        return render(request, "new_experiment/json.html", context)
    if action == "save":
        return _save(request, project, setting, posted)
    return _start(request, project, setting, posted)


@require_http_methods(["GET", "HEAD"])
def clone(request: HttpRequest, code: UUID) -> HttpResponse:
    """The form, filled as an experiment was; what is started from it says where it came from.

    `finding`: with the change that this finding of it proposes.
    """
    source = permissions.get_experiment(request.user, code, Role.EDITOR)
    if source.is_elsewhere:
        words = "It ran elsewhere, so its data and model are not on this site. Use it as a warm start instead."
        messages.error(request, words)
        return redirect("experiments:detail", code)
    plan = plan_to_clone(source) | {"name": f"{source.name} copy"[:120]}
    proposal = proposal_of(source, request.GET.get("finding", ""))
    if proposal is not None:
        plan = proposal.written_into(plan)
    return open_clone(request, source, plan, taken="" if proposal is None else proposal.words)


def plan_to_clone(source: Experiment) -> dict[str, Any]:
    """The plan of an experiment; of a follow-up that of its search."""
    planned = source.follows or source
    return {**planned.plan, "budget": planned.budget.to_dict()}


def open_clone(
    request: HttpRequest,
    source: Experiment,
    plan: dict[str, Any],
    *,
    taken: str = "",
    narrowing: Narrowing | None = None,
) -> HttpResponse:
    """The form, filled with a plan that was made from an experiment's.

    taken: words about what was changed in it; narrowing: what was done to its space.
    """
    choices = usable_data(source.project)
    if not choices:
        return render(request, "new_experiment/no_data.html", {"project": source.project})
    setting, form = form_of_plan(source.project, plan, choices)
    # What the source started from; where it started from nothing, there may be more to know now.
    has_chosen = bool(typed.listed(form.fields.get("warm_experiments", "")))
    state = FormState(
        token=uuid4(),
        revision=_revision(request, source.project),
        cloned_from=source.code,
        picked=frozenset() if has_chosen else None,
    )
    opened = Opened(source.project, setting, form, state)
    return page(request, opened, clone_of=source, taken=taken, narrowing=narrowing)


def _open(request: HttpRequest, project: Project, choices: tuple[DataChoice, ...]) -> HttpResponse:
    draft = _draft(request, project)
    query = {
        "dataset_version": request.GET.get("dataset_version", request.GET.get("data", "")),
        "model": request.GET.get("model", ""),
    }
    named = {role: request.GET[role] for role in ("sampler", "pruner") if role in request.GET}
    body = draft.body if draft and not any((*query.values(), *named.values())) else {}
    posted = {str(name): str(value) for name, value in body.items()}
    setting = setting_of(project, posted or query, choices)
    own = {"sampler": setting.strategies.samplers, "pruner": setting.strategies.pruners}
    posted |= {role: slug for role, slug in named.items() if slug in own[role]}
    state = FormState(
        token=uuid4(),
        revision=draft.revision if draft else 0,
        cloned_from=read_code(posted.get("cloned_from", "")),
        picked=read_picked(posted) if "warm_experiments" in posted else None,
    )
    return page(request, Opened(project, setting, setting.form_of(posted), state), draft=draft)


def _refresh(
    request: HttpRequest, project: Project, setting: Setting, posted: dict[str, str]
) -> HttpResponse:
    """The same form for other data or another model; nothing is checked yet."""
    choices, codes = setting.choices, setting.codes
    before = first_setting(choices, {"dataset_version": posted.get("space_data", "")}, 0, codes)
    fields = after_change(posted, setting, before.data)
    if setting.template.refuses(setting.schema) and not setting.layers:
        setting = first_setting(choices, posted | {"model": ""}, setting.slots, codes)
        fields = after_change(posted, setting, before.data)
    form, state = setting.form_of(fields), FormState.from_post(posted).picking_again(posted)
    return page(request, Opened(project, setting, form, state))


def _save(
    request: HttpRequest, project: Project, setting: Setting, posted: dict[str, str]
) -> HttpResponse:
    refusal = unstorable(posted)
    form, state = setting.form_of(posted), FormState.from_post(posted)
    if refusal:
        errors = (FieldError("", "", refusal),)
        return page(request, Opened(project, setting, form, state), errors=errors, status=422)
    user = permissions.signed_in(request)
    try:
        save_draft(project, user, draft_body(posted), state.revision)
    except StaleEdit as error:
        assert isinstance(error.current, Draft)
        fresh = state.at(error.current.revision)
        opened = Opened(project, setting, form, fresh)
        return page(request, opened, status=409, other=error.current)
    return redirect("projects:detail", project.slug)


def _start(
    request: HttpRequest, project: Project, setting: Setting, posted: dict[str, str]
) -> HttpResponse:
    state = FormState.from_post(posted)
    done = Experiment.objects.filter(code=state.token, project=project).first()
    if done is not None:
        return redirect("experiments:detail", done.code)
    form = setting.form_of(posted)
    errors = _choice_errors(setting, posted)
    plan = None
    if not errors:
        meaning = meaning_of(project, form, setting, None)
        plan, errors = meaning.plan, meaning.errors
    if plan is not None:
        only_checks = posted.get("action") == "check"
        if only_checks or (posted.get("check_first") == "1" and not is_proven(plan, setting)):
            asked = ask(request, project, plan, state, starts=not only_checks)
            if isinstance(asked, HttpResponse):
                return asked
            problems = asked
        else:
            problems = launch(request, project, plan, state)
            if not problems:
                return redirect("experiments:detail", state.token)
        errors = tuple(form.errors(problems))
    return page(request, Opened(project, setting, form, state), errors=errors, status=422)


def _choice_errors(setting: Setting, posted: dict[str, str]) -> tuple[FieldError, ...]:
    """Data or a model that the form could not take over as it was posted."""
    wanted = posted.get("dataset_version")
    if wanted is not None and typed.number(wanted) != setting.data.pk:
        return (FieldError("dataset_version", "Data", "This dataset isn't in the project."),)
    model = posted.get("model")
    if model is not None and model != setting.model:
        words = "There is no model with this name. Choose one below."
        return (FieldError("model", "Model", words),)
    if posted.get("space_model") not in (None, setting.model):
        return (FieldError("model", "Model", OTHER_MODEL),)
    return ()


def _draft(request: HttpRequest, project: Project) -> Draft | None:
    return Draft.objects.filter(project=project, user=permissions.signed_in(request)).first()


def _revision(request: HttpRequest, project: Project) -> int:
    draft = _draft(request, project)
    return draft.revision if draft else 0
