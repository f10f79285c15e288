"""The new-experiment form: typed text ↔ a plan.

Fields: those of `fields.py`, `layers` (JSON), `constraints` (one a line), `sampler-<slug>-<option>` and
`pruner-<slug>-<option>`, the rows of `space_rows.py`, `space_model` (the model that the rows belong to). The
form never saves and never judges: `ExperimentPlan.from_dict` does, for the form and for JSON alike.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.catalog.code import SLUG as CODE
from experiments.catalog.plan_metrics import metrics_in
from experiments.evaluation.expression import CUSTOM
from experiments.evaluation.metrics import METRICS, direction_of, metric_of
from experiments.evaluation.model_costs import epoch_metric
from experiments.search.problems import Problem
from experiments.web.forms import typed
from experiments.web.forms.experiment.fields import (
    FIELDS,
    LABELS,
    MORE_OBJECTIVES,
    OTHERS,
    field_of,
    message_at,
    more_objective_field,
    read_fields,
    read_more_objectives,
    show_more_objectives,
    show_plan,
)
from experiments.web.forms.experiment.space_rows import (
    ROW_FIELD,
    SpaceRow,
    read_rows,
    rows_from_json,
)

CHOICE = re.compile(rf"{CODE}-(\d{{1,18}})")


def version_of(model: str) -> int | None:
    """The version that a form's model names; None for other models."""
    match = CHOICE.fullmatch(model)
    return int(match[1]) if match else None


def in_form(model: str, layers: Any) -> str:
    """How the form names a plan's model."""
    if model != CODE:
        return model
    first = layers[0] if isinstance(layers, list | tuple) and layers else {}
    version = first.get("version") if isinstance(first, Mapping) else None
    return f"{CODE}-{version}"


def put_model(plan: dict[str, Any]) -> None:
    """Write a form's model as a plan names it."""
    version = version_of(str(plan.get("model")))
    if version is not None:
        plan["model"], plan["layers"] = CODE, [{"version": version}]


STRATEGY_OPTION = re.compile(r"(sampler|pruner)-([a-z_@0-9-]{1,64})-([a-z_]{1,40})")
ROLES = ("sampler", "pruner")
ROW_PATH = re.compile(r"space\.hyperparameters\.(\d+)(?:\.([a-z_]+))?.*")
PLAIN = (*(plain.name for plain in FIELDS), *OTHERS, *MORE_OBJECTIVES, "space_model")
KEPT = (*PLAIN, "auto_name", "cloned_from", "warm_picked")  # what a draft keeps beside the rows
MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error as the page shows it: at `field` (empty: above the form), with the field's name."""

    field: str
    label: str
    message: str


