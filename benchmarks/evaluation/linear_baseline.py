"""How often winners of simulated searches are said to be better than the linear model, or no better, and are not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy import stats

from benchmarks.evaluation.labels import CELLS, MOST_WRONG, tabled
from benchmarks.evaluation.markdown import table_of
from benchmarks.evaluation.scored_searches import (
    COUNTS,
    Cell,
    ScoredSearch,
    in_parallel,
    kept_search,
)
from benchmarks.evaluation.searches import best_of
from benchmarks.evaluation.shown import CHANCE, estimate, of_trials, row_table
from experiments.evaluation.expected import RowTable
from experiments.tuner.baseline_outcomes import Outcome, by_rows

NO_BETTER_BUT: Final = 0.02  # truly better by more than this, and "at least as good" is a loss
CLEARLY: Final = 0.03  # truly better by at least this, and "better" should be said


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of the winner of one search's first trials beside the linear model.

    gain: by how much the winner is truly better, over the very models that both trained.
    """

    cell: Cell
    trials: int
    said: Outcome
    gain: float


@dataclass(frozen=True, slots=True)
class Share:
    """Verdicts that are of a kind, out of those that could be."""

    found: int
    of: int

    @classmethod
    def said(cls, outcome: Outcome, verdicts: Sequence[Verdict]) -> "Share":
        """How many of the verdicts are this one."""
        return cls(sum(each.said == outcome for each in verdicts), len(verdicts))

    def __str__(self) -> str:
        return f"{self.found} of {self.of}"


@dataclass(frozen=True, slots=True)
class Line:
    """Searches alike in rows, protocol and trials, healthy or shuffled, of all datasets.

    wrong: said to be better, of winners that are not. lost: of winners better by more than .02, those said
    to be no better. seen: said to be better, of those better by .03.
    """

    rows: int
    protocol: str
    trials: int
    shuffled: bool
    wrong: Share
    lost: Share
    seen: Share

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> "Line":
        """Of verdicts on searches that are alike."""
        first = verdicts[0]
        return cls(
            first.cell.rows,
            first.cell.protocol,
            first.trials,
            first.cell.shuffled,
            Share.said("better", [each for each in verdicts if each.gain <= 0]),
            Share.said("worse", [each for each in verdicts if each.gain > NO_BETTER_BUT]),
            Share.said("better", [each for each in verdicts if each.gain >= CLEARLY]),
        )

    @property
    def is_met(self) -> bool:
        """Whether so many wrong verdicts fit a true share of at most 5 %."""
        wrong = self.wrong
        return bool(stats.binom.sf(wrong.found - 1, wrong.of, MOST_WRONG) > CHANCE)


def beside_linear_models(searches: int, cells: Sequence[Cell] = CELLS) -> dict[str, Any]:
    """Play healthy and shuffled searches and count what is said of their winners."""
    verdicts = in_parallel(judge, [(cell, seed) for seed in range(searches) for cell in cells])
    return tabled(verdicts, Line.of, markdown)


def judge(job: tuple[Cell, int]) -> list[Verdict]:
    """One search of a cell, and the smaller ones that its first trials are."""
    cell, seed = job
    search = kept_search(cell, seed)
    table, linear = row_table(search), linear_table(search)
    return [verdict(cell, search, of_trials(table, range(count)), linear) for count in COUNTS]


def linear_table(search: ScoredSearch) -> RowTable:
    """The linear model's row scores, as those of a search of one trial."""
    return row_table(replace(search, scores=[each[None] for each in search.linear]))


def verdict(cell: Cell, search: ScoredSearch, table: RowTable, linear: RowTable) -> Verdict:
    """What the product says of the best of a table's trials."""
    winner = table.numbers[best_of(table.shown @ table.weights)]
    sign = 1.0 if search.higher_is_better else -1.0
    found = by_rows(
        table,
        winner,
        linear,
        reached=(
            estimate(search, table)[winner].value,
            sign * float(linear.fair[0] @ table.weights),
        ),
        higher_is_better=search.higher_is_better,
        tried=len(table.numbers),
    )
    gain = sign * float(np.mean(search.truth[winner]) - np.mean(search.linear_truth))
    return Verdict(cell, len(table.numbers), found["outcome"], gain)


def markdown(lines: Sequence[Line]) -> str:
    """A row for each size and protocol; the numbers of trials side by side."""
    rows: dict[tuple[str, str], dict[bool, list[Line]]] = {}
    for line in lines:
        key = (f"{line.rows:,}", line.protocol)
        rows.setdefault(key, {False: [], True: []})[line.shuffled].append(line)
    kinds = [
        "healthy: wrong “better”",
        "shuffled: wrong “better”",
        "wrong “as good”",
        "right “better”",
    ]
    head = ["rows", "protocol", *kinds]
    cells = (
        [
            *key,
            *(" / ".join(f"{line.wrong}" for line in found[each]) for each in (False, True)),
            " / ".join(f"{line.lost}" for line in found[False]),
            " / ".join(f"{line.seen}" for line in found[False]),
        ]
        for key, found in rows.items()
    )
    return table_of(head, list(cells))
