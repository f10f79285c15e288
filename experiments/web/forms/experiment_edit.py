"""The plan values that may change of any experiment, as fields of the edit page. It never saves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.models import Experiment
from experiments.plan import target_problem
from experiments.search.problems import Problem
from experiments.search.reading import Reader
from experiments.web.forms.experiment import FieldError
from experiments.web.forms.experiment_fields import EDITABLE
from experiments.web.forms.plan_field import FieldView, take

LINKED = {each.declaration.link: each.name for each in EDITABLE if each.declaration.link}


@dataclass(frozen=True, slots=True)
class ExperimentEdit:
    """What was typed, by field; `search_edit.py` has what a search is asked with.

    objective: says which target scores there can be. filled: fields that a link filled in.
    """

    fields: Mapping[str, str]
    objective: str = ""
    revision: int | None = None
    filled: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, experiment: Experiment) -> "ExperimentEdit":
        """The stored values."""
        stored = {
            "name": experiment.name,
            "notes": experiment.notes,
            "tags": experiment.tags,
            "budget": experiment.budget.to_dict(),
        }
        # A value that is null is empty here, whatever the default of a new plan is.
        shown = {each.name: take(stored, each.path) for each in EDITABLE}
        fields = {
            each.name: "" if shown[each.name] is None else each.show(shown[each.name])
            for each in EDITABLE
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

    def read(self) -> tuple[dict[str, Any], list[FieldError]]:
        """The values by their names in the plan, and what is wrong with them."""
        found: dict[str, Any] = {}
        errors = []
        if self.revision is None:
            errors.append(FieldError("", "", "The form has no revision. Open the page again."))
        for each in EDITABLE:
            problems: list[Problem] = []
            name = each.declaration.name
            reader = Reader({name: each.read(self.fields[each.name])}, problems=problems)
            value = each.declaration.read(reader)
            found[name] = list(value) if isinstance(value, tuple) else value
            if name == "target_score" and not problems:
                problems += target_problem(self.objective, found[name])
            errors += [
                FieldError(each.name, each.declaration.label, each.in_its_units(problem.message))
                for problem in problems
            ]
        return found, errors

    def labelled(self) -> dict[str, str]:
        """Each text by the field's label, by which two edits are compared."""
        return {each.declaration.label: self.fields[each.name] for each in EDITABLE}

    def of_labels(self, texts: Mapping[str, str]) -> "ExperimentEdit":
        """The same with texts by their labels."""
        return self.with_fields(
            {
                each.name: texts[each.declaration.label]
                for each in EDITABLE
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
            for each in EDITABLE
        }
