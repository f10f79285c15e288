"""Reports: a test of each compared trial against the base, part by part, and what it says in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.text import capfirst, get_text_list

from experiments.evaluation.paired_differences import Difference, holm
from experiments.evaluation.protocol import Protocol
from experiments.evaluation.statistical_ties import LEVEL
from experiments.number_words import figures, spread
from experiments.reports.compare.rows import difference
from experiments.reports.compare.trials import Compared, Part

Verdict = Literal["better", "worse", "open", "untested"]
MOST_PARTS: Final = 50  # of the table; the file holds all
MOST_SENTENCES: Final = 3  # of one kind
MOST_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class TrialTest:
    """One trial against the base. p: adjusted for all lines. why: there is no test, in words."""

    column: Compared
    name: str
    apart: Difference | None
    p: float | None
    verdict: Verdict
    why: str
    by_part: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The objective of all columns against the base's.

    parts: names of the parts of the table. spread_words: what the range of a difference is called.
    unit: what parts are, in the plural. sentences: what may be said. low, high: ends of a scale that holds every interval, every difference and 0.
    """

    metric: str
    unit: str
    spread_words: str
    parts: tuple[str, ...]
    parts_count: int
    lines: tuple[TrialTest, ...]
    sentences: tuple[str, ...]
    tested: int
    low: float
    high: float

    @property
    def rows(self) -> tuple[tuple[str, tuple[float | None, ...]], ...]:
        """Each part with the differences of all lines."""
        by_part = zip(*(line.by_part for line in self.lines), strict=True)
        return tuple(zip(self.parts, by_part, strict=True))

    @property
    def is_paired(self) -> bool:
        """Whether any test is over equal parts."""
        return any(
            line.apart and line.apart.is_paired and line.apart.is_tested for line in self.lines
        )

    @property
    def is_unpaired(self) -> bool:
        """Whether any test is over different parts."""
        return any(line.apart is not None and not line.apart.is_paired for line in self.lines)


def paired_test(columns: Sequence[Compared]) -> PairedTest:
    """Test each column against the first; all of them have to be judged alike."""
    base, *others = columns
    metric = base.experiment.objective
    several = len({column.experiment.pk for column in columns}) > 1
    apart = [difference(base, other, metric) for other in others]
    tested = [place for place, each in enumerate(apart) if each is not None and each.p is not None]
    chances = [each.p for each in apart if each is not None and each.p is not None]
    adjusted = dict(zip(tested, holm(chances), strict=True))
    parts = sorted({part for column in columns for part in column.measured.get(metric, {})})
    protocol = base.experiment.protocol
    larger = base.experiment.direction == "maximize"
    lines = tuple(
        TrialTest(
            column=other,
            name=_name(other, several=several),
            apart=apart[place],
            p=adjusted.get(place),
            verdict=_verdict(apart[place], adjusted.get(place), larger=larger),
            why="" if place in adjusted else _why(base, other, metric),
            by_part=_by_part(base, other, metric, parts[:MOST_PARTS]),
        )
        for place, other in enumerate(others)
    )
    low, high = _ends(lines)
    unit = {"k_fold": "folds", "subsampling": "rounds"}.get(protocol.kind, "seeds")
    return PairedTest(
        metric=metric,
        unit=unit,
        spread_words=protocol.spread_words,
        parts=tuple(_part_name(part, protocol) for part in parts[:MOST_PARTS]),
        parts_count=len(parts),
        lines=lines,
        sentences=_sentences(_name(base, several=several), lines, unit, protocol.spread_words),
        tested=len(tested),
        low=low,
        high=high,
    )


def _name(column: Compared, *, several: bool) -> str:
    return f"trial {column.trial.number}" + (f" of {column.experiment.name}" if several else "")


def _part_name(part: Part, protocol: Protocol) -> str:
    fold, repeat = part
    names = {"k_fold": "Fold", "subsampling": "Round"}
    seed = f"seed {repeat + 1}"
    if protocol.kind not in names:
        return seed.capitalize()
    name = f"{names[protocol.kind]} {fold + 1}"
    return f"{name}, {seed}" if protocol.repeats > 1 else name


