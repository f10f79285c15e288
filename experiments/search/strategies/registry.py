"""The samplers and pruners that an experiment may name."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from experiments.search.plugins import Plugin, Trouble, find_plugins
from experiments.search.problems import Problem, ProblemsError
from experiments.search.pruners.asha import AshaPruner
from experiments.search.pruners.auto import AutoPruner
from experiments.search.pruners.extrapolation import ExtrapolationPruner
from experiments.search.pruners.hyperband import HyperbandPruner
from experiments.search.pruners.median import MedianPruner
from experiments.search.pruners.none import NoPruner
from experiments.search.pruners.patience import PatiencePruner
from experiments.search.reading import Reader
from experiments.search.samplers.annealing import AnnealingSampler
from experiments.search.samplers.bayesian import BayesianSampler
from experiments.search.samplers.cmaes import CmaEsSampler
from experiments.search.samplers.evolution import EvolutionSampler
from experiments.search.samplers.grid import GridSampler
from experiments.search.samplers.quasi_random import QuasiRandomSampler
from experiments.search.samplers.random import RandomSampler
from experiments.search.samplers.random_forest import RandomForestSampler
from experiments.search.samplers.tpe import TpeSampler
from experiments.search.space.space import Space
from experiments.search.strategies.auto import AutoSampler
from experiments.search.strategies.custom import OwnStrategies
from experiments.search.strategy import Pruner, Sampler, read_options

log = logging.getLogger(__name__)

T = TypeVar("T")

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


OWN: Final[list[Plugin]] = []  # what was added to the two above
TROUBLES: Final[list[Trouble]] = []  # what could not be added


class UnknownStrategy(LookupError):
    """A sampler or pruner that this process does not have."""


def add_plugins(folder: Path) -> tuple[Trouble, ...]:
    """Add installed classes and those of the folder's files, instead of those added before."""
    for plugin in OWN:
        del _kinds(plugin)[plugin.kind.slug]
    OWN.clear()
    found, troubles = find_plugins(folder, frozenset({*SAMPLERS, *PRUNERS}))
    OWN.extend(found)
    TROUBLES[:] = troubles
    for plugin in OWN:
        _kinds(plugin)[plugin.kind.slug] = plugin.kind
    return troubles


def make_sampler(slug: str, options: Mapping[str, Any]) -> Sampler:
    """The sampler of an experiment. Raises UnknownStrategy, and OptionsError for its options."""
    kind = _known(SAMPLERS, slug, "sampler")
    return kind(**read_options(kind, dict(options)))


def make_pruner(slug: str, options: Mapping[str, Any]) -> Pruner:
    """The pruner of an experiment. Raises UnknownStrategy, and OptionsError for its options."""
    kind = _known(PRUNERS, slug, "pruner")
    return kind(**read_options(kind, dict(options)))


def sampler_problems(slug: str, options: Mapping[str, Any], space: Space) -> list[Problem]:
    """Why the sampler can't search the space, each with its path in an experiment's plan."""
    try:
        found = make_sampler(slug, options).problems(space)
    except Exception as error:  # a sampler may be anybody's
        log.exception("the sampler %s failed", slug)
        return [
            Problem("sampler", f"It can't search this space: {error}. Choose another sampler.")
        ]
    return [
        each if each.path.startswith("sampler_options") else each.below("space") for each in found
    ]


def read_sampler_name(reader: Reader, own: OwnStrategies) -> str:
    """A sampler of the site, or one that is code of the project."""
    return _name(reader, "sampler", SAMPLERS, own.samplers, default="auto")


def read_pruner_name(reader: Reader, own: OwnStrategies) -> str:
    """The same of pruners."""
    return _name(reader, "pruner", PRUNERS, own.pruners, default="none")


def read_strategy_options(
    reader: Reader, plan: dict[str, Any], space: Space | None, own: OwnStrategies
) -> None:
    """Put options with their defaults in place of those that were sent, and note what is wrong.

    A sampler says too why it can't search the space; code of the project is asked that by the worker,
    with its first question.
    """
    sampler, pruner = plan["sampler"], plan["pruner"]
    read = _options(reader, "sampler", plan, _kind(SAMPLERS, own.samplers, sampler))
    if read is not None and space is not None and sampler in SAMPLERS:
        reader.problems += sampler_problems(sampler, read, space)
    plan["sampler_options"] = read or {}
    kind = _kind(PRUNERS, own.pruners, pruner)
    plan["pruner_options"] = _options(reader, "pruner", plan, kind) or {}


def _kinds(plugin: Plugin) -> dict[str, Any]:
    return PRUNERS if plugin.role == "pruner" else SAMPLERS


def _known(kinds: Mapping[str, T], slug: str, role: str) -> T:
    try:
        return kinds[slug]
    except KeyError:
        words = f"There is no {role} {slug} here. Is its file in this machine's PLUGINS_DIR?"
        raise UnknownStrategy(words) from None


def _name(
    reader: Reader, role: str, kinds: Mapping[str, Any], own: Mapping[str, type], *, default: str
) -> str:
    named = reader.take(role, default=default)
    if isinstance(named, str) and named in own:
        return named
    return reader.one_of(role, (*kinds, *own), default=default)


def _kind(kinds: Mapping[str, type], own: Mapping[str, type], slug: str) -> type:
    return kinds[slug] if slug in kinds else own[slug]


def _options(reader: Reader, role: str, plan: dict[str, Any], kind: type) -> dict[str, Any] | None:
    """Options with their defaults; None when they are wrong."""
    name = f"{role}_options"
    try:
        return read_options(kind, plan[name] or {})
    except ProblemsError as error:
        reader.problems += [problem.below(name) for problem in error.problems]
        return None


@dataclass(frozen=True, slots=True)
class Advice:
    """Three short answers: what it is good for, how long a question takes, how many trials it needs."""

    good_for: str
    takes: str
    needs: str


ADVICE: Final[dict[str, Advice]] = {
    "auto": Advice("any search, when unsure", "that of the chosen sampler", "any number"),
    "bayesian": Advice(
        "up to about 300 trials in any space", "up to half a second", "more than 6"
    ),
    "random_forest": Advice(
        "choices, nested conditions, regions that fail", "up to 0.1 s", "more than 6"
    ),
    "tpe": Advice("long searches, nested conditions", "10 to 50 ms", "best from 300"),
    "cmaes": Advice("numeric hyperparameters that interact", "up to 0.1 s", "200 or more"),
    "annealing": Advice("ranges with many steps, cheap trials", "2 to 30 ms", "about 50"),
    "evolution": Advice("large spaces of choices, noisy scores", "up to 0.1 s", "hundreds"),
    "quasi_random": Advice(
        "exploring a space; very few or very many parallel trials", "2 to 30 ms", "any number"
    ),
    "random": Advice("a baseline to compare with", "2 to 30 ms", "any number"),
    "grid": Advice(
        "small spaces that you want to cover completely", "1 ms", "one for each configuration"
    ),
}
