"""Room: search. The samplers and pruners that an experiment may name."""

from collections.abc import Mapping
from typing import Any, Final

from experiments.search.pruners.none import NoPruner
from experiments.search.samplers.grid import GridSampler
from experiments.search.samplers.random import RandomSampler
from experiments.search.strategy import Pruner, Sampler, read_options

SAMPLERS: Final[dict[str, type[Sampler]]] = {
    RandomSampler.slug: RandomSampler,
    GridSampler.slug: GridSampler,
}
PRUNERS: Final[dict[str, type[Pruner]]] = {NoPruner.slug: NoPruner}


def make_sampler(slug: str, options: Mapping[str, Any]) -> Sampler:
    """The sampler of an experiment; raises KeyError for a slug and OptionsError for options."""
    kind = SAMPLERS[slug]
    return kind(**read_options(kind, dict(options)))


def make_pruner(slug: str, options: Mapping[str, Any]) -> Pruner:
    """The pruner of an experiment; raises KeyError for a slug and OptionsError for options."""
    kind = PRUNERS[slug]
    return kind(**read_options(kind, dict(options)))
