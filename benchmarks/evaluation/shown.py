"""What is shown of a winner against what it reaches on new rows, over whole simulated searches."""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import stats
from threadpoolctl import threadpool_limits

from benchmarks.evaluation.markdown import table_of
from benchmarks.evaluation.populations import Codes
from benchmarks.evaluation.scored_searches import (
    COUNTS,
    TRIALS,
    Cell,
    ScoredSearch,
    in_parallel,
    kept_search,
)
from benchmarks.evaluation.searches import best_of
from experiments.evaluation.cross_epochs import CrossEpochs
from experiments.evaluation.expected import Expected, RowTable, choice_of_best, expected_scores
from experiments.evaluation.row_estimates import Measure
from experiments.evaluation.splitting import units_by

DATA: Final = ("linear", "clusters", "mnist")
SIZES: Final = (150, 600, 5000)
SPLITS: Final = ("5 folds", "5 rounds", "holdout", "holdout × 5 seeds")
OTHERS: Final = (Cell("grouped", 600, "5 grouped folds"), Cell("ordered", 600, "5 ordered folds"))
PRUNED: Final = tuple(
    Cell(data, rows, split, pruned=True)
    for rows, split, data in product((150, 600), ("5 folds", "holdout"), DATA)
)
COVERED: Final = (0.92, 0.98)
MOST_BIAS: Final = 0.01
CHANCE: Final = 0.01  # to call a cell wrong that is right
MOST_SECONDS: Final = 1.0
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One search's winner. Biases are of the expected and of the search score, optimistic if above 0."""

    cell: Cell
    trials: int
    covered: bool
    bias: float
    search_bias: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """The searches of one cell and number of trials."""

    cell: Cell
    trials: int
    searches: int
    covered: float
    bias: float
    bias_error: float
    search_bias: float
    width: float

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "Line":
        """Of outcomes that are alike in cell and number of trials."""
        biases = np.array([each.bias for each in outcomes])
        return cls(
            outcomes[0].cell,
            outcomes[0].trials,
            len(outcomes),
            float(np.mean([each.covered for each in outcomes])),
            float(biases.mean()),
            float(biases.std(ddof=1) / math.sqrt(len(biases))) if len(biases) > 1 else math.inf,
            float(np.mean([each.search_bias for each in outcomes])),
            float(np.mean([each.width for each in outcomes])),
        )

    @property
    def is_covering(self) -> bool:
        """Whether so many hits fit a true coverage of 92 to 98 %."""
        hits = round(self.covered * self.searches)
        too_few = stats.binom.cdf(hits, self.searches, COVERED[0])
        too_many = stats.binom.sf(hits - 1, self.searches, COVERED[1])
        return bool(min(too_few, too_many) > CHANCE / 2)

    @property
    def is_unbiased(self) -> bool:
        """Whether the mean error fits a true bias within ± .01."""
        margin = stats.norm.isf(CHANCE / 2) * self.bias_error
        return bool(abs(self.bias) <= MOST_BIAS + margin)


def shown(searches: int, cells: Sequence[Cell] | None = None) -> dict[str, Any]:
    """Play the searches of every cell and judge what was shown of their winners."""
    every = cells or [
        *(Cell(data, rows, split) for rows, split, data in product(SIZES, SPLITS, DATA)),
        *OTHERS,
        *PRUNED,
    ]
    outcomes = in_parallel(play, [(cell, seed) for seed in range(searches) for cell in every])
    lines = [
        Line.of(alike)
        for cell in every
        for count in COUNTS
        if (alike := [each for each in outcomes if (each.cell, each.trials) == (cell, count)])
    ]
    return {
        "table": markdown(lines),
        "searches": searches,
        "covered": round(float(np.mean([line.covered for line in lines])), 3),
        "not_covering": [_name(line) for line in lines if not line.is_covering],
        "biased": [_name(line) for line in lines if not line.is_unbiased],
        "cpu_seconds": round(cpu_seconds(), 2),
        "met": all(line.is_covering and line.is_unbiased for line in lines),
    }


def play(job: tuple[Cell, int]) -> list[Outcome]:
    """One search of a cell, and the smaller ones that its first trials are."""
    cell, seed = job
    search = kept_search(cell, seed)
    table = row_table(search)
    return [
        _outcome(cell, search, of_trials(table, places), tried=n)
        for n, places in zip(COUNTS, cell.finalists(search.curves), strict=True)
        if n > 1 or not cell.pruned
    ]


