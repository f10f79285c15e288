"""Room: search. The samplers and pruners that an experiment may name."""

from collections.abc import Mapping
from typing import Any, Final

from experiments.search.auto import AutoSampler
from experiments.search.pruners.asha import AshaPruner
from experiments.search.pruners.auto import AutoPruner
from experiments.search.pruners.extrapolation import ExtrapolationPruner
from experiments.search.pruners.hyperband import HyperbandPruner
from experiments.search.pruners.median import MedianPruner
from experiments.search.pruners.none import NoPruner
from experiments.search.pruners.patience import PatiencePruner
from experiments.search.samplers.annealing import AnnealingSampler
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.samplers.cmaes import CmaEsSampler
from experiments.search.samplers.evolution import EvolutionSampler
from experiments.search.samplers.grid import GridSampler
from experiments.search.samplers.quasi_random import QuasiRandomSampler
from experiments.search.samplers.random import RandomSampler
from experiments.search.samplers.random_forest import RandomForestSampler
from experiments.search.samplers.tpe import TpeSampler
from experiments.search.strategy import Pruner, Sampler, read_options

SAMPLERS: Final[dict[str, type[Sampler]]] = {
    AutoSampler.slug: AutoSampler,
    RandomSampler.slug: RandomSampler,
    QuasiRandomSampler.slug: QuasiRandomSampler,
    GridSampler.slug: GridSampler,
    RandomForestSampler.slug: RandomForestSampler,
    AnnealingSampler.slug: AnnealingSampler,
    EvolutionSampler.slug: EvolutionSampler,
    BayesianSampler.slug: BayesianSampler,
    TpeSampler.slug: TpeSampler,
    CmaEsSampler.slug: CmaEsSampler,
}
PRUNERS: Final[dict[str, type[Pruner]]] = {
    AutoPruner.slug: AutoPruner,
    NoPruner.slug: NoPruner,
    AshaPruner.slug: AshaPruner,
    HyperbandPruner.slug: HyperbandPruner,
    MedianPruner.slug: MedianPruner,
    PatiencePruner.slug: PatiencePruner,
    ExtrapolationPruner.slug: ExtrapolationPruner,
}


def make_sampler(slug: str, options: Mapping[str, Any]) -> Sampler:
    """The sampler of an experiment; raises KeyError for a slug and OptionsError for options."""
    kind = SAMPLERS[slug]
    return kind(**read_options(kind, dict(options)))


def make_pruner(slug: str, options: Mapping[str, Any]) -> Pruner:
    """The pruner of an experiment; raises KeyError for a slug and OptionsError for options."""
    kind = PRUNERS[slug]
    return kind(**read_options(kind, dict(options)))
