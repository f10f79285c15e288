"""How often each kind of finding is raised with and without its effect: `manage.py bench findings`.

Searches are looked at as the product does while they grow. Found: raised at any look of a search that
has the effect. False: raised at any look of the same search without it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.findings import constructed
from benchmarks.findings.constructed import Constructed, Draw
from experiments.search.findings.registry import find_all, looked_for
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import is_due

LEAST_FOUND: Final = 0.9
MOST_FALSE: Final = 0.05
NOISES: Final = (0.005, 0.02)


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of finding, how its searches are made, and at which numbers of trials."""

    kind: str
    words: str
    make: Callable[[Draw], Constructed]
    sizes: tuple[int, ...]


CASES: Final = (
    Case("failing", "15 % fail", partial(constructed.failing, share=0.15), (40, 100)),
    Case("failing", "50 % fail", partial(constructed.failing, share=0.5), (20, 100)),
    Case("failing", "80 % fail", partial(constructed.failing, share=0.8), (30, 100)),
    Case("failing", "9 of 10 and 1 of 20 fail", constructed.nearly_failing, (40, 100)),
    Case("too_few_epochs", "half of the epochs needed", constructed.epochs_run_out, (20, 100)),
    Case("underfitting", ".55 where guessing has .50", constructed.underfitted, (20, 100)),
    Case("overfitting", ".01 an epoch", constructed.overfitted, (20, 100)),
    Case("edge", "optimum below the range", constructed.at_boundary, (150, 300)),
    Case("unstable", "seeds 3 × configurations", constructed.unstable, (40, 100)),
    Case("wasted", "16 configurations", constructed.repeated, (40, 100)),
    Case("wasted", "40 % out of memory", constructed.wasted_on_failures, (40, 100)),
    Case("lucky", "best by one of five seeds", constructed.lucky, (40, 100)),
    Case("dead", "dropout without effect", constructed.unused, (300,)),
)
KINDS: Final = tuple(dict.fromkeys(case.kind for case in CASES))


def measure(*, searches: int, only: Sequence[str] = ()) -> dict[str, Any]:
    """Make each case with and without its effect and count; searches: of each size and noise."""
    begun = time.perf_counter()
    cases = [case for case in CASES if not only or case.kind in only]
    with threadpool_limits(1):  # small products: threads would only wait for each other
        lines = [
            _line(case, trials, noise, searches)
            for case in cases
            for trials in case.sizes
            for noise in NOISES
        ]
    print(table(lines))  # noqa: T201
    return {
        "bench": "findings",
        "searches": searches,
        "lines": lines,
        "seconds": round(time.perf_counter() - begun, 1),
        "passed": all(
            line["found"] >= LEAST_FOUND and line["false"] <= MOST_FALSE for line in lines
        ),
    }


def _line(case: Case, trials: int, noise: float, searches: int) -> dict[str, Any]:
    shares = {
        name: sum(
            case.kind in raised(case.make(_draw(seed, trials, noise, has_effect=has_effect)))
            for seed in range(searches)
        )
        / searches
        for name, has_effect in (("found", True), ("false", False))
    }
    return {"kind": case.kind, "effect": case.words, "trials": trials, "noise": noise, **shares}


def _draw(seed: int, trials: int, noise: float, *, has_effect: bool) -> Draw:
    return Draw(np.random.default_rng([seed, trials]), trials, noise, has_effect)


def raised(search: Constructed) -> frozenset[str]:
    """The kinds that any look at the growing search raised; half of the budget is to come at the end."""
    found: set[str] = set()
    standing: frozenset[str] = frozenset()
    before, total = 0, len(search.history)
    for ended in range(1, total + 1):
        if not (is_due(ended, before) or ended == total):
            continue
        before = ended
        part = replace(search.history, trials=search.history.trials[:ended])
        look = SearchState(
            space=search.space,
            history=part,
            curves=search.curves(part),
            left=2 * total - ended,
            standing=standing,
            **search.more,
        )
        now = find_all(look, looked_for(scheduled=True))
        standing = frozenset(f"{each.kind}:{each.subject}" for each in now)
        found |= {each.kind for each in now}
    return frozenset(found)


def table(lines: Sequence[dict[str, Any]]) -> str:
    """As Markdown: a line for each case and size, the worse of the noises."""
    rows = ["| Kind | Effect | Trials | Found | False |", "|---|---|---|---|---|"]
    keys = dict.fromkeys((line["kind"], line["effect"], line["trials"]) for line in lines)
    for key in keys:
        same = [line for line in lines if (line["kind"], line["effect"], line["trials"]) == key]
        found, false = min(line["found"] for line in same), max(line["false"] for line in same)
        rows.append(
            f"| {key[0]} | {key[1]} | {key[2]} | {100 * found:.0f} % | {100 * false:.1f} % |"
        )
    return "\n".join(rows)
