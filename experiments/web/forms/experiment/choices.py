"""What the new-experiment form offers to choose from: metrics, objectives, samplers and pruners."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from experiments.catalog.metric_source import TOP
from experiments.catalog.plan_metrics import logged_names
from experiments.catalog.source_pieces import known_metrics
from experiments.evaluation.expression import CUSTOM
from experiments.evaluation.metrics import METRICS, direction_of, objectives, of_task
from experiments.evaluation.model_costs import COSTS, FINAL
from experiments.evaluation.score_rules import OFFERED, RULE, score_rule_words
from experiments.training.fit import OBJECTIVE
from experiments.web.forms import typed
from experiments.web.forms.experiment.fields import FURTHER
from experiments.web.forms.experiment.form import ExperimentForm
from experiments.web.forms.experiment.setting import Setting
from experiments.web.forms.plan_field import FieldView, Pairs


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    label: str
    chosen: bool
    help: str = ""


def objective_choices(form: ExperimentForm, setting: Setting) -> Pairs:
    """Metrics of the validation rows; those of the training rows only where already chosen."""
    chosen = form.fields.get("objective", "")
    names = [
        name
        for name in objectives(logged_names(setting.schema, measurable(setting)))
        if name.startswith("val_") or name == chosen
    ]
    if chosen and chosen not in names:
        names.append(chosen)
    listed = [_words(name) for name in names if name != CUSTOM]
    return (*listed, (CUSTOM, "custom expression"))


def monitor_choices(form: ExperimentForm, setting: Setting) -> Pairs:
    """The objective, the task's metrics, and whatever else stands in the form."""
    names = list(objectives(logged_names(setting.schema, measurable(setting))))
    chosen = (form.fields.get("monitor", ""), form.fields.get("rate_monitor", ""))
    names += [name for name in dict.fromkeys(chosen) if name and name not in names]
    return (("", OBJECTIVE), *((name, name) for name in names))


def score_rule_choices(form: ExperimentForm) -> Pairs:
    """The usual rules, and another one that somebody wrote into the plan."""
    chosen = form.fields.get("score_rule", "")
    others = [chosen] if RULE.fullmatch(chosen) and chosen not in OFFERED else []
    return tuple((rule, score_rule_words(rule)) for rule in [*OFFERED, *others])


def metric_choices(form: ExperimentForm, setting: Setting) -> tuple[Choice, ...]:
    """What may be measured each epoch, with what each metric is."""
    chosen = typed.listed(form.fields.get("metrics", ""))
    names = measurable(setting)
    names += [name for name in chosen if name not in names]
    return tuple(
        Choice(name, name, name in chosen, METRICS[name].help if name in METRICS else "")
        for name in names
    )


def measurable(setting: Setting) -> list[str]:
    """Metrics that tell something of this data: all rows are among the best 3 of 3 classes."""
    schema = setting.schema
    most = max(len(target.classes) for target in schema.targets)
    return [name for name in known_metrics(schema) if name not in TOP or TOP[name] < most]


ARROWS: Final = {"maximize": "↑", "minimize": "↓"}


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """Objectives of one kind to choose from: pairs of a name and its words."""

    label: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MoreObjectives:
    """The lists as the template draws them: each field with its label, all with the same choices."""

    lists: tuple[tuple[str, FieldView], ...]
    groups: tuple[ChoiceGroup, ...]

    @property
    def is_open(self) -> bool:
        """Whether something stands in one of them."""
        return any(view.value or view.error for _, view in self.lists)


def more_objectives_view(fields: Mapping[str, FieldView], setting: Setting) -> MoreObjectives:
    """What the template draws; a name that is none of the choices any more is told, not dropped."""
    empty = FieldView("", "", "")
    lists = tuple((label, fields.get(name, empty)) for name, label in FURTHER.items())
    groups = more_objective_choices(setting)
    known = {value for group in groups for value, _ in group.choices}
    strays = tuple(_words(view.value) for _, view in lists if view.value not in {*known, ""})
    return MoreObjectives(lists, (*groups, ChoiceGroup("Other", strays)) if strays else groups)


def more_objective_choices(setting: Setting) -> tuple[ChoiceGroup, ...]:
    """What may stand beside the score, with the way that is better."""
    logged = logged_names(setting.schema, measurable(setting))
    epochs = [name for name in objectives(logged) if name.startswith("val_")]
    exact = [f"{FINAL}{metric.name}" for metric in of_task(setting.schema.task)]
    return (
        ChoiceGroup("Costs", tuple(_words(each.name, each.label) for each in COSTS.values())),
        ChoiceGroup("Measured each epoch", tuple(_words(name) for name in epochs)),
        ChoiceGroup("Exact, at the end", tuple(_words(name) for name in exact)),
    )


def _words(name: str, label: str = "") -> tuple[str, str]:
    return name, f"{label or name} {ARROWS[direction_of(name)]}"
