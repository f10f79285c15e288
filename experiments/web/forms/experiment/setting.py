"""What the new-experiment form stands on: the chosen data, the chosen model, its defaults."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from experiments.catalog.code import code_template
from experiments.catalog.layer_kinds import KINDS
from experiments.catalog.layer_list import SLUG as LAYERS
from experiments.catalog.layer_list import layer_template
from experiments.catalog.layers import default_layers
from experiments.catalog.registry import CATALOG, default_model
from experiments.catalog.template import Template
from experiments.data_schema import DataSchema
from experiments.plan import DataFacts, default_plan
from experiments.reports.datasets.usable import DataChoice
from experiments.reports.site.code_versions import CodeChoice, CodeShelf
from experiments.search.strategies.custom import OwnStrategies
from experiments.web.forms import typed
from experiments.web.forms.experiment.form import ExperimentForm, read_layers, version_of
from experiments.web.forms.experiment.script import (
    script_of,
    title_of_data,
    words_of,
    written_over,
)
from experiments.web.forms.experiment.space_rows import ROW_FIELD, SpaceRow

FIRST_DATA = "MNIST"
LAYER_ROW = re.compile(rf"({'|'.join(KINDS)})_\d+_[a-z_]+")
MINUTES = 30
Codes = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Setting:
    """The data and the model of a form; everything else has a default that follows from them."""

    choices: tuple[DataChoice, ...]
    data: DataChoice
    model: str
    layers: list[Any]
    slots: int
    codes: Codes = field(default_factory=dict)

    @property
    def slots_words(self) -> str:
        """Slots of the machine, behind the number of parallel trials."""
        return f"of {self.slots} slot{'' if self.slots == 1 else 's'}"

    @property
    def schema(self) -> DataSchema:
        """The chosen data's schema."""
        return self.data.schema

    @property
    def facts(self) -> DataFacts:
        """What the validator must know."""
        return DataFacts(self.schema, self.data.columns, self.codes, self.strategies)

    @property
    def own_code(self) -> tuple[CodeChoice, ...]:
        """The newest versions of the project's own code."""
        return self.codes.choices() if isinstance(self.codes, CodeShelf) else ()

    @property
    def strategies(self) -> OwnStrategies:
        """The project's own samplers and pruners."""
        return self.codes.strategies if isinstance(self.codes, CodeShelf) else OwnStrategies()

    @property
    def template(self) -> Template:
        """The chosen model."""
        if version_of(self.model) is not None:
            return code_template(self.layers)
        return layer_template(self.layers) if self.model == LAYERS else CATALOG[self.model]

    @property
    def script(self) -> Mapping[str, Any]:
        """What the chosen code, where it is a whole script, says of its search."""
        return script_of(self.template)

    @property
    def script_words(self) -> list[str]:
        """What the form took from it."""
        return words_of(self.script)

    @property
    def name(self) -> str:
        """A first name for the experiment."""
        return f"{self.data.name} {self.template.name}".lower().replace(" ", "-")[:120]

    def declared(self) -> dict[str, Mapping[str, Any]]:
        """The model's own rows by name, each with the range to search it by."""
        return {row.name: row.row() for row in self.template.hyperparameters(self.schema)}

    def of_the_model(self, data: DataChoice | None = None) -> set[str]:
        """The names that the model has for other data than the chosen, none where it can't take it."""
        schema = data.schema if data else self.schema
        if self.template.refuses(schema):
            return set()
        return {row.name for row in self.template.hyperparameters(schema)}

    def default_dict(self) -> dict[str, Any]:
        """The plan of a careful expert for this data and this model, as JSON."""
        plan = default_plan(
            self.schema,
            self.template,
            self.data.pk,
            self.name,
            class_counts=self.data.class_counts,
        ).to_dict()
        plan["layers"] = self.layers
        plan["budget"] |= {"max_seconds": MINUTES * 60, "parallel": max(1, self.slots)}
        return written_over(plan, self.script)

    def default_form(self) -> ExperimentForm:
        """The form that a person sees first."""
        return ExperimentForm.from_plan(self.default_dict(), self.declared())

    def form_of(self, posted: Mapping[str, str]) -> ExperimentForm:
        """Read a posted form or a draft. Rows of another model than the chosen one are dropped."""
        kept = dict(posted)
        if posted.get("space_model") not in (None, self.model):
            kept = {name: value for name, value in posted.items() if not name.startswith("space-")}
            kept.pop("constraints", None)
        form = ExperimentForm.from_post(kept, self.default_form())
        fields = form.fields | {"model": self.model, "space_model": self.model}
        if self.model == LAYERS and not fields.get("layers", "").strip():
            fields["layers"] = self.default_form().fields["layers"]
        return replace(form, fields=fields, rows=self._without_removed_layers(form.rows))

    def _without_removed_layers(self, rows: list[SpaceRow]) -> list[SpaceRow]:
        """Drop rows of layers that were removed since the space was drawn."""
        if self.model != LAYERS:
            return rows
        known = self.declared()
        return [
            row
            for row in rows
            if row.fields["name"] in known or not LAYER_ROW.fullmatch(row.fields["name"])
        ]


