"""Finding: a region where trials fail, which a constraint can exclude.

For each kind of failure, each number and each of its two ends: how many trials lie as far out as the
least of the failed ones? That all failures are among so few of all has, under the hypothesis that
they hit any trial alike, the chance C(k, f) / C(n, f), k of n trials as far out and f failed. k is
the statistic itself, so nothing has to be corrected for the choice of the cut. For a choice: that
all of them fell on one word.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from experiments.search.findings.finding import (
    Action,
    Confidence,
    Evidence,
    Finding,
    listed,
    plain,
)
from experiments.search.findings.search_state import SearchState
from experiments.search.findings.significance_levels import level_of_failures
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
# The rest is no matter of the configuration: a worker that was lost, data that can't be read.
WORDS: Final = {
    "out_of_memory": "ran out of memory",
    "nan": "diverged to NaN or infinity",
    "timeout": "exceeded the time limit of a trial",
    "user_code": "failed to build or train",
    "killed": "were killed by the operating system",
}


@dataclass(frozen=True, slots=True)
class _Region:
    """rule: the constraint that excludes it. words: what its trials have in common."""

    row: Hyperparameter
    rule: str
    words: str
    inside: int
    chance: float


def find(look: SearchState) -> list[Finding]:
    """One for each kind of failure that has a region of its own."""
    ended = [t for t in look.history.trials if t.state in ("completed", "pruned", "failed")]
    found = []
    for kind, words in WORDS.items():
        failed = {t.number for t in ended if look.failures.get(t.number) == kind}
        if len(failed) < FEWEST:
            continue
        regions = [
            region
            for row in look.space.searched
            for region in _regions(row, ended, failed)
            if len(failed) >= MOSTLY * region.inside
        ]
        limit = level_of_failures(len(failed), 2 * len(look.space), stands=look.stands(KIND, kind))
        best = min(regions, key=lambda region: region.chance, default=None)
        if best is not None and best.chance <= limit and _leaves_room(look.space, best.rule):
            found.append(_finding(look, kind, words, best, (ended, failed), limit))
    return found


def _regions(
    row: Hyperparameter, ended: Sequence[ObservedTrial], failed: set[int]
) -> list[_Region]:
    """Those that this hyperparameter alone can draw around all failures."""
    known = [t for t in ended if row.name in t.values and not row.problem(t.values[row.name])]
    inside = [t for t in known if t.number in failed]
    if len(inside) < len(failed):
        return []
    if is_categorical(row) or isinstance(row, Choice):
        regions = _of_words(row, known, inside)
        return regions if is_categorical(row) else regions + _of_ends(row, known, inside)
    return _of_ends(row, known, inside)


def _of_ends(
    row: Hyperparameter, known: Sequence[ObservedTrial], inside: Sequence[ObservedTrial]
) -> list[_Region]:
    numbers = [_number(t.values[row.name]) for t in known]
    failing = [_number(t.values[row.name]) for t in inside]
    found = []
    for side, edge in (("above", min(failing)), ("below", max(failing))):
        if side == "above":
            beyond = [each for each in numbers if each >= edge]
            safe = max((each for each in numbers if each < edge), default=None)
        else:
            beyond = [each for each in numbers if each <= edge]
            safe = min((each for each in numbers if each > edge), default=None)
        if safe is None:
            continue
        cut = _cut(row, safe, edge)
        sign, word = ("<", "at least {}") if side == "above" else (">", "at most {}")
        words = (
            f"{row.name} {plain(edge)}"
            if len({*beyond}) == 1
            else f"{row.name} {word.format(plain(edge))}"
        )
        chance = _chance(len(known), len(beyond), len(inside))
        found.append(_Region(row, f"{row.name} {sign} {cut!r}", words, len(beyond), chance))
    return found


def _of_words(
    row: Hyperparameter, known: Sequence[ObservedTrial], inside: Sequence[ObservedTrial]
) -> list[_Region]:
    values = {t.values[row.name] for t in inside}
    if len(values) > 1:
        return []
    value = values.pop()
    beyond = [t for t in known if t.values[row.name] == value]
    if len(beyond) == len(known):
        return []
    if isinstance(row, Boolean):
        rule = f"not {row.name}" if value else row.name
    else:
        rule = f"{row.name} != {json.dumps(value, ensure_ascii=False)}"
    chance = _chance(len(known), len(beyond), len(inside)) * (row.count() or 1)
    return [_Region(row, rule, f"{row.name} {plain(value)}", len(beyond), min(1.0, chance))]


def _chance(n: int, k: int, failed: int) -> float:
    return math.comb(k, failed) / math.comb(n, failed)


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
    look: SearchState,
    kind: str,
    words: str,
    region: _Region,
    trials: tuple[Sequence[ObservedTrial], set[int]],
    limit: float,
) -> Finding:
    ended, failed = trials
    numbers = tuple(sorted(failed, reverse=True))
    known = [t for t in ended if region.row.name in t.values]
    outside = len(known) - region.inside
    statement = (
        f"{region.words[0].upper()}{region.words[1:]} {words} in {len(failed)} of "
        f"{region.inside} trials ({listed(numbers)}), and in none of the {outside} "
        "others."
    )
    if region.words.startswith(region.row.name):
        statement = region.row.name + statement[len(region.row.name) :]
    share = region.inside / max(1, len(known))
    wasted = round(share * look.left)
    gain = (
        f"About {wasted} of the remaining {look.left} trials would fail there."
        if wasted
        else "No more trials fail there."
    )
    return Finding(
        kind=KIND,
        subject=kind,
        statement=statement,
        gain=gain,
        evidence=_evidence(region.row, known, failed),
        confidence=Confidence(
            "exact probability of this clustering if every trial were equally likely to fail",
            region.chance,
            limit,
        ),
        action=Action("forbid", f"Exclude {region.words}", {"constraint": region.rule}),
        trials=numbers[:6],
    )


def _evidence(
    row: Hyperparameter, known: Sequence[ObservedTrial], failed: set[int], most: int = 8
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