def _by_part(
    base: Compared, other: Compared, metric: str, parts: Sequence[Part]
) -> tuple[float | None, ...]:
    before, after = base.measured.get(metric, {}), other.measured.get(metric, {})
    if base.trial.split_hash != other.trial.split_hash:
        return (None,) * len(parts)
    return tuple(
        after[part] - before[part] if part in before and part in after else None for part in parts
    )


def _verdict(apart: Difference | None, p: float | None, *, larger: bool) -> Verdict:
    if apart is None or p is None:
        return "untested"
    if p > LEVEL:
        return "open"
    return "better" if (apart.mean > 0) == larger else "worse"


def _why(base: Compared, other: Compared, metric: str) -> str:
    """Why two trials can't be tested against each other."""
    for column in (base, other):
        if not column.measured.get(metric):
            return f"{column.label} has no completed execution with a score."
    if base.executions < 2:
        return "One execution per trial: no significance test possible. Use folds or repeats."
    if base.trial.split_hash != other.trial.split_hash:
        return "They share no split, and one of them has only one completed execution."
    return "They share fewer than two completed splits."


def _ends(lines: Sequence[TrialTest]) -> tuple[float, float]:
    """A scale around every interval, difference and 0; never of no width."""
    known = [0.0]
    for line in lines:
        known += [each for each in line.by_part if each is not None]
        if line.apart is not None:
            ends = (line.apart.low, line.apart.high, line.apart.mean)
            known += [each for each in ends if each is not None]
    low, high = min(known), max(known)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _sentences(
    base: str, lines: Sequence[TrialTest], unit: str, range_words: str
) -> tuple[str, ...]:
    found = []
    for verdict in ("better", "worse"):
        clear = [line for line in lines if line.verdict == verdict]
        found += _clear(base, verdict, clear, range_words)
    left = [line for line in lines if line.verdict == "open"]
    lost = [line for line in left if line.apart is not None and not line.apart.is_open]
    found += [_after_correction(base, line, line.apart) for line in lost if line.apart is not None]
    tied = [line for line in left if line not in lost]
    if tied:
        ns = {line.apart.n if line.apart and line.apart.is_paired else None for line in tied}
        n = ns.pop() if len(ns) == 1 else None
        where = f" on these {n} {unit}" if n else ""
        found.append(
            f"{_listed([line.name for line in tied])}: no significant difference to {base}{where}."
        )
    untested = [line.name for line in lines if line.verdict == "untested"]
    if untested and len(untested) < len(lines):
        found.append(f"{_listed(untested)} could not be tested.")
    return tuple(found)


def _clear(base: str, verdict: str, lines: Sequence[TrialTest], range_words: str) -> list[str]:
    """A sentence each; of many one, which names the farthest."""
    farthest = sorted(lines, key=lambda line: -abs(line.apart.mean) if line.apart else 0.0)
    if len(farthest) > MOST_SENTENCES:
        first = f"{len(farthest)} trials are {verdict} than {base}, most of all {farthest[0].name}"
        return [f"{first}, by {_by(farthest[0].apart, range_words)}."]
    return [
        f"{capfirst(line.name)} is {verdict} than {base} by {_by(line.apart, range_words)}."
        for line in farthest
    ]


def _after_correction(base: str, line: TrialTest, apart: Difference) -> str:
    """One whose interval leaves 0 out by itself, but not after correction."""
    return (
        f"{capfirst(line.name)} differs by {spread(abs(apart.mean))} from {base}: not significant after "
        f"correction for multiple comparisons (p = {figures(line.p, 2)} adjusted)."
    )


def _by(apart: Difference | None, range_words: str) -> str:
    if apart is None or apart.low is None or apart.high is None:
        return "an unknown amount"
    low, high = sorted((abs(apart.low), abs(apart.high)))
    return f"{spread(abs(apart.mean))} ({range_words} {spread(low)} to {spread(high)})"


def _listed(names: Sequence[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"{len(names)} trials"
    return capfirst(get_text_list(list(names), "and"))
