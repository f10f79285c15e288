"""The expected score: what a search's winner will reach on new rows, with its 95 % interval.

A search score is optimistic twice: each execution reads the best of its epochs, and the winner is the
best of many trials. Cross-epoch scores (`cross_epochs.py`) answer for the first. For the second the
whole choice is repeated on bootstrap samples of the rows and the chosen trial is scored on the rows
that the sample left out (bootstrap bias corrected cross-validation, BBC-CV: Tsamardinos, Greasidou &
Borboudakis 2018, Bootstrapping the out-of-sample predictions for efficient and accurate
cross-validation, algorithm 3). The target of the interval is the mean score, over all rows that there may
ever be, of the very models that the winner's executions trained: the k-fold test error of Bayle et al. 2020,
Cross-validation confidence intervals for test error, whose theorem 1 has the variance used here.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt
import scipy

Matrix = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

SAMPLES: Final = 500
FEWEST_SAMPLES: Final = 100
WORK: Final = 4e8  # samples × rows × trials: a second of a slow core
# Of the epochs' optimism: the model that is kept isn't the one of the crossed epochs. Measured over whole
# searches with known truth (`bench evaluation --only shown`): 0 covers 88 to 97 %, .3 covers 92 to 99 %.
DOUBT: Final = 0.3
SMALLEST_ERROR: Final = 1e-9

Scale = Literal["share", "loss", "number"]
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
class Expected:
    """A trial's expected score and its interval, in the objective's units.

    low, high: None where nothing could tell. epochs, choice: by how much the search score is too good
    because each execution read its own best epoch, and because the trial is the best of `trials`;
    positive also where lower is better. rows: distinct validation rows, 0 where units are folds. trials:
    that it was chosen from. basis: what it was computed from: out-of-fold row scores, the scores of folds,
    or nothing. why: what is missing, as a sentence; empty where nothing is.
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

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, source: dict[str, Any]) -> "Expected | None":
        """From what `to_dict` gave; None where nothing was computed."""
        return msgspec.convert(source, cls) if source else None


def expected_scores(
    table: RowTable,
    *,
    higher_is_better: bool,
    scale: Scale,
    seed: int = 0,
    is_partial: bool = False,
) -> dict[int, Expected]:
    """The expected score of every trial of a table, by number.

    The best one pays the whole price of the choice. Another one was not chosen for its score alone, so
    it pays only what would else put it above the best one. is_partial: something is missing in the table, so
    that the whole correction is in doubt.
    """
    sign = 1.0 if higher_is_better else -1.0
    shown, fair = table.shown @ table.weights, table.fair @ table.weights
    best = int(shown.argmax())
    choice = choice_optimism(table, best, seed=seed)
    ceiling = fair[best] - choice
    found = {}
    for place, number in enumerate(table.numbers):
        value = float(ceiling if place == best else min(fair[place], ceiling))
        epochs = float(shown[place] - fair[place])
        doubt = (shown[place] - value) if is_partial else DOUBT * epochs
        low, high = around(
            sign * value,
            standard_error(table, place),
            observed=sign * float(fair[place]),
            units=len(table.weights),
            doubt=max(0.0, float(doubt)),
            scale=scale,
        )
        found[number] = Expected(
            value=sign * value,
            low=low,
            high=high,
            rows=table.rows,
            trials=len(table.numbers),
            epochs=epochs,
            choice=float(fair[place] - value),
        )
    return found


def choice_optimism(table: RowTable, best: int, *, seed: int = 0) -> float:
    """By how much the best trial's score is too good because it is the best: BBC-CV.

    Mean over bootstrap samples of rows: on the rows left out, the trial that is the best of all minus the
    one that is the best in the sample.
    """
    trials, units = table.shown.shape
    if trials < 2 or units < 2:
        return 0.0
    samples = int(np.clip(WORK / (units * trials), FEWEST_SAMPLES, SAMPLES))
    rng = np.random.default_rng([seed, units, trials])
    shown, fair = table.shown.T, table.fair
    gaps = []
    for _ in range(samples):
        counts = np.bincount(rng.integers(0, units, units), minlength=units)
        chosen = int(((counts * table.weights) @ shown).argmax())
        left = np.where(counts == 0, table.weights, 0.0)
        total = left.sum()
        if total > 0:
            gaps.append(float(left @ (fair[best] - fair[chosen])) / total)
    return float(np.mean(gaps)) if gaps else 0.0


def standard_error(table: RowTable, place: int) -> float:
    """Of a trial's mean over its units: Bayle et al. 2020, eq. 4 with unequal weights."""
    scores = table.fair[place]
    units = len(scores)
    if units < 2:
        return 0.0
    around_mean = (scores - scores @ table.weights) * table.weights
    return float(np.sqrt((around_mean**2).sum() * units / (units - 1)))


def around(
    value: float, error: float, *, observed: float, units: int, doubt: float, scale: Scale
) -> tuple[float | None, float | None]:
    """The 95 % interval around an estimate; (None, None) of a single unit.

    error: standard error of `observed`, a mean over so many units, from which the estimate was made;
    doubt: what the corrections add to it. A share has Wilson's score interval (Wilson 1927) with the
    number of rows that such an error stands for; a loss an interval of its logarithm; other numbers a
    symmetric one. Student's t with units - 1 degrees of freedom.
    """
    if units < 2:
        return None, None
    t = float(scipy.special.stdtrit(units - 1, 0.975))
    if scale == "share":
        p = min(max(value, 0.0), 1.0)
        rows = observed * (1 - observed) / error**2 if error > SMALLEST_ERROR else float(units)
        if 0 < p < 1:
            rows = 1 / (1 / rows + doubt**2 / (p * (1 - p)))
        middle = (p + t * t / (2 * rows)) / (1 + t * t / rows)
        half = t / (1 + t * t / rows) * math.sqrt(p * (1 - p) / rows + t * t / (4 * rows * rows))
        return max(0.0, middle - half), min(1.0, middle + half)
    half = t * math.hypot(error, doubt)
    if scale == "loss" and value > 0:
        return value * math.exp(-half / value), value * math.exp(half / value)
    return value - half, value + half
