"""Reads the sampler, the pruner and their options from a plan."""

from collections.abc import Mapping
from typing import Any

from experiments.search.problems import ProblemsError
from experiments.search.reading import Reader
from experiments.search.space.space import Space
from experiments.search.strategies.custom import OwnStrategies
from experiments.search.strategies.registry import PRUNERS, SAMPLERS, sampler_problems
from experiments.search.strategy import read_options


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
