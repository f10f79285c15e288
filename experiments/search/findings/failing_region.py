"""Finding: a region where trials fail, which a constraint can exclude.

For each kind of failure and each hyperparameter, a threshold from either end is looked for that has
the failures beyond it (a tree of depth 1): of all thresholds beyond which most trials fail, the one
with the least p of Fisher's exact test. What is tested is that least p: under the hypothesis that
failures hit any trial alike, `crossing` gives the exact chance of one as small, at whatever
threshold and with whatever share of the trials failing. Of a choice: the words where most trials fail.
Each of these is a hypothesis, and counts as one if so many failures could make it clear enough.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from experiments.check_outcomes import NotFound, found_or
from experiments.search.findings.crossing import Counts, crossing, fisher, least
from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    Outcome,
    listed,
    plain,
    too_few,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import FIRST_LOOK, level_of_failures
from experiments.search.formula import FormulaError
from experiments.search.history import ObservedTrial, Value
from experiments.search.problems import SpaceError
from experiments.search.space.constraints import parse_constraint
from experiments.search.space.encoding import is_categorical
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice
from experiments.search.space.space import Space

KIND: Final = "failing"
FEWEST: Final = 3
MOSTLY: Final = 0.6  # share of the region's trials that fail
HOPELESS: Final = 0.05  # of one threshold: over all of them it is larger still
DIVERGED: Final = "nan"
# The rest is no matter of the configuration: a worker that was lost, data that can't be read.
WORDS: Final = {
    "out_of_memory": "ran out of memory",
    DIVERGED: "diverged to NaN or infinity",
    "timeout": "exceeded the time limit of a trial",
    "user_code": "failed to build or train",
    "killed": "were killed by the operating system",
}


@dataclass(frozen=True, slots=True)
class _Region:
    """rule: the constraint that excludes it. words: what its trials have in common.

    inside, failed: how many trials and failures are in it. chance: of one as clear by luck.
    """

    row: Hyperparameter
    rule: str
    words: str
    inside: int
    failed: int
    chance: float


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """least: the least chance that it can have, whichever trials fail. region: the clearest, if any."""

    least: float
    region: _Region | None = None


@dataclass(frozen=True, slots=True)
class _Trials:
    """Those that ended where the hyperparameter is active, and which of them failed.

    possible: how many of them could have failed; of what is always active, as many as did.
    """

    known: tuple[ObservedTrial, ...]
    failed: frozenset[int]
    possible: Counts

    @property
    def count(self) -> int:
        return sum(trial.number in self.failed for trial in self.known)


def failed_by_kind(look: SearchState) -> dict[str, frozenset[int]]:
    """Numbers of the trials that failed in each way that a configuration can cause."""
    found: dict[str, set[int]] = {kind: set() for kind in WORDS}
    for trial in look.ended:
        kind = look.failures.get(trial.number, "")
        if trial.state == "completed" and trial.score is not None and not trial.is_scored:
            kind = DIVERGED
        if kind in found:
            found[kind].add(trial.number)
    return {kind: frozenset(numbers) for kind, numbers in found.items() if numbers}


def check(look: SearchState) -> Outcome:
    """One for each kind of failure that has a region of its own."""
    ended = len(look.ended)
    if ended < FIRST_LOOK:
        return too_few("ended trials", FIRST_LOOK, ended)
    kinds = {kind: n for kind, n in failed_by_kind(look).items() if len(n) >= FEWEST}
    tried = {
        kind: [each for row in look.space.searched for each in _hypotheses(row, look, failed)]
        for kind, failed in kinds.items()
    }
    reach = [each.least for of_kind in tried.values() for each in of_kind]
    found = []
    for kind, failed in kinds.items():
        limit = level_of_failures(ended, reach, stands=look.stands(KIND, kind))
        regions = [r for each in tried[kind] if (r := each.region) and r.chance <= limit]
        regions = [each for each in regions if _leaves_room(look.space, each.rule)]
        best = min(regions, key=lambda region: region.chance, default=None)
        if best is not None:
            found.append(_finding(look, kind, best, failed, limit))
    failures = sum(map(len, failed_by_kind(look).values()))
    rests = (
        f"{ended:,} ended trials, {failures:,} of them failed",
        f"thresholds of each of {len(look.space)} hyperparameters alone, not of two together",
    )
    return found_or(found, NotFound(rests))


def _hypotheses(
    row: Hyperparameter, look: SearchState, failed: frozenset[int]
) -> list[_Hypothesis]:
    """Of each kind of region that this hyperparameter alone can draw."""
    known = tuple(
        t for t in look.ended if row.name in t.values and not row.problem(t.values[row.name])
    )
    others = len(look.ended) - len(known)
    possible = np.arange(max(0, len(failed) - others), min(len(failed), len(known)) + 1)
    trials = _Trials(known, failed, possible)
    found = []
    if is_categorical(row) or isinstance(row, Choice):
        found.append(_of_words(row, trials))
    if not is_categorical(row):
        found += [_of_end(row, trials, above=above) for above in (True, False)]
    return found


def _of_end(row: Hyperparameter, trials: _Trials, *, above: bool) -> _Hypothesis:
    """The threshold beyond which the failures lie, from one end on."""
    sign = 1.0 if above else -1.0
    values = np.array([_number(t.values[row.name]) for t in trials.known], dtype=np.float64)
    order = np.argsort(-sign * values, kind="stable")
    values, n, f = values[order], len(values), trials.count
    fails = np.array([t.number in trials.failed for t in trials.known], dtype=bool)[order]
    every = np.flatnonzero(values[:-1] != values[1:]) + 1  # trials beyond each threshold
    reach = least(n, trials.possible, every)
    beyond = np.cumsum(fails)[every - 1]
    cuts, beyond = every[beyond >= MOSTLY * every], beyond[beyond >= MOSTLY * every]
    if not 0 < f < n or not len(cuts):
        return _Hypothesis(reach)
    p = fisher(beyond, n, f, cuts)
    best = int(p.argmin())
    size = int(cuts[best])
    edge, safe = values[size - 1], values[size]
    chance = crossing(n, f, every, float(p[best]), MOSTLY) if p[best] < HOPELESS else 1.0
    cut = _cut(row, _as_written(row, safe), _as_written(row, edge))
    end = plain(_as_written(row, edge))
    if len(np.unique(values[:size])) == 1:
        words = f"{row.name} {end}"
    else:
        words = f"{row.name} at {'least' if above else 'most'} {end}"
    rule = f"{row.name} {'<' if above else '>'} {cut!r}"
    return _Hypothesis(reach, _Region(row, rule, words, size, int(beyond[best]), chance))


def _of_words(row: Hyperparameter, trials: _Trials) -> _Hypothesis:
    """The words where most trials fail; of as many words any others could have been those."""
    n, f = len(trials.known), trials.count
    every = Counter(t.values[row.name] for t in trials.known)
    bad = Counter(t.values[row.name] for t in trials.known if t.number in trials.failed)
    fewest, count = min(every.values(), default=1), max(row.count() or 1, len(every))
    sizes = np.arange(fewest, n - fewest + 1)  # no region of words has another size
    reach = least(n, trials.possible, sizes) * count * max(1, count - 1)
    words = [word for word in every if bad[word] >= MOSTLY * every[word]]
    inside = sum(every[word] for word in words)
    if not words or inside == n:
        return _Hypothesis(reach)
    failed = sum(bad[word] for word in words)
    p = float(fisher(np.array([failed]), n, f, np.array([inside]))[0])
    chance = min(1.0, p * math.comb(count, len(words)) * max(1, count - 1))
    named = " or ".join(plain(word) for word in words)
    rule, said = _without(row, words), f"{row.name} {named}"
    return _Hypothesis(reach, _Region(row, rule, said, inside, failed, chance))


def _without(row: Hyperparameter, words: Sequence[Value]) -> str:
    if isinstance(row, Boolean):
        return f"not {row.name}" if words[0] else row.name
    if len(words) == 1:
        return f"{row.name} != {json.dumps(words[0], ensure_ascii=False)}"
    return f"{row.name} not in {json.dumps(list(words), ensure_ascii=False)}"


def _cut(row: Hyperparameter, safe: float, edge: float) -> float | int:
    """Where the region begins: at its own first value in steps, else half of the way to the safe one."""
    if row.count() is not None:
        return edge
    middle = math.sqrt(safe * edge) if safe > 0 and edge > 0 else (safe + edge) / 2
    cut = float(f"{middle:.3g}")
    return (
        cut
        if min(safe, edge) < cut <= max(safe, edge) or min(safe, edge) <= cut < max(safe, edge)
        else edge
    )


def _number(value: Value) -> float | int:
    return value if isinstance(value, int | float) else math.nan


def _as_written(row: Hyperparameter, value: float) -> float | int:
    """A value of the row as its trials have it: whole numbers stay whole."""
    return int(value) if value == int(value) and not row.problem(int(value)) else float(value)


def _leaves_room(space: Space, rule: str) -> bool:
    """Whether the rule can be written, isn't there yet, and leaves configurations."""
    try:
        parse_constraint(rule, {row.name: row for row in space.hyperparameters})
        source = space.to_dict()
        if rule in source["constraints"]:
            return False
        Space.from_dict(source | {"constraints": [*source["constraints"], rule]})
    except (FormulaError, SpaceError):
        return False
    return True


