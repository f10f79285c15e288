"""The expected score: what a search's winner will reach on new rows, with its 95 % interval.

A search score is optimistic twice: each execution reads the best of its epochs, and the winner is the
best of many trials. Cross-epoch scores (`cross_epochs.py`) answer for the first. For the second the
whole choice is repeated on bootstrap samples of the rows and the chosen trial is scored on the rows
that the sample left out (bootstrap bias corrected cross-validation, BBC-CV: Tsamardinos, Greasidou &
Borboudakis 2018, Bootstrapping the out-of-sample predictions for efficient and accurate
cross-validation, algorithm 3).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt
import scipy

from experiments.evaluation.row_estimates import Estimate, Measure, Vector, estimate_around

Matrix = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

SAMPLES: Final = 500
FEWEST_SAMPLES: Final = 100
WORK: Final = 4e8  # samples × rows × trials: a second of a slow core

Basis = Literal["rows", "folds", "nothing"]


@dataclass(frozen=True, slots=True)
class RowTable:
    """Row scores of trials over the same rows, higher is better.

    shown: (trials, units), at each execution's own best epoch: what the search compared. fair: the
    same at epochs that other rows chose. weights: (units,), adding up to 1: what a unit counts in a
    trial's score. A unit is a row, or the rows that belong together: a group, or neighbours in time.
    """

    numbers: tuple[int, ...]
    shown: Matrix
    fair: Matrix
    weights: Matrix
    rows: int

    @classmethod
    def of(
        cls,
        numbers: Sequence[int],
        executions: Sequence[tuple[Codes, Matrix, Matrix]],
        units: Codes | None = None,
    ) -> "RowTable":
        """Pool executions: each has its validation rows' numbers (n,) and both tables, (trials, n).

        Each execution counts equally and so do its rows. units: (rows of the data,), the unit of each.
        """
        index = np.concatenate([rows for rows, _, _ in executions])
        share = np.concatenate(
            [np.full(len(rows), 1 / (len(rows) * len(executions))) for rows, _, _ in executions]
        )
        named = index if units is None else units[index]
        _, place = np.unique(named, return_inverse=True)
        weights = np.bincount(place, share).astype(np.float64)
        tables = []
        for which in (1, 2):
            values = np.concatenate([each[which] for each in executions], axis=1) * share
            pooled = np.stack([np.bincount(place, row, minlength=len(weights)) for row in values])
            tables.append(pooled / weights)
        rows = len(np.unique(index))
        return cls(tuple(numbers), tables[0], tables[1], weights, rows)


@dataclass(frozen=True, slots=True)
class Choice:
    """The price of choosing the best of a table's trials: BBC-CV.

    place: of the best in the table. weights: (trials, units), how much of each row of each trial is in the mean
    score, on the rows that a bootstrap sample left out, of the trial that is the best in the sample.
    spread: by how much more the best of all that were tried stands out than the best of the table's.
    """

    place: int
    weights: Matrix
    spread: float = 1.0

    @property
    def chosen(self) -> list[int]:
        """Places of the trials that any sample chose, and of the best."""
        return sorted({self.place, *np.flatnonzero(self.weights.any(axis=1)).tolist()})

    def price(self, fair: Mapping[int, Vector]) -> float:
        """By how much the best one's mean of such scores is too good for it.

        fair: (units,) by place, of all chosen ones; any other one has no weight.
        """
        best = fair[self.place]
        price = float(sum(self.weights[place] @ (best - row) for place, row in fair.items()))
        return self.spread * price if price > 0 else price


@dataclass(frozen=True, slots=True)
class MetricScores:
    """An exact metric of a trial: the mean over its executions, and what it is expected to be on new rows."""

    search: float
    expected: Estimate


@dataclass(frozen=True, slots=True)
class Expected:
    """A trial's expected score and its interval, in the objective's units.

    low, high: None where nothing could tell. epochs, choice: by how much the search score is too good
    because each execution read its own best epoch, and because the trial is the best of `trials`;
    positive also where lower is better. rows: distinct validation rows, 0 where units are folds. trials:
    that it was chosen from. basis: what it was computed from: out-of-fold row scores, the scores of folds,
    or nothing. why: what is missing, as a sentence; empty where nothing is. metrics: by name, of other
    exact metrics than the objective's own.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    rows: int = 0
    trials: int = 1
    epochs: float = 0.0
    choice: float = 0.0
    basis: Basis = "rows"
    why: str = ""
    metrics: dict[str, MetricScores] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> "Expected | None":
        """From what `to_dict` gave; None where nothing was computed."""
        return msgspec.convert(source, cls) if source else None


def expected_scores(
    table: RowTable, choice: Choice, measure: Measure, *, is_partial: bool = False
) -> dict[int, Expected]:
    """The expected score of every trial of a table, by number.

    The best one pays the whole price of the choice. Another one was not chosen for its score alone, so
    it pays only what would else put it above the best one. is_partial: something is missing in the table, so
    that the whole correction is in doubt.
    """
    shown, fair = table.shown @ table.weights, table.fair @ table.weights
    ceiling = fair[choice.place] - choice.price(dict(enumerate(table.fair)))
    found = {}
    for place, number in enumerate(table.numbers):
        value = float(ceiling if place == choice.place else min(fair[place], ceiling))
        estimate = estimate_around(
            value,
            table.fair[place],
            table.weights,
            measure,
            shown=float(shown[place]),
            is_partial=is_partial,
        )
        found[number] = Expected(
            estimate.value,
            estimate.low,
            estimate.high,
            rows=table.rows,
            trials=len(table.numbers),
            epochs=float(shown[place] - fair[place]),
            choice=float(fair[place] - value),
        )
    return found


def choice_of_best(table: RowTable, *, seed: int = 0, scored: int = 1, tried: int = 1) -> Choice:
    """What the best trial's score owes to its being the best.

    The whole choice is repeated on bootstrap samples of the rows. scored: trials that ran to their end; tried:
    these and those that were stopped for their scores. Those aren't in the table, but the best had to be better
    than they too. The lead of the best of many grows as the largest of normal numbers does; how many count lies
    between both numbers, since those that were stopped were behind by more than bad luck. Their geometric mean
    leaves the least error over whole simulated searches (`bench evaluation --only shown`).
    """
    trials, units = table.shown.shape
    best = int((table.shown @ table.weights).argmax())
    weights = np.zeros((trials, units))
    if trials < 2 or units < 2:
        return Choice(best, weights)
    samples = int(np.clip(WORK / (units * trials), FEWEST_SAMPLES, SAMPLES))
    rng = np.random.default_rng([seed, units, trials])
    shown, counted = table.shown.T, 0
    for _ in range(samples):
        counts = np.bincount(rng.integers(0, units, units), minlength=units)
        left = np.where(counts == 0, table.weights, 0.0)
        total = left.sum()
        if total > 0:
            chosen = int(((counts * table.weights) @ shown).argmax())
            weights[chosen] += left / total
            counted += 1
    counting = math.sqrt(scored * max(tried, scored))
    spread = largest_of(counting) / largest_of(scored) if scored > 1 else 1.0
    return Choice(best, weights / max(1, counted), spread)


def largest_of(n: float) -> float:
    """The mean of the largest of n standard normal numbers, nearly (Blom 1958, eq. 6.10.1)."""
    return float(scipy.special.ndtri((n - 0.375) / (n + 0.25)))
