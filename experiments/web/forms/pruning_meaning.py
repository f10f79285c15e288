"""Room: web. What the chosen pruner would do with the search that stands in the form."""

import logging
from typing import Any

from experiments.search.problems import ProblemsError
from experiments.search.pruners.auto import AutoPruner, what_it_would_do
from experiments.search.space.space import Space
from experiments.search.strategies.registry import PRUNERS, make_pruner
from experiments.search.strategies.rungs import space_epochs

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
