"""The plan values that may change of any experiment, as fields of the edit page. It never saves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.models import Experiment, Purpose
from experiments.plan import limit_problems
from experiments.search.problems import Problem
from experiments.search.reading import Reader
from experiments.web.forms.experiment.fields import EDITABLE, LABELS, field_of, message_at
from experiments.web.forms.experiment.form import FieldError
from experiments.web.forms.plan_field import FieldView, PlanField, has, take

LINKED = {each.declaration.link: each.name for each in EDITABLE if each.declaration.link}


@dataclass(frozen=True, slots=True)
class ExperimentEdit:
    """What was typed, by field; `search_edit.py` has space, sampler and pruner.

    objective: says which target scores there can be. filled: fields that a link filled in.
    """

    fields: Mapping[str, str]
    objective: str = ""
    revision: int | None = None
    filled: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, experiment: Experiment) -> "ExperimentEdit":
        """The stored values."""
        plan = experiment.plan if experiment.purpose == Purpose.SEARCH else {}
        stored = plan | {
            "name": experiment.name,
            "notes": experiment.notes,
            "tags": experiment.tags,
            "budget": experiment.budget.to_dict(),
        }
        # A value that is null is empty here, whatever the default of a new plan is.
        shown = {each: take(stored, each.path) for each in EDITABLE if has(stored, each.path)}
        fields = {
            each.name: "" if value is None else each.show(value) for each, value in shown.items()
        }
        return cls(fields, experiment.objective, experiment.revision)

    def posted(self, posted: Mapping[str, str]) -> "ExperimentEdit":
        """The same with what somebody typed; what was left out is as stored."""
        typed = {
            name: text.replace("\r\n", "\n")
            for name, text in posted.items()
            if name in self.fields
        }
        revision = posted.get("revision", "")
        known = int(revision) if revision.isdecimal() and len(revision) < 10 else None
        return replace(self, fields={**self.fields, **typed}, revision=known)

    def with_fields(self, fields: Mapping[str, str]) -> "ExperimentEdit":
        """The same with other texts of some fields."""
        return replace(self, fields={**self.fields, **fields})

    @property
    def editable(self) -> tuple[PlanField, ...]:
        """The values that this experiment has."""
        return tuple(each for each in EDITABLE if each.name in self.fields)

    def read(self) -> tuple[dict[str, Any], list[FieldError]]:
        """The values by their names in the plan, and what is wrong with them."""
        found: dict[str, Any] = {}
        errors = []
        if self.revision is None:
            errors.append(FieldError("", "", "The form has no revision. Open the page again."))
        for each in self.editable:
            problems: list[Problem] = []
            name = each.declaration.name
            value = each.declaration.read(
                Reader({name: each.read(self.fields[each.name])}, problems=problems)
            )
            found[name] = list(value) if isinstance(value, tuple) else value
            errors += [_error(each.name, problem.message) for problem in problems]
        if not errors:
            errors = [
                _error(field_of(problem.path), problem.message)
                for problem in limit_problems(self.objective, found)
            ]
        return found, errors

    def labelled(self) -> dict[str, str]:
        """Each text by the field's label, by which two edits are compared."""
        return {each.declaration.label: self.fields[each.name] for each in self.editable}

    def of_labels(self, texts: Mapping[str, str]) -> "ExperimentEdit":
        """The same with texts by their labels."""
        return self.with_fields(
            {
                each.name: texts[each.declaration.label]
                for each in self.editable
                if each.declaration.label in texts
            }
        )

    def views(self, errors: Mapping[str, str]) -> dict[str, FieldView]:
        """The fields as the template draws them."""
        return {
            each.name: FieldView(
                name=each.name,
                value=self.fields[each.name],
                error=errors.get(each.name, ""),
                declaration=each.declaration,
                is_filled=each.name in self.filled,
            )
            for each in self.editable
        }


def _error(name: str, message: str) -> FieldError:
    return FieldError(name, LABELS[name], message_at(name, message))
