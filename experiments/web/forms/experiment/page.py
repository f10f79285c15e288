"""The new-experiment form as its template draws it: fields with errors, cards, rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.catalog.code import SLUG as CODE
from experiments.catalog.layer_kinds import layer_kinds
from experiments.catalog.layer_list import SLUG as LAYERS
from experiments.catalog.layer_list import layers_refusal
from experiments.catalog.registry import CATALOG
from experiments.evaluation.protocol import ALL_ROWS
from experiments.reports.analysis.space_preview import Histogram
from experiments.reports.sampling.recorded_regret import recorded_regret
from experiments.search.strategies.registry import PRUNERS, SAMPLERS
from experiments.web.forms.experiment.choices import (
    Choice,
    MoreObjectives,
    metric_choices,
    monitor_choices,
    more_objectives_view,
    objective_choices,
    score_rule_choices,
)
from experiments.web.forms.experiment.fields import BY_NAME, RATE, STOPPING, field_views, under
from experiments.web.forms.experiment.form import ExperimentForm, FieldError, version_of
from experiments.web.forms.experiment.setting import Setting
from experiments.web.forms.experiment.strategies import (
    StrategyTable,
    StrategyView,
    choosable,
    strategy_table,
    strategy_views,
)
from experiments.web.forms.plan_field import FieldView, Pairs

HOLDS = {"number": "number", "time": "dates", "text": "text"}
# The form's sections and folds. Budget values that stand in no other group are further limits.
GROUPS: dict[str, tuple[str, ...]] = {
    "split": (
        *("protocol_kind", "folds", "rounds", "validation_percent", "respecting", "split_column"),
        *("repeats", "objective", "score_rule"),
    ),
    "judgement": ("winner_rule", "confirm", "baselines"),
    "locked": ("locked_test", "locked_percent"),
    "execution": ("racing", "class_weight", "deterministic"),
    "stopping": under(STOPPING),
    "rate": (RATE.name, *under("fit.schedule."), *under("fit.reduce_lr.")),
    "keep": under("keep."),
    "search": ("sampler", "max_minutes", "max_trials", "parallel"),
}
GROUPS["limits"] = (
    *(name for name in under("budget.") if name not in GROUPS["search"]),
    *("seed", "method"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One model to choose. `refusal`: why it can't take the data; empty: it can."""

    slug: str
    name: str
    summary: str
    level: str
    chosen: bool
    size: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the space table. `mode`: fixed, range, choice or boolean: which inputs count."""

    index: int
    fields: Mapping[str, str]
    errors: dict[str, str]
    mode: str
    histogram: Histogram | None


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together."""

    fields: tuple[FieldView, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether one of them has an error."""
        return any(field.error for field in self.fields)


@dataclass(frozen=True, slots=True)
class FormPage:
    """All of the form."""

    setting: Setting
    fields: dict[str, FieldView]
    groups: dict[str, Group]
    cards: tuple[Card, ...]
    unfit: tuple[Card, ...]
    rows: tuple[RowView, ...]
    samplers: tuple[StrategyView, ...]
    pruners: tuple[StrategyView, ...]
    strategies: StrategyTable
    more_objectives: MoreObjectives
    metrics: tuple[Choice, ...]
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
    cards, own = _cards(setting), setting.strategies
    samplers = choosable(SAMPLERS, own.samplers, form.fields.get("sampler", ""))
    pruners = choosable(PRUNERS, own.pruners, form.fields.get("pruner", ""))
    fields = field_views(form.fields, at, _choices(form, setting, samplers, pruners))
    fields["space"] = FieldView("space", "", at.get("space", ""))
    return FormPage(
        setting=setting,
        fields=fields,
        groups={
            name: Group(tuple(fields[each] for each in names if _fits(each, setting)))
            for name, names in GROUPS.items()
        },
        cards=tuple(card for card in cards if not card.refusal or card.chosen),
        unfit=tuple(card for card in cards if card.refusal and not card.chosen),
        rows=row_views(form, at, histograms),
        samplers=strategy_views(form, at, "sampler", samplers),
        pruners=strategy_views(form, at, "pruner", pruners),
        strategies=strategy_table(SAMPLERS, recorded_regret()),
        more_objectives=more_objectives_view(fields, setting),
        metrics=metric_choices(form, setting),
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


def _fits(name: str, setting: Setting) -> bool:
    return name != "class_weight" or setting.schema.task == "classification"


def _choices(
    form: ExperimentForm, setting: Setting, samplers: Mapping[str, Any], pruners: Mapping[str, Any]
) -> dict[str, Pairs]:
    """Of the fields whose choices follow from the data or the project."""
    schema, columns = setting.schema, setting.data.columns
    is_classes = schema.task == "classification"
    monitors = monitor_choices(form, setting)
    unfit = {
        "protocol_kind": {ALL_ROWS, *(() if schema.validation_rows else ("fixed",))},
        "respecting": {
            *(() if is_classes else ("classes", "stratified_groups")),
            *(() if columns else ("groups", "stratified_groups", "time")),
        },
        "locked_test": set() if schema.test_rows else {"own"},
    }
    return {
        **{
            name: tuple(
                (value, words)
                for value, words in BY_NAME[name].declaration.choices.items()
                if value not in left_out or value == form.fields.get(name)
            )
            for name, left_out in unfit.items()
        },
        "objective": objective_choices(form, setting),
        "score_rule": score_rule_choices(form),
        "monitor": monitors,
        "rate_monitor": monitors,
        "sampler": tuple((slug, kind.label) for slug, kind in samplers.items()),
        "pruner": tuple((slug, kind.label) for slug, kind in pruners.items()),
        "split_column": (
            ("", BY_NAME["split_column"].declaration.unset),
            *(
                (each.name, f"{each.name} ({HOLDS[each.holds]}, {each.distinct:,} unique)")
                for each in columns
            ),
        ),
    }