def _outcome(cell: Cell, search: ScoredSearch, table: RowTable, *, tried: int) -> Outcome:
    scores = table.shown @ table.weights
    best = best_of(scores)
    number = table.numbers[best]
    sign = 1.0 if search.higher_is_better else -1.0
    truth = float(search.truth[number].mean())
    expected = estimate(search, table, tried=tried)[number]
    if expected.value is None or expected.low is None or expected.high is None:
        raise ValueError(f"Nothing was shown of the winner in {cell}.")
    return Outcome(
        cell,
        tried,
        expected.low <= truth <= expected.high,
        sign * (expected.value - truth),
        float(scores[best]) - sign * truth,
        expected.high - expected.low,
    )


def estimate(search: ScoredSearch, table: RowTable, *, tried: int = 1) -> dict[int, Expected]:
    """What the product shows of each trial. tried: of how many the table's are what pruning left."""
    return expected_scores(
        table,
        choice_of_best(table, scored=len(table.numbers), tried=tried),
        Measure(search.higher_is_better, "share" if search.metric == "accuracy" else "loss"),
    )


def row_table(search: ScoredSearch) -> RowTable:
    """All trials' row scores as the product stores and pools them."""
    sign = 1.0 if search.higher_is_better else -1.0
    both = []
    units = units_of(search)
    for rows, scores in zip(search.rows, search.scores, strict=True):
        best = (sign * scores.mean(axis=2)).argmax(axis=1)
        own = None if units is None else units[rows]
        crossed = [
            _crossed(each, own, higher_is_better=search.higher_is_better) for each in scores
        ]
        both.append((scores[np.arange(len(scores)), best], np.stack(crossed)))
    return pooled(search, both)


def pooled(search: ScoredSearch, both: Sequence[tuple[Any, Any]]) -> RowTable:
    """A table of each execution's row scores, (trials, rows), at its own best epoch and at others' choice."""
    sign = 1.0 if search.higher_is_better else -1.0
    executions = [
        (rows, sign * own.astype(np.float64), sign * crossed.astype(np.float64))
        for rows, (own, crossed) in zip(search.rows, both, strict=True)
    ]
    return RowTable.of(range(len(both[0][0])), executions, units_of(search))


def units_of(search: ScoredSearch) -> Codes | None:
    """What rows belong together, as the product has it."""
    return None if search.codes is None else units_by(search.codes, search.protocol)


def _crossed(
    epochs: npt.NDArray[np.float32], units: Codes | None, *, higher_is_better: bool
) -> Scores:
    follower = CrossEpochs(epochs.shape[1], higher_is_better=higher_is_better, units=units)
    for scores in epochs:
        follower.see(scores.astype(np.float64))
    return follower.scores


def of_trials(table: RowTable, places: Iterable[int]) -> RowTable:
    """The table of a search that had only these trials."""
    chosen = np.array(list(places))
    return replace(
        table,
        numbers=tuple(table.numbers[place] for place in chosen),
        shown=table.shown[chosen],
        fair=table.fair[chosen],
    )


def cpu_seconds() -> float:
    """CPU of the estimates of 100 trials over 5,000 rows."""
    search = kept_search(Cell("linear", 5000, "5 folds"), 0)
    table = row_table(search)
    table = of_trials(table, [*range(TRIALS), *range(TRIALS)])
    table = replace(table, numbers=tuple(range(2 * TRIALS)))
    with threadpool_limits(1):
        began = time.process_time()
        estimate(search, table)
        return time.process_time() - began


def _name(line: Line) -> str:
    return f"{line.cell.data} {line.cell.rows} rows, {line.cell.words}, {line.trials} trials"


def markdown(lines: Sequence[Line]) -> str:
    """A row for each size, protocol and number of trials; the datasets side by side."""
    rows: dict[tuple[str, str, str], list[Line]] = {}
    for line in lines:
        key = (f"{line.cell.rows:,}", line.cell.words, str(line.trials))
        rows.setdefault(key, []).append(line)
    head = ["rows", "protocol", "trials", "covered, %", "bias", "search score’s bias", "width"]
    return table_of(
        head,
        [
            [
                *key,
                " / ".join(f"{100 * line.covered:.0f}" for line in alike),
                " / ".join(f"{line.bias:+.3f}" for line in alike),
                " / ".join(f"{line.search_bias:+.3f}" for line in alike),
                " / ".join(f"{line.width:.3f}" for line in alike),
            ]
            for key, alike in rows.items()
        ],
    )
