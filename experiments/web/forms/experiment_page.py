"""Room: web. The new-experiment form as its template draws it: fields with errors, cards, rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.catalog.code import SLUG as CODE
from experiments.catalog.layer_kinds import layer_kinds
from experiments.catalog.layer_list import SLUG as LAYERS
from experiments.catalog.layer_list import layers_refusal
from experiments.catalog.plan_metrics import logged_names
from experiments.catalog.registry import CATALOG
from experiments.evaluation.winner_rules import RULES
from experiments.reports.analysis.space_preview import Histogram
from experiments.reports.sampling.recorded_regret import recorded_regret
from experiments.search.strategies.registry import PRUNERS, SAMPLERS
from experiments.web.forms.code_choice import version_of
from experiments.web.forms.experiment import ExperimentForm, FieldError
from experiments.web.forms.experiment_setting import Setting
from experiments.web.forms.measure_choices import (
    Choice,
    measurable,
    metric_choices,
    objective_choices,
    score_rule_choices,
)
from experiments.web.forms.more_objective_choices import MoreObjectives, more_objectives_view
from experiments.web.forms.strategy_table import StrategyTable, strategy_table
from experiments.web.forms.strategy_views import FieldView, StrategyView, choosable, strategy_views
from experiments.web.forms.training_view import KeepView, TrainingView, keep_view, training_view

PROTOCOL_KINDS = {
    "holdout": "one validation part",
    "k_fold": "k-fold",
    "subsampling": "random rounds",
    "fixed": "the dataset's own",
}
RESPECTING = {
    "none": "nothing",
    "classes": "classes (stratified)",
    "groups": "groups",
    "stratified_groups": "groups and classes",
    "time": "time order",
}
HOLDS = {"number": "number", "time": "dates", "text": "text"}


@dataclass(frozen=True, slots=True)
class Card:
    """One model to choose. `refusal`: why it can't take the data; empty: it can."""

    slug: str
    name: str
    summary: str
    level: str
    size: str
    refusal: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the space table. `mode`: fixed, range, choice or boolean: which inputs count."""

    index: int
    fields: Mapping[str, str]
    errors: dict[str, str]
    mode: str
    histogram: Histogram | None


@dataclass(frozen=True, slots=True)
class FormPage:
    """All of the form."""

    setting: Setting
    fields: dict[str, FieldView]
    cards: tuple[Card, ...]
    unfit: tuple[Card, ...]
    rows: tuple[RowView, ...]
    samplers: tuple[StrategyView, ...]
    pruners: tuple[StrategyView, ...]
    strategies: StrategyTable
    objectives: tuple[Choice, ...]
    score_rules: tuple[Choice, ...]
    more_objectives: MoreObjectives
    protocol_kinds: tuple[Choice, ...]
    respecting: tuple[Choice, ...]
    split_columns: tuple[Choice, ...]
    metrics: tuple[Choice, ...]
    winner_rules: tuple[Choice, ...]
    training: TrainingView
    keep: KeepView
    errors: tuple[FieldError, ...]
    general: tuple[FieldError, ...] = ()
    layer_kinds: list[dict[str, Any]] = field(default_factory=list)


def form_page(
    form: ExperimentForm,
    setting: Setting,
    errors: tuple[FieldError, ...],
    histograms: Mapping[str, Histogram],
) -> FormPage:
    """Shape the form for its template."""
    at: dict[str, str] = {}
    for error in errors:
        at.setdefault(error.field, error.message)
    fields = {
        name: FieldView(name, value, at.get(name, "")) for name, value in form.fields.items()
    }
    fields["space"] = FieldView("space", "", at.get("space", ""))
    cards, own = _cards(setting), setting.strategies
    samplers = choosable(SAMPLERS, own.samplers, form.fields.get("sampler", ""))
    pruners = choosable(PRUNERS, own.pruners, form.fields.get("pruner", ""))
    logged = logged_names(setting.schema, measurable(setting))
    return FormPage(
        setting=setting,
        fields=fields,
        cards=tuple(card for card in cards if not card.refusal or card.chosen),
        unfit=tuple(card for card in cards if card.refusal and not card.chosen),
        rows=row_views(form, at, histograms),
        samplers=strategy_views(form, at, "sampler", samplers),
        pruners=strategy_views(form, at, "pruner", pruners),
        strategies=strategy_table(SAMPLERS, recorded_regret()),
        objectives=objective_choices(form, setting),
        score_rules=score_rule_choices(form),
        more_objectives=more_objectives_view(fields, setting),
        protocol_kinds=_protocol_kinds(form, setting),
        respecting=_respecting(form, setting),
        split_columns=tuple(
            Choice(
                column.name,
                f"{column.name} ({HOLDS[column.holds]}, {column.distinct:,} different)",
                column.name == form.fields.get("split_column"),
            )
            for column in setting.data.columns
        ),
        metrics=metric_choices(form, setting),
        keep=keep_view(at),
        training=training_view(logged, form.fields, at),
        winner_rules=tuple(
            Choice(rule, label, rule == form.fields.get("winner_rule"))
            for rule, label in RULES.items()
        ),
        errors=errors,
        general=tuple(error for error in errors if error.field in ("", "space")),
        layer_kinds=layer_kinds() if setting.model == LAYERS else [],
    )


def _cards(setting: Setting) -> tuple[Card, ...]:
    cards = [
        Card(
            slug=slug,
            name=template.name,
            summary=template.summary,
            level=template.level,
            size=template.parameter_range,
            refusal=template.refuses(setting.schema),
            chosen=slug == setting.model,
        )
        for slug, template in CATALOG.items()
    ]
    own = Card(
        slug=LAYERS,
        name="Layer list",
        summary="Add, move and tune layers yourself.",
        level="Sequential",
        size="",
        refusal=layers_refusal(setting.schema),
        chosen=setting.model == LAYERS,
    )
    return (*cards, own, *_code_cards(setting))


def _code_cards(setting: Setting) -> list[Card]:
    """The project's own code; a version that isn't the newest only where it is chosen."""
    listed = {f"{CODE}-{choice.version}": choice.name for choice in setting.own_code}
    if version_of(setting.model) is not None:
        listed.setdefault(setting.model, setting.template.name)
    return [
        Card(
            slug=model,
            name=name,
            summary="Your project's own Python code, run in the sandbox.",
            level="Code",
            size="",
            refusal="",
            chosen=model == setting.model,
        )
        for model, name in listed.items()
    ]


def row_views(
    form: ExperimentForm, at: Mapping[str, str], histograms: Mapping[str, Histogram]
) -> tuple[RowView, ...]:
    """The rows of the space table; at: what is wrong, by field."""
    rows = []
    for row in form.rows:
        prefix = f"space-{row.index}-"
        errors = {
            name.removeprefix(prefix): text for name, text in at.items() if name.startswith(prefix)
        }
        kind = row.fields["type"]
        mode = {"choice": "choice", "boolean": "boolean"}.get(kind, "range")
        rows.append(
            RowView(
                index=row.index,
                fields=row.fields,
                errors=errors,
                mode=mode if row.is_tuned else "fixed",
                histogram=histograms.get(row.fields["name"]) if row.is_tuned else None,
            )
        )
    return tuple(rows)


def _protocol_kinds(form: ExperimentForm, setting: Setting) -> tuple[Choice, ...]:
    """The dataset's own validation part only where it has one, or where it is chosen."""
    chosen = form.fields.get("protocol_kind")
    fits = {"fixed": bool(setting.schema.validation_rows)}
    return tuple(
        Choice(kind, label, kind == chosen)
        for kind, label in PROTOCOL_KINDS.items()
        if fits.get(kind, True) or kind == chosen
    )


def _respecting(form: ExperimentForm, setting: Setting) -> tuple[Choice, ...]:
    """Classes where there are some, groups and time where there are columns."""
    chosen, has_columns = form.fields.get("respecting"), bool(setting.data.columns)
    fits = {
        "classes": setting.schema.task == "classification",
        "groups": has_columns,
        "stratified_groups": has_columns and setting.schema.task == "classification",
        "time": has_columns,
    }
    return tuple(
        Choice(kind, label, kind == chosen)
        for kind, label in RESPECTING.items()
        if fits.get(kind, True) or kind == chosen
    )
