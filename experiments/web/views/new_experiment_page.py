"""Room: web. Draws the new-experiment form, with what its answers mean beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments.evaluation.protocol import renamed
from experiments.models import Project
from experiments.reports.datasets.usable import DataChoice
from experiments.reports.experiments.fit_seconds import fit_seconds
from experiments.reports.sampling.earlier_searches import (
    OFFERED,
    EarlierSearches,
    NewSearch,
    earlier_searches,
)
from experiments.reports.site.code_versions import CodeShelf
from experiments.reports.site.workers import room_for_trials
from experiments.web.forms import typed
from experiments.web.forms.experiment.form import ExperimentForm, FieldError, in_form
from experiments.web.forms.experiment.meaning import Meaning, meaning_of, space_of
from experiments.web.forms.experiment.page import form_page
from experiments.web.forms.experiment.sentences import earlier_words, learns, picked_words
from experiments.web.forms.experiment.setting import Setting, first_setting
from experiments.web.views.new_experiment_state import FormState


@dataclass(frozen=True, slots=True)
class Opened:
    """A form as it is open in a browser."""

    project: Project
    setting: Setting
    form: ExperimentForm
    state: FormState

    def meaning(self) -> Meaning:
        seen = fit_seconds(self.project, self.setting.data.pk, self.setting.model)
        return meaning_of(self.project, self.form, self.setting, seen)

    @property
    def sampler(self) -> str:
        return self.form.fields.get("sampler", "")

    def earlier(self, *, others: int = OFFERED) -> EarlierSearches:
        """Searches to start from: those that are chosen, or picked, and the newest others."""
        source, model = self.form.to_dict(), self.setting.model
        is_picking = self.state.picked is None
        chosen = [] if is_picking else typed.listed(self.form.fields.get("warm_experiments", ""))
        found = earlier_searches(
            self.project, space_of(source), chosen, model=model, others=others
        )
        if not is_picking or not learns(self.sampler):
            return found
        about = NewSearch(model, self.setting.data.pk, self.setting.schema.task)
        return found.picked(about)


def page(
    request: HttpRequest,
    opened: Opened,
    *,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    """The whole page."""
    meaning, earlier = opened.meaning(), opened.earlier()
    codes = frozenset(each.code for each in earlier.chosen)
    picked = codes if opened.state.picked is None else opened.state.picked
    context = {
        "project": opened.project,
        "page": form_page(opened.form, opened.setting, errors, meaning.histograms),
        "meaning": meaning,
        "earlier": earlier,
        "earlier_words": earlier_words(earlier, opened.sampler),
        "picked": ", ".join(sorted(picked)),
        "picked_words": picked_words(earlier, opened.sampler) if codes == picked else "",
        "state": opened.state,
        **extra,
    }
    return render(request, "new_experiment/new.html", context, status=status)


def setting_of(
    project: Project, posted: Mapping[str, str], choices: tuple[DataChoice, ...]
) -> Setting:
    """What the form stands on, with the project's code and the slots of the workers that report."""
    return first_setting(choices, posted, room_for_trials(), CodeShelf(project.pk))


def form_of_plan(
    project: Project, plan: dict[str, Any], choices: tuple[DataChoice, ...]
) -> tuple[Setting, ExperimentForm]:
    """Open the form on a plan's JSON; what it leaves out is as in a new form."""
    wanted = {
        "dataset_version": typed.shown(plan.get("dataset_version")),
        "model": in_form(typed.shown(plan.get("model")), plan.get("layers")),
        "layers": json.dumps(plan.get("layers") or []),
    }
    setting = setting_of(project, wanted, choices)
    form = ExperimentForm.from_plan(_completed(plan, setting.default_dict()), setting.declared())
    fields = form.fields | {"model": setting.model, "space_model": setting.model}
    fields["dataset_version"] = str(setting.data.pk)
    return setting, ExperimentForm(fields, form.rows)


def _completed(plan: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """Fill in what a hand-written plan left out, one level deep."""
    filled = default | plan
    if isinstance(plan.get("protocol"), dict):
        plan = plan | {"protocol": renamed(plan["protocol"])}
    for name in ("protocol", "fit", "budget"):
        if isinstance(plan.get(name), dict):
            filled[name] = default[name] | plan[name]
    return filled
