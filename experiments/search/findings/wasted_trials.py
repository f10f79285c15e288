"""Finding: trials that brought nothing: configurations trained before, failures of one kind.

No test, both are counted. Re-evaluations are no waste, and failures that a region explains are said
there.
"""

from collections import Counter
from typing import Final

from experiments.check_outcomes import Found, NotFound, found_or
from experiments.search.findings.failing_region import WORDS, failed_by_kind
from experiments.search.findings.failing_region import check as check_regions
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    listed,
    percent,
    too_few,
)
from experiments.search.findings.search_state import SearchState

KIND: Final = "wasted"
FEWEST: Final = 10  # ended trials
LEAST: Final = 8  # wasted ones
SHARE: Final = 0.25  # of the ended ones
REPEATED: Final = "repeated"


def check(look: SearchState) -> Outcome:
    """One for repeated configurations, one for each kind of failure without a region."""
    ended = look.ended
    if len(ended) < FEWEST:
        return too_few("ended trials", FEWEST, len(ended))
    needed = max(LEAST, SHARE * len(ended))
    keys = [_key(look, trial.values) for trial in ended]
    seen: set[str] = set()
    again = []
    for key, trial in zip(keys, ended, strict=True):
        if key in seen and trial.repeats is None and not trial.by_hand:
            again.append(trial.number)
        seen.add(key)
    found = [_repeated(look, keys, again, len(seen))] if len(again) >= needed else []
    regions = check_regions(look)
    explained = {each.subject for each in regions.things} if isinstance(regions, Found) else set()
    for kind, failed in failed_by_kind(look).items():
        if len(failed) >= needed and kind not in explained:
            found.append(_failed(kind, tuple(sorted(failed)), len(ended)))
    most = max(map(len, failed_by_kind(look).values()), default=0)
    rests = (
        f"{len(ended):,} ended trials",
        f"{len(again)} of them repeat a configuration, at most {most} failed for the same reason",
    )
    return found_or(found, NotFound(rests))


def _key(look: SearchState, values: dict) -> str:  # type: ignore[type-arg]
    return repr(sorted((row.name, values.get(row.name)) for row in look.space.hyperparameters))


def _repeated(look: SearchState, keys: list[str], again: list[int], distinct: int) -> Finding:
    counts = Counter(Counter(keys).values())
    shown = sorted(counts)[:8]
    size = look.space.size()
    whole = (
        f" The space has {size:,} configurations."
        if size is not None and size <= len(keys)
        else ""
    )
    return Finding(
        kind=KIND,
        subject=REPEATED,
        statement=(
            f"{len(again)} of {len(keys)} trials repeat a configuration that was trained before "
            f"(trials {listed(again)}).{whole}"
        ),
        gain=f"A search of {distinct} trials learns as much.",
        evidence=Evidence(
            shape="bars",
            x=tuple(f"{count} ×" for count in shown),
            y=tuple(count * counts[count] / len(keys) for count in shown),
            marked=tuple(count > 1 for count in shown),
            x_label="times trained",
            y_label="share of the trials",
        ),
        confidence=Confidence(
            "counted: equal values of all hyperparameters, without re-evaluations"
        ),
        action=Action("trials", f"Search with {distinct} trials", {"max_trials": distinct}),
        trials=tuple(again[-6:]),
    )


def _failed(kind: str, failed: tuple[int, ...], ended: int) -> Finding:
    share = len(failed) / ended
    return Finding(
        kind=KIND,
        subject=kind,
        statement=(
            f"{len(failed)} of {ended} trials {WORDS[kind]} (trials {listed(failed)}), in no "
            "region that a threshold on one hyperparameter describes."
        ),
        gain=f"{percent(share)} of the trials brought no score.",
        evidence=Evidence(
            shape="bars",
            x=("failed so", "other"),
            y=(share, 1 - share),
            marked=(True, False),
            y_label="share of the trials",
        ),
        confidence=Confidence("counted: trials that failed for the same reason"),
        action=Action("failed", "Show the failed trials"),
        trials=failed[-6:],
    )
