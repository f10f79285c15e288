"""Template filters: samplers and pruners as the form calls them."""

from typing import Any

from django import template

from experiments.interop.imported_search import FORMATS
from experiments.search.strategies.custom import strategy_label
from experiments.search.strategies.registry import PRUNERS, SAMPLERS

register = template.Library()


@register.filter
def sampler_label(slug: str) -> str:
    """Its words; the slug itself where this site doesn't have it any more."""
    return strategy_label(SAMPLERS, slug)


@register.filter
def source_words(source: dict[str, Any]) -> str:
    """Where an imported search comes from."""
    return FORMATS.get(source.get("format", ""), "elsewhere")


@register.filter
def pruner_label(slug: str) -> str:
    """The same for a pruner."""
    return strategy_label(PRUNERS, slug)
