"""Template filters: samplers and pruners as the form calls them."""

from django import template

from experiments.search.registry import PRUNERS, SAMPLERS

register = template.Library()


@register.filter
def sampler_label(slug: str) -> str:
    """Its words; the slug itself where this site doesn't have it any more."""
    return SAMPLERS[slug].label if slug in SAMPLERS else slug


@register.filter
def pruner_label(slug: str) -> str:
    """The same for a pruner."""
    return PRUNERS[slug].label if slug in PRUNERS else slug
