"""What may stand beside the score in the new-experiment form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from experiments.catalog.plan_metrics import logged_names
from experiments.evaluation.metrics import of_task
from experiments.evaluation.model_costs import COSTS, FINAL
from experiments.evaluation.objectives import direction_of, objectives
from experiments.web.forms.experiment_setting import Setting
from experiments.web.forms.measure_choices import measurable
from experiments.web.forms.more_objective_fields import FURTHER
from experiments.web.forms.plan_field import FieldView

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
