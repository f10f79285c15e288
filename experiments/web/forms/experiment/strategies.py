"""Samplers and pruners as the forms draw them: words, options, errors, and what was measured of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from experiments.reports.sampling.recorded_regret import RecordedRegret
from experiments.search.declarations import Declaration, declared
from experiments.search.strategies.registry import ADVICE, Advice
from experiments.web.forms import typed
from experiments.web.forms.experiment.form import ExperimentForm
from experiments.web.forms.plan_field import FieldView


@dataclass(frozen=True, slots=True)
class StrategyView:
    """One sampler or pruner with its help and its options."""

    slug: str
    label: str
    help: str
    chosen: bool
    options: tuple[FieldView, ...]


def strategy_views(
    form: ExperimentForm, at: Mapping[str, str], role: str, kinds: Mapping[str, Any]
) -> tuple[StrategyView, ...]:
    """Every strategy of a role, with its options as they were typed."""
    return tuple(
        StrategyView(
            slug=slug,
            label=kind.label,
            help=kind.help,
            chosen=form.fields.get(role) == slug,
            options=tuple(
                _option(form, at, f"{role}-{slug}-{option.name}", option)
                for option in declared(kind)
            ),
        )
        for slug, kind in kinds.items()
    )


def choosable(kinds: Mapping[str, Any], own: Mapping[str, type], chosen: str) -> dict[str, Any]:
    """The site's and the newest of the project's own; an older version only where it is chosen."""
    found = {**kinds, **own}
    if chosen not in found and chosen in own:
        found[chosen] = own[chosen]
    return found


def _option(
    form: ExperimentForm, at: Mapping[str, str], name: str, option: Declaration
) -> FieldView:
    value = form.fields.get(name, typed.shown_scalar(option.default))
    choices = tuple(option.choices.items())
    return FieldView(name, value, at.get(name, ""), option, choices)


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """One line. regret: after the record's last number of trials. bar: 0 to 100; None: not measured."""

    slug: str
    label: str
    advice: Advice | None
    regret: float | None
    bar: float | None


@dataclass(frozen=True, slots=True)
class StrategyTable:
    """In the form's order; record and chart: None where nothing was measured."""

    lines: tuple[StrategyLine, ...]
    record: RecordedRegret | None
    chart: dict[str, Any] | None


def strategy_table(kinds: Mapping[str, Any], record: RecordedRegret | None) -> StrategyTable:
    """Lay the registered samplers beside what was recorded of them."""
    lines = tuple(_line(slug, kind.label, record) for slug, kind in kinds.items())
    return StrategyTable(lines, record, _chart(kinds, record) if record else None)


def _line(slug: str, label: str, record: RecordedRegret | None) -> StrategyLine:
    curve = record.strategies.get(slug) if record else None
    last = curve.median[-1] if curve else None
    bar = None if last is None or record is None else 100 * last / (record.highest or 1.0)
    return StrategyLine(slug, label, ADVICE.get(slug), last, bar)


def _chart(kinds: Mapping[str, Any], record: RecordedRegret) -> dict[str, Any]:
    """What the page's chart draws: the curves of strategies that can be chosen."""
    return {
        "trials": record.trials,
        "labels": {slug: kind.label for slug, kind in kinds.items()},
        "curves": {
            slug: asdict(curve) for slug, curve in record.strategies.items() if slug in kinds
        },
    }
