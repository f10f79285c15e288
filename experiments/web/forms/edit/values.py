"""The plan values that may change of any experiment, as fields of the edit page. It never saves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.models import Experiment, Purpose
from experiments.plan import limit_problems
from experiments.search.problems import Problem
from experiments.search.reading import Reader
from experiments.web.forms.experiment.fields import (
    BY_NAME,
    EDITABLE,
    LABELS,
    field_of,
    field_views,
    message_at,
)
from experiments.web.forms.experiment.form import FieldError
from experiments.web.forms.plan_field import FieldView, has, take

LINKED = {each.declaration.link: each.name for each in EDITABLE if each.declaration.link}


@dataclass(frozen=True, slots=True)
class ExperimentEdit:
    """What was typed, by field; `search.py` has space, sampler and pruner.

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
        fields = {
            each.name: ""
            if take(stored, each.path) is None
            else each.show(take(stored, each.path))
            for each in EDITABLE
            if has(stored, each.path)
        }
        return cls(fields, experiment.objective, experiment.revision)

    def posted(self, posted: Mapping[str, str]) -> "ExperimentEdit":
        """The same with what somebody typed; what was left out is as stored."""
        typed = {name: text.replace("\r\n", "\n") for name, text in posted.items()}
        revision = posted.get("revision", "")
        known = int(revision) if revision.isdecimal() and len(revision) < 10 else None
        return replace(self.with_fields(typed), revision=known)

    def with_fields(self, fields: Mapping[str, str]) -> "ExperimentEdit":
        """The same with other texts of its fields."""
        known = {name: fields.get(name, text) for name, text in self.fields.items()}
        return replace(self, fields=known)

    def read(self) -> tuple[dict[str, Any], list[FieldError]]:
        """The values by their names in the plan, and what is wrong with them."""
        found: dict[str, Any] = {}
        errors = []
        if self.revision is None:
            errors.append(FieldError("", "", "The form has no revision. Open the page again."))
        for each in (BY_NAME[name] for name in self.fields):
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

    def views(self, errors: Mapping[str, str]) -> dict[str, FieldView]:
        """The fields as the template draws them."""
        found = field_views(self.fields, errors, filled=self.filled)
        return {name: found[name] for name in self.fields}


def _error(name: str, message: str) -> FieldError:
    return FieldError(name, LABELS[name], message_at(name, message))