@dataclass(frozen=True, slots=True)
class ExperimentForm:
    """What stands in the form, right or wrong. `fields` holds everything but the space's rows."""

    fields: dict[str, str]
    rows: list[SpaceRow] = field(default_factory=list)

    @classmethod
    def from_post(cls, posted: Mapping[str, str], defaults: "ExperimentForm") -> "ExperimentForm":
        """Read a posted form or a draft; what was left out is as in `defaults`."""
        fields = dict(defaults.fields)
        if "stratified" in posted:  # a draft from before there was more to respect
            fields["respecting"] = "classes" if posted["stratified"] else "none"
        for name, value in posted.items():
            if name in PLAIN or STRATEGY_OPTION.fullmatch(name):
                fields[name] = value
        return cls(fields, read_rows(posted, defaults.rows))

    @classmethod
    def from_plan(
        cls, plan: Mapping[str, Any], declared: Mapping[str, Mapping[str, Any]]
    ) -> "ExperimentForm":
        """Show a plan's JSON, which may be wrong, as a form; `declared`: the model's own rows."""
        space = plan.get("space")
        space = space if isinstance(space, dict) else {}
        fields = show_plan(plan)
        if fields["objective"] != CUSTOM:
            fields["direction"] = ""  # follows from the objective, which the form asks for
        fields |= show_more_objectives(plan)
        layers = plan.get("layers")
        fields["model"] = in_form(fields["model"], layers)
        is_code = version_of(fields["model"]) is not None
        fields["layers"] = json.dumps(layers, indent=1) if layers and not is_code else ""
        constraints = space.get("constraints")
        fields["constraints"] = "\n".join(
            typed.shown(line) for line in (constraints if isinstance(constraints, list) else [])
        )
        fields["space_model"] = fields["model"]
        for role in ROLES:
            options = plan.get(f"{role}_options")
            for option, value in (options if isinstance(options, dict) else {}).items():
                fields[f"{role}-{fields[role]}-{option}"] = typed.shown_scalar(value)
        rows = space.get("hyperparameters")
        return cls(fields, rows_from_json(rows if isinstance(rows, list) else [], declared))

    def to_dict(self) -> dict[str, Any]:
        """Write the plan's JSON; text that isn't a number stays text for the validator to name."""
        plan = read_fields(self.fields)
        plan["more_objectives"] = read_more_objectives(self.fields)
        _measure_objective(plan)
        if plan["objective"] == CUSTOM:
            plan["direction"] = plan["direction"] or "maximize"
        else:
            # Nobody sees the two fields, and a metric has its own direction.
            plan["expression"], plan["direction"] = "", direction_of(plan["objective"])
        plan["layers"] = read_layers(self.fields.get("layers", ""))
        put_model(plan)
        for role in ROLES:
            plan[f"{role}_options"] = self.options(role)
        plan["space"] = {
            "hyperparameters": [row.to_json() for row in self.rows],
            "constraints": typed.lines(self.fields.get("constraints", "")),
        }
        return plan

    def errors(self, problems: Iterable[Problem]) -> list[FieldError]:
        """Place the validator's problems at the form's fields."""
        return [self._error(problem) for problem in problems]

    def body(self) -> dict[str, str]:
        """Everything as flat text: the body of a draft, which `from_post` reads again."""
        rows = {
            f"space-{row.index}-{name}": value
            for row in self.rows
            for name, value in row.fields.items()
        }
        return self.fields | rows

    def options(self, role: str) -> dict[str, Any]:
        """The options of the chosen sampler or pruner, as JSON."""
        chosen = (role, self.fields.get(role, ""))
        options = {}
        for name, value in self.fields.items():
            match = STRATEGY_OPTION.fullmatch(name)
            if match and match.group(1, 2) == chosen and value.strip():
                options[match[3]] = typed.scalar(value)
        return options

    def _error(self, problem: Problem) -> FieldError:
        match = ROW_PATH.fullmatch(problem.path)
        if match and int(match[1]) < len(self.rows):
            row = self.rows[int(match[1])]
            part = match[2] or "name"
            name = row.fields["name"].strip() or f"Row {row.index + 1}"
            return FieldError(f"space-{row.index}-{part}", name[:60], problem.message)
        name = more_objective_field(problem.path, self.fields) or field_of(
            problem.path, {role: self.fields.get(role, "") for role in ROLES}
        )
        return FieldError(name, LABELS.get(name, ""), message_at(name, problem.message))


def _measure_objective(plan: dict[str, Any]) -> None:
    """Add what the objective needs to the measured ones: the form asks for the objective only."""
    if not plan["metrics"]:
        return
    metric = metric_of(plan["objective"])
    needed = {metric.name} if metric else set()
    if plan["objective"] == CUSTOM:
        needed = metrics_in(plan["expression"])
    needed |= {epoch_metric(each["name"]) for each in plan["more_objectives"]}
    known = (name for name, metric in METRICS.items() if metric.epoch and name in needed)
    plan["metrics"] += [name for name in known if name not in plan["metrics"]]


def unstorable(posted: Mapping[str, str]) -> str:
    """Say what in a form can't be kept in a draft; empty when all of it can."""
    if sum(len(value) for value in posted.values()) > MOST_TEXT:
        return f"The form holds more than {MOST_TEXT:,} characters."
    for name, value in posted.items():
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            return f"{name[:60]} holds a character that can't be stored. Remove it."
    return ""


def draft_body(posted: Mapping[str, str]) -> dict[str, str]:
    """Keep of a posted form only its own fields."""
    return {
        name: value
        for name, value in posted.items()
        if name in KEPT or STRATEGY_OPTION.fullmatch(name) or ROW_FIELD.fullmatch(name)
    }


def read_layers(text: str) -> Any:
    """Read the layer list's JSON; empty text is an empty list, broken text stays text."""
    if not text.strip():
        return []
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # the validator says that this is no list
