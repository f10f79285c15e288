"""Room: web. What Auto would do with the search that stands in the form, and what it learns from."""

from typing import Any

from experiments.reports.sampling.earlier_searches import EarlierSearches
from experiments.search.space.space import Space
from experiments.search.strategies.auto import AutoSampler, explain
from experiments.search.strategies.registry import SAMPLERS
from experiments.search.warm_plan import LEARNING


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
