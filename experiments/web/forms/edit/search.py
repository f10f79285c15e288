"""Room: web. The search's own settings on the edit page: space, rules, sampler, pruner. It never saves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from experiments.catalog.layer_list import SLUG as LAYERS
from experiments.catalog.registry import MODELS, template_of
from experiments.models import Experiment, SpaceVersion
from experiments.plan import DataFacts, ExperimentPlan, PlanError
from experiments.reports.datasets.usable import data_of
from experiments.reports.site.code_versions import CodeShelf
from experiments.search.problems import Problem, ProblemsError
from experiments.search.reading import Reader
from experiments.search.space.changes import SearchSettings
from experiments.search.space.space import Space
from experiments.search.strategies.custom import OwnStrategies
from experiments.search.strategies.registry import (
    read_pruner_name,
    read_sampler_name,
    read_strategy_options,
)
from experiments.web.forms import typed
from experiments.web.forms.experiment.form import STRATEGY_OPTION, ExperimentForm, FieldError
from experiments.web.forms.experiment.space_rows import (
    ROW_FIELD,
    SpaceRow,
    read_rows,
    rows_from_json,
)

OWN = ("sampler", "pruner", "constraints")
PATHS = ("space", "sampler", "pruner", "fit", "layers")  # problems that an edit can bring


@dataclass(frozen=True, slots=True)
class SearchEdit:
    """What stands in the form, beside what is stored. new: names that the stored space lacks."""

    stored: ExperimentForm
    form: ExperimentForm
    new: frozenset[str]
    plan: Mapping[str, Any]
    facts: DataFacts | None  # None: its data and its model are elsewhere
    own: OwnStrategies  # the project's samplers and pruners

    @classmethod
    def of(cls, experiment: Experiment, version: SpaceVersion) -> "SearchEdit":
        """The form as it is stored."""
        data = None if experiment.is_elsewhere else data_of(experiment)
        declared = _declared(experiment.plan, data.schema) if data else {}
        rows = [row for row in version.space["hyperparameters"] if isinstance(row, dict)]
        named = {row["name"] for row in rows}
        new = [row for name, row in declared.items() if name not in named]
        fixed = [_fixed(row) for row in new]
        fields = {
            "sampler": experiment.sampler,
            "pruner": experiment.pruner,
            "constraints": "\n".join(version.space.get("constraints", [])),
        }
        for role in ("sampler", "pruner"):
            for name, value in getattr(experiment, f"{role}_options").items():
                fields[f"{role}-{fields[role]}-{name}"] = typed.shown_scalar(value)
        form = ExperimentForm(fields, rows_from_json([*rows, *fixed], declared))
        codes = CodeShelf(experiment.project_id)
        facts = DataFacts(data.schema, data.columns, codes, codes.strategies) if data else None
        new_names = frozenset(row["name"] for row in new)
        return cls(form, form, new_names, experiment.plan, facts, codes.strategies)

    def posted(self, posted: Mapping[str, str]) -> "SearchEdit":
        """The same with what somebody typed; what was left out is as stored."""
        fields = {
            name: value.replace("\r\n", "\n")
            for name, value in posted.items()
            if name in OWN or STRATEGY_OPTION.fullmatch(name)
        }
        given = {name: value for name, value in posted.items() if ROW_FIELD.fullmatch(name)}
        rows = read_rows(given, self.stored.rows)
        return replace(self, form=ExperimentForm(self.stored.fields | fields, rows))

    def is_changed(self) -> bool:
        """Whether it would save anything."""
        return _source(self.form, self._kept()) != _source(self.stored, self._old())

    def changed_rows(self) -> dict[str, SpaceRow]:
        """The stored row of each name whose row is another now."""
        old = {row.fields["name"]: row for row in self.stored.rows}
        return {
            name: old[name]
            for row in self.form.rows
            if (name := row.fields["name"]) in old and row.to_json() != old[name].to_json()
        }

    def read(self) -> tuple[SearchSettings | None, list[FieldError]]:
        """Check it as a whole: the settings, or what is wrong at the form's fields."""
        rows = self._kept()
        source = _source(self.form, rows)
        settings, problems = _settings(source, self.own)
        problems += self._default_problems(rows)
        if self.facts is None and source["pruner"] != "none":
            words = "Its trials run elsewhere, where nothing prunes them. Choose none."
            problems.append(Problem("pruner", words))
        elif self.plan and self.facts is not None:
            problems += _plan_problems({**self.plan, **source}, self.facts)
        if settings is None or problems:
            checked = ExperimentForm(self.form.fields, rows)
            return None, list(dict.fromkeys(checked.errors(problems)))
        return settings, []

    def _old(self) -> list[SpaceRow]:
        return [row for row in self.stored.rows if row.fields["name"] not in self.new]

    def _kept(self) -> list[SpaceRow]:
        """The rows without those of the model that stay out of the space."""
        return [
            row for row in self.form.rows if row.is_tuned or row.fields["name"] not in self.new
        ]

    def _default_problems(self, rows: list[SpaceRow]) -> list[Problem]:
        """An added hyperparameter's default counts for every trial so far: it must be one of its values."""
        return [
            Problem(
                f"space.hyperparameters.{place}.default",
                "Trials so far count with its default. Give one of its values, not "
                f"“{row.fields['default'][:40]}”.",
            )
            for place, row in enumerate(rows)
            if row.fields["name"] in self.new and row.to_json()["default"] is None
        ]


def _source(form: ExperimentForm, rows: list[SpaceRow]) -> dict[str, Any]:
    return {
        "space": {
            "hyperparameters": [row.to_json() for row in rows],
            "constraints": typed.lines(form.fields.get("constraints", "")),
        },
        "sampler": form.fields["sampler"],
        "sampler_options": form.options("sampler"),
        "pruner": form.fields["pruner"],
        "pruner_options": form.options("pruner"),
    }


def _settings(
    source: dict[str, Any], own: OwnStrategies
) -> tuple[SearchSettings | None, list[Problem]]:
    reader = Reader(source)
    space = None
    try:
        space = Space.from_dict(source["space"])
    except ProblemsError as error:
        reader.problems += [problem.below("space") for problem in error.problems]
    names = {"sampler": read_sampler_name(reader, own), "pruner": read_pruner_name(reader, own)}
    found = source | names
    read_strategy_options(reader, found, space, own)
    if space is None or reader.problems:
        return None, reader.problems
    return SearchSettings(**found | {"space": space}), []


def _plan_problems(plan: dict[str, Any], facts: DataFacts) -> list[Problem]:
    """What is wrong with the settings beside the model and the training; the rest is long settled."""
    if plan.get("more_objectives") and plan["pruner"] != "none":
        words = (
            "A search by several objectives has no pruner: it would look at the first one alone."
        )
        return [Problem("pruner", f"{words} Choose none.")]
    try:
        ExperimentPlan.from_dict(plan, facts)
    except PlanError as error:
        return [each for each in error.problems if each.path.split(".")[0] in PATHS]
    return []


def _declared(plan: Mapping[str, Any], schema: Any) -> dict[str, Mapping[str, Any]]:
    """The model's own rows by name; none for what no plan made."""
    model, layers = plan.get("model"), plan.get("layers") or []
    if model not in MODELS or (model == LAYERS and not layers):
        return {}
    rows = template_of(str(model), layers).hyperparameters(schema)
    return {row.name: row.row() for row in rows}


def _fixed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "type": "fixed", "value": row.get("default")}
