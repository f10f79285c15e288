"""Room: web. What Auto would do with the search that stands in the form, and why."""

from typing import Any

from experiments.search.auto import AutoSampler, explain
from experiments.search.space import Space


def sampling_words(source: dict[str, Any], space: Space | None) -> str:
    """One or two sentences; empty while the space is wrong, or where a person has chosen."""
    if space is None or source.get("sampler") != AutoSampler.slug:
        return ""
    budget = source["budget"]
    return explain(space, trials=_whole(budget["max_trials"]), slots=_whole(budget["parallel"]))[1]


def _whole(typed: Any) -> int:
    """A budget as Auto takes it; 0 for what is no number yet."""
    return typed if isinstance(typed, int) and typed > 0 else 0
