"""What objective, sampler and pruner of the new-experiment form would do, in sentences."""

import logging
from collections.abc import Mapping
from typing import Any

from experiments.evaluation.expression import (
    CUSTOM,
    FACTS,
    parse_expression,
)
from experiments.evaluation.metrics import objectives
from experiments.evaluation.model_costs import COSTS, latency_batches
from experiments.number_words import plain
from experiments.reports.sampling.earlier_searches import EarlierSearches
from experiments.search.formula import FormulaError, NoValue
from experiments.search.problems import ProblemsError
from experiments.search.pruners.auto import AutoPruner, what_it_would_do
from experiments.search.space.space import Space
from experiments.search.strategies.auto import AutoSampler, explain
from experiments.search.strategies.registry import PRUNERS, SAMPLERS, make_pruner
from experiments.search.strategies.rungs import space_epochs
from experiments.search.warm_plan import LEARNING

SAMPLE = {"parameters": 10_000.0, "seconds": 10.0}
METRIC = 0.8


def objective_words(source: dict[str, Any]) -> str:
    """What the expression needs, and an example of its value; empty where there is none to show."""
    text = source.get("expression")
    if source.get("objective") != CUSTOM or not isinstance(text, str):
        return ""
    try:
        read = parse_expression(text, objectives(source["metrics"]))
    except FormulaError:
        return ""
    metrics = sorted(read.names - set(FACTS))
    values = SAMPLE | dict.fromkeys(metrics, METRIC)
    given = [f"{name} = {METRIC}" for name in metrics]
    given += [f"{name} = {SAMPLE[name]:,.0f}" for name in FACTS if name in read.names]
    better = "lower" if source.get("direction") == "minimize" else "higher"
    try:
        example = f"is {plain(read.value(values))}"
    except NoValue as reason:
        words = str(reason).removeprefix("It ").removesuffix(".")
        example = f"has no value: {words}"
    return f"Computed after each epoch; {better} is better. With {', '.join(given)} it {example}."


def more_objectives_words(source: Mapping[str, Any]) -> str:
    """What several objectives change, in sentences; empty with the one. source: the plan's JSON."""
    names = [each["name"] for each in source.get("more_objectives", ())]
    if not names:
        return ""
    words = (
        f"The Winner tab shows the Pareto front. {source['objective']} stays the main objective, for the "
        "best score, tied trials and the target score. Pruning and fold racing are off."
    )
    if latency_batches(names):
        words += " Latency is measured after each execution, for up to 1 s per call."
    return words


def objectives_line(source: Mapping[str, Any]) -> str:
    """All objectives in one line, and what is off; empty with the one."""
    names = [each["name"] for each in source.get("more_objectives", ())]
    if not names:
        return ""
    labels = [COSTS[name].label if name in COSTS else name for name in names]
    return f"{'; '.join((str(source['objective']), *labels))}. No pruning, no fold racing."


def sampling_words(source: dict[str, Any], space: Space | None) -> str:
    """One or two sentences; empty while the space is wrong, or where a person has chosen."""
    if space is None or source.get("sampler") != AutoSampler.slug:
        return ""
    budget = source["budget"]
    return explain(space, trials=_whole(budget["max_trials"]), slots=_whole(budget["parallel"]))[1]


def learns(sampler: str) -> bool:
    """Whether the sampler's model learns from earlier searches."""
    return sampler in LEARNING


def earlier_words(earlier: EarlierSearches, sampler: str) -> str:
    """What the selected searches bring to this sampler; empty where none is ticked."""
    if not earlier.words or learns(sampler) or sampler not in SAMPLERS:
        return earlier.words
    return (
        f"{earlier.words} {SAMPLERS[sampler].label} does not learn from them: it only runs their "
        "best configurations, in turn with its own."
    )


def picked_words(earlier: EarlierSearches, sampler: str) -> str:
    """Why some are ticked before anybody touched the list, or why none is."""
    names = [each.name for each in earlier.chosen]
    if names:
        listed = f"{', '.join(names[:-1])} and {names[-1]} are" if names[1:] else f"{names[0]} is"
        return f"{listed} selected: most similar to this search."
    if earlier.searches and not learns(sampler) and sampler in SAMPLERS:
        label = SAMPLERS[sampler].label
        return f"None is selected: {label} does not learn from earlier searches."
    return ""


def _whole(typed: Any) -> int:
    """A budget as Auto takes it; 0 for what isn't a number yet."""
    return typed if isinstance(typed, int) and typed > 0 else 0


log = logging.getLogger(__name__)


def pruning_words(source: dict[str, Any], space: Space | None, epoch_seconds: float | None) -> str:
    """One sentence; empty while the space or the pruner's options are wrong."""
    if source.get("more_objectives"):
        return f"Off with several objectives: pruners use {source['objective']} only."
    slug, options = source.get("pruner"), source.get("pruner_options")
    if space is None or slug not in PRUNERS or not isinstance(options, dict):
        return ""
    epochs = space_epochs(space)
    if slug == AutoPruner.slug:
        return what_it_would_do(epochs, epoch_seconds)
    try:
        rungs = make_pruner(str(slug), options).rungs(epochs)
    except ProblemsError:
        return ""
    except Exception:  # a pruner may be anybody's
        log.exception("the pruner %s failed", slug)
        return ""
    if not rungs:
        return ""
    return f"Trials may pause at epochs {', '.join(str(epoch) for epoch in rungs)}."
