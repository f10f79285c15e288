"""A search that is looked at as it grows, at the sizes that the product looks at."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from experiments.search.findings.finding import Finding
from experiments.search.findings.registry import find_all, looked_for
from experiments.search.findings.search_state import SearchState, TrainedCurve
from experiments.search.findings.significance_levels import is_due
from experiments.search.history import History
from experiments.search.space.space import Space

Curves = Callable[[History], tuple[TrainedCurve, ...]]


def looks(
    space: Space, history: History, *, planned: int = 0, curves: Curves | None = None, **more: Any
) -> dict[str, Finding]:
    """Every finding that stood at any look, as it was first raised, by "kind:subject"."""
    found: dict[str, Finding] = {}
    standing: frozenset[str] = frozenset()
    before, total = 0, len(history)
    for ended in range(1, total + 1):
        if not (is_due(ended, before) or ended == total):
            continue
        before = ended
        part = replace(history, trials=history.trials[:ended])
        look = SearchState(
            space=space,
            history=part,
            left=max(0, planned - ended),
            standing=standing,
            curves=curves(part) if curves else (),
            **more,
        )
        now = {
            f"{each.kind}:{each.subject}": each
            for each in find_all(look, looked_for(scheduled=True))
        }
        standing = frozenset(now)
        for key, each in now.items():
            found.setdefault(key, each)
    return found
