"""Samplers and pruners as the new-experiment form draws them: words, options, errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.search.declarations import Declaration, declared
from experiments.web.forms import typed
from experiments.web.forms.experiment import ExperimentForm
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
