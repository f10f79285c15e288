"""How often "nothing beats the baseline" is said of whole simulated searches: of healthy ones, and of shuffled labels."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Protocol, TypeVar

from scipy import stats

from benchmarks.evaluation.markdown import table_of
from benchmarks.evaluation.scored_searches import Cell, ScoredSearch, in_parallel, kept_search
from benchmarks.evaluation.shown import CHANCE, DATA, of_trials, pooled, row_table
from experiments.evaluation.expected import RowTable
from experiments.evaluation.row_tests import p_of_none_better
from experiments.evaluation.statistical_ties import LEVEL

SIZES: Final = (150, 300, 600)
SPLITS: Final = ("2 folds", "3 folds", "5 folds", "holdout")
CELLS: Final = [
    Cell(data, rows, split, shuffled)
    for rows, split, shuffled, data in product(SIZES, SPLITS, (False, True), DATA)
]
COUNTS: Final = (10, 20, 50)  # trials of a search
MOST_WRONG: Final = 0.05
V = TypeVar("V", bound="Judged")
L = TypeVar("L", bound="Met")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it was said of one search's first trials that nothing beats the constant baseline."""

    cell: Cell
    trials: int
    nothing_beats: bool

    @property
    def is_wrong(self) -> bool:
        """Labels that are shuffled leave nothing to learn; all others do."""
        return self.nothing_beats != self.cell.shuffled


@dataclass(frozen=True, slots=True)
class Line:
    """Searches alike in rows, protocol and trials, healthy or shuffled, of all datasets."""

    rows: int
    protocol: str
    trials: int
    shuffled: bool
    searches: int
    wrong: int

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> "Line":
        """Of verdicts on searches that are alike."""
        first = verdicts[0]
        return cls(
            first.cell.rows,
            first.cell.protocol,
            first.trials,
            first.cell.shuffled,
            len(verdicts),
            sum(each.is_wrong for each in verdicts),
        )

    @property
    def is_met(self) -> bool:
        """Whether so many wrong verdicts fit a true share of at most 5 %."""
        return bool(stats.binom.sf(self.wrong - 1, self.searches, MOST_WRONG) > CHANCE)


def simulated_labels(searches: int, cells: Sequence[Cell] = CELLS) -> dict[str, Any]:
    """Play healthy and shuffled searches and count the wrong verdicts."""
    verdicts = in_parallel(judge, [(cell, seed) for seed in range(searches) for cell in cells])
    return tabled(verdicts, Line.of, markdown)


class Judged(Protocol):
    """A verdict on the first trials of one search."""

    @property
    def cell(self) -> Cell: ...
    @property
    def trials(self) -> int: ...


class Met(Protocol):
    """A line of a table with a target."""

    @property
    def is_met(self) -> bool: ...


def tabled(
    verdicts: Iterable[V], line: Callable[[list[V]], L], markdown: Callable[[list[L]], str]
) -> dict[str, Any]:
    """A line for the verdicts on searches that are alike in all but their dataset, and what was missed."""
    alike: dict[tuple[int, str, int, bool], list[V]] = {}
    for each in verdicts:
        key = (each.cell.rows, each.cell.protocol, each.trials, each.cell.shuffled)
        alike.setdefault(key, []).append(each)
    lines = [line(each) for _, each in sorted(alike.items(), key=lambda found: found[0])]
    return {
        "table": markdown(lines),
        "missed": [f"{each}" for each in lines if not each.is_met],
        "met": all(each.is_met for each in lines),
    }


def judge(job: tuple[Cell, int]) -> list[Verdict]:
    """One search of a cell, and the smaller ones that its first trials are."""
    cell, seed = job
    search = kept_search(cell, seed)
    table, constant = row_table(search), constant_table(search)
    return [
        Verdict(cell, count, nothing_beats(of_trials(table, range(count)), constant))
        for count in COUNTS
    ]


def nothing_beats(table: RowTable, baseline: RowTable) -> bool:
    """What the product says of these trials and this baseline."""
    return p_of_none_better(table, baseline) > LEVEL


def constant_table(search: ScoredSearch) -> RowTable:
    """The row scores of always giving the class shares of the training rows."""
    return pooled(search, [(scores[None], scores[None]) for scores in search.constant])


def markdown(lines: Sequence[Line]) -> str:
    """A row for each size and protocol; the numbers of trials side by side."""
    rows: dict[tuple[str, str], dict[bool, list[str]]] = {}
    for line in lines:
        wrong = f"{100 * line.wrong / line.searches:.1f}"
        key = (f"{line.rows:,}", line.protocol)
        rows.setdefault(key, {}).setdefault(line.shuffled, []).append(wrong)
    head = ["rows", "protocol", "healthy: wrong, %", "shuffled: wrong, %"]
    cells = (
        [*key, *(" / ".join(found[each]) for each in (False, True))] for key, found in rows.items()
    )
    return table_of(head, list(cells))