def first_setting(
    choices: tuple[DataChoice, ...],
    wanted: Mapping[str, str],
    slots: int,
    codes: Codes,
) -> Setting:
    """Choose the data and the model that `wanted` names, else sensible ones.

    A model that can't take the data gives way to the first one that can. codes: the project's own.
    """
    model = wanted.get("model", "")
    version = version_of(model)
    recipe = [dict(codes[version])] if version is not None and version in codes else []
    named = title_of_data(script_of(code_template(recipe))) if recipe else ""
    data = _data(choices, wanted.get("dataset_version", ""), named)
    layers: list[Any] = []
    if model == LAYERS:
        read = read_layers(wanted.get("layers", ""))
        layers = read if isinstance(read, list) and read else default_layers(data.schema)
    elif recipe:
        layers = recipe
    elif model not in CATALOG:
        model = default_model(data.schema)
    return Setting(choices, data, model, layers, slots, codes)


def after_change(before: Mapping[str, str], setting: Setting, old: DataChoice) -> dict[str, str]:
    """Follow a change of data or model: keep what still makes sense, take the rest anew."""
    fields = dict(before)
    if setting.data.pk != old.pk:
        for name in (
            "objective",
            "expression",
            "more_objective_1",
            "more_objective_2",
            "more_objective_3",
            "metrics",
            "respecting",
            "split_column",
            "protocol_kind",
            "folds",
            "repeats",
            "locked_test",
            "target_score",
            "monitor",
            "mode",
            "baseline",
            "rate_monitor",
            "rate_mode",
        ):
            fields.pop(name, None)
        fields.pop("class_weight", None)
        if setting.schema.task != old.schema.task or setting.schema.kind != old.schema.kind:
            fields["space_model"] = ""  # rows such as the loss follow the task
        else:
            fields = _without_rows(fields, setting.of_the_model(old) - setting.of_the_model())
    if setting.script and before.get("space_model") not in (None, setting.model):
        # Another model was chosen, and it says how it is searched.
        defaults = setting.default_form().fields
        kept = ("dataset_version", "notes", "tags", "model", "layers")
        fields |= {name: value for name, value in defaults.items() if name not in kept}
        fields["space_model"] = before.get("space_model", "")
    if fields.get("name", "").strip() in ("", fields.get("auto_name", "")):
        fields["name"] = setting.name
    return fields


def _without_rows(fields: Mapping[str, str], names: set[str]) -> dict[str, str]:
    """Drop the rows of these hyperparameters."""
    gone = {
        f"space-{match[1]}-"
        for key, value in fields.items()
        if (match := ROW_FIELD.fullmatch(key)) and match[2] == "name" and value.strip() in names
    }
    return {key: value for key, value in fields.items() if not key.startswith(tuple(gone))}


def _data(choices: tuple[DataChoice, ...], wanted: str, title: str) -> DataChoice:
    pk = typed.number(wanted)
    for choice in choices:
        if choice.pk == pk:
            return choice
    named = [choice for choice in choices if choice.name == (title or FIRST_DATA)]
    return (named or list(choices))[0]