def _finding(
    look: SearchState, kind: str, region: _Region, failed: frozenset[int], limit: float
) -> Finding:
    numbers = tuple(sorted(failed, reverse=True))
    known = [t for t in look.ended if region.row.name in t.values]
    of_known = sum(t.number in failed for t in known)
    outside, elsewhere = len(known) - region.inside, of_known - region.failed
    statement = (
        f"{region.words} {WORDS[kind]} in {region.failed} of {region.inside} trials "
        f"({listed(numbers)}), and in {elsewhere or 'none'} of the {outside} others."
    )
    wasted = round(region.inside / max(1, len(known)) * look.left)
    gain = (
        f"About {wasted} of the remaining {look.left} trials would fail there."
        if wasted
        else "A search without the region loses no trials there."
    )
    return Finding(
        kind=KIND,
        subject=kind,
        statement=statement,
        gain=gain,
        evidence=_evidence(region.row, known, failed),
        confidence=Confidence(
            "exact probability of a threshold this clear if every trial were equally likely to fail",
            region.chance,
            limit,
        ),
        action=Action("forbid", f"Exclude {region.words}", {"constraint": region.rule}),
        trials=numbers[:6],
    )


def _evidence(
    row: Hyperparameter, known: Sequence[ObservedTrial], failed: frozenset[int], most: int = 8
) -> Evidence:
    """The share that failed, by value or by section of the range."""
    count = row.count()
    is_listed = isinstance(row, Choice | Boolean) or (count is not None and count <= most)
    groups: list[Value] = [
        t.values[row.name]
        if is_listed
        else min(int(row.encode(t.values[row.name]) * most), most - 1)
        for t in known
    ]
    every = Counter(groups)
    bad = Counter(g for g, t in zip(groups, known, strict=True) if t.number in failed)
    shown = [g for g in (row.values(most) if is_listed else range(most)) if every[g]][:most]
    return Evidence(
        shape="bars",
        x=tuple(plain(g if is_listed else row.decode((float(g) + 0.5) / most)) for g in shown),
        y=tuple(bad[g] / every[g] for g in shown),
        marked=tuple(bad[g] > 0 for g in shown),
        x_label=row.name,
        y_label="failure rate",
    )
