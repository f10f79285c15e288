"""Room: web. Draws the new-experiment form, with what its answers mean beside it."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments.models import Project
from experiments.reports.earlier_searches import (
    OFFERED,
    EarlierSearches,
    earlier_searches,
)
from experiments.reports.fit_seconds import fit_seconds
from experiments.reports.usable_data import DataChoice
from experiments.web.forms import typed
from experiments.web.forms.experiment import ExperimentForm, FieldError
from experiments.web.forms.experiment_page import form_page
from experiments.web.forms.experiment_setting import Setting, first_setting
from experiments.web.forms.plan_meaning import Meaning, meaning_of, space_of
from experiments.web.views.new_experiment_state import FormState


@dataclass(frozen=True, slots=True)
class Opened:
    """A form as it stands open in somebody's browser."""

    project: Project
    setting: Setting
    form: ExperimentForm
    state: FormState

    def meaning(self) -> Meaning:
        """What its answers mean."""
        seen = fit_seconds(self.project, self.setting.data.pk, self.setting.model)
        return meaning_of(self.form, self.setting, seen)

    def earlier(self, *, others: int = OFFERED) -> EarlierSearches:
        """Searches to start from: those that are chosen, and the newest others."""
        source = self.form.to_dict()
        chosen = typed.listed(self.form.fields.get("warm_experiments", ""))
        return earlier_searches(self.project, space_of(source), chosen, others=others)


def page(
    request: HttpRequest,
    opened: Opened,
    *,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    """The whole page."""
    meaning = opened.meaning()
    context = {
        "project": opened.project,
        "page": form_page(opened.form, opened.setting, errors, meaning.histograms),
        "meaning": meaning,
        "earlier": opened.earlier(),
        "state": opened.state,
        **extra,
    }
    return render(request, "new_experiment/new.html", context, status=status)


def form_of_plan(
    plan: dict[str, Any], choices: tuple[DataChoice, ...], slots: int
) -> tuple[Setting, ExperimentForm]:
    """Open the form on a plan's JSON; what it leaves out is as in a new form."""
    wanted = {
        "dataset_version": typed.shown(plan.get("dataset_version")),
        "model": typed.shown(plan.get("model")),
        "layers": json.dumps(plan.get("layers") or []),
    }
    setting = first_setting(choices, wanted, slots)
    form = ExperimentForm.from_plan(_completed(plan, setting.default_dict()), setting.declared())
    fields = form.fields | {"model": setting.model, "space_model": setting.model}
    fields["dataset_version"] = str(setting.data.pk)
    return setting, ExperimentForm(fields, form.rows)


def _completed(plan: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """Fill in what a hand-written plan left out, one level deep."""
    filled = default | plan
    for name in ("protocol", "fit", "budget"):
        if isinstance(plan.get(name), dict):
            filled[name] = default[name] | plan[name]
    return filled
