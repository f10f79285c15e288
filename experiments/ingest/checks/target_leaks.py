"""Columns that alone predict the target on rows that they weren't fitted on."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.data_schema import Column, DataSchema, Target
from experiments.ingest.checks.outcome import Found, NotChecked, NotFound, Outcome, some

FEWEST_ROWS: Final = 30
MOST_ROWS: Final = 20_000  # a random part of more rows
BINS: Final = 64  # of numbers with many values, at quantiles
FEWEST_IN_BIN: Final = 5
# From here on a column is said to reveal the target; DataRobot calls a Gini of 0.975 a high risk of leakage.
LEAKING_CLASSES: Final = 0.975  # balanced accuracy, from 0 (chance) to 1
UNJUDGED: Final = -np.inf
LEAKING_NUMBERS: Final = 0.98  # R² of ranks

Codes = NDArray[np.int64]


def leak_outcomes(
    schema: DataSchema,
    numbers: NDArray[np.float32],
    categories: NDArray[np.int32],
    targets: Sequence[NDArray[Any]],
) -> Iterator[Outcome]:
    """Each input column by itself as a model of each target: means or majorities of its bins.

    numbers, categories: n rows by column, NaN and -1 = missing, which is a bin of its own. Two
    halves of the rows are each fitted and predict the other.
    """
    rows = _sample(len(numbers), targets[0], schema.targets[0])
    if len(rows) < FEWEST_ROWS:
        why = f"{some(len(rows), 'row', 'rows')}; at least {FEWEST_ROWS} are needed."
        yield NotChecked("target_leak", why)
        return
    halves = np.arange(len(rows)) % 2 == 0
    found, unjudged = [], 0
    places = {
        "number": iter(range(numbers.shape[1])),
        "category": iter(range(categories.shape[1])),
    }
    for column in schema.columns:
        place = next(places[column.type])
        values = (numbers if column.type == "number" else categories)[rows, place]
        for target, y in zip(schema.targets, targets, strict=True):
            skill = _skill(values, y[rows], target, halves)
            unjudged += skill == UNJUDGED
            if skill >= (LEAKING_CLASSES if target.classes else LEAKING_NUMBERS):
                found.append(_found(column, target, skill))
    of_all = "" if len(rows) == len(numbers) else f" of {len(numbers):,}"
    looked = f"{some(len(schema.columns), 'column', 'columns')}, {len(rows):,}{of_all} rows"
    yield from found or ([] if unjudged else [NotFound("target_leak", looked)])
    if unjudged:
        few = f"fewer than {FEWEST_IN_BIN} rows of each value, so that nothing can be fitted."
        yield NotChecked("target_leak", f"{some(unjudged, 'column has', 'columns have')} {few}")


def _found(column: Column, target: Target, skill: float) -> Found:
    measure = "balanced accuracy above chance" if target.classes else "R² of ranks"
    name = column.source or column.name
    return Found(
        "target_leak",
        f"Column {column.name} alone predicts {target.name}: {measure} {skill:.3f} on rows that "
        "it wasn't fitted on.",
        f"Leave it out unless {name} is known before {target.name} is; otherwise scores are too "
        "optimistic for new rows.",
        name,
        "skip",
    )


def _sample(count: int, y: NDArray[Any], target: Target) -> NDArray[np.int64]:
    """Random rows, of each class at most its share of MOST_ROWS, in a random order by class."""
    order = np.random.default_rng(0).permutation(count)
    if not target.classes:
        return order[:MOST_ROWS]
    labels = y[order].astype(np.int64)
    most = max(2 * FEWEST_IN_BIN, MOST_ROWS // len(target.classes))
    by_class = np.argsort(labels, kind="stable")
    begins = np.searchsorted(labels[by_class], np.arange(len(target.classes)))
    rank = np.arange(count) - begins[labels[by_class]]
    return order[by_class[rank < most]]


def _skill(
    values: NDArray[Any], y: NDArray[Any], target: Target, first: NDArray[np.bool_]
) -> float:
    """The better of two models of a column, by values and by bins: 0 is no skill, 1 is perfect."""
    y = y.astype(np.int64) if target.classes else _ranks(y)
    judge = _class_skill if target.classes else _number_skill
    classes = len(target.classes)
    return max(
        (judge(codes, y, first, classes) for codes in _codings(values, first)),
        default=UNJUDGED,
    )


def _codings(values: NDArray[Any], first: NDArray[np.bool_]) -> Iterator[Codes]:
    different, codes = np.unique(values, return_inverse=True)  # NaN is one value, the last
    codes = codes.reshape(-1).astype(np.int64)
    if len(different) <= len(values) / FEWEST_IN_BIN:
        yield codes
    if values.dtype.kind == "f" and len(different) > 2:
        count = min(BINS, len(values) // (2 * FEWEST_IN_BIN))
        present = np.sort(codes[~np.isnan(values) & first])
        if len(present):
            edges = present[np.linspace(0, len(present) - 1, count + 1).astype(int)[1:-1]]
            bins = np.searchsorted(np.unique(edges), codes, side="right")
            yield np.where(np.isnan(values), count + 1, bins)


def _class_skill(codes: Codes, y: Codes, first: NDArray[np.bool_], classes: int) -> float:
    """Balanced accuracy above chance, of the class that is relatively commonest at each code."""
    most = int(codes.max()) + 1
    right = np.zeros(len(y), dtype=bool)
    for fitted in (first, ~first):
        counts = np.bincount(codes[fitted] * classes + y[fitted], minlength=most * classes)
        totals = np.maximum(np.bincount(y[fitted], minlength=classes), 1)
        best = np.argmax(counts.reshape(most, classes) / totals, axis=1)
        right[~fitted] = best[codes[~fitted]] == y[~fitted]
    counts = np.bincount(y, minlength=classes)
    recalls = np.bincount(y, weights=right, minlength=classes)[counts > 0] / counts[counts > 0]
    chance = 1 / len(recalls)
    return float((recalls.mean() - chance) / (1 - chance)) if len(recalls) > 1 else 0.0


def _number_skill(codes: Codes, y: NDArray[Any], first: NDArray[np.bool_], _: int) -> float:
    """R² of the means of each code; a code that the other half lacks predicts the overall mean."""
    most = int(codes.max()) + 1
    predicted = np.empty(len(y))
    for fitted in (first, ~first):
        counts = np.bincount(codes[fitted], minlength=most)
        sums = np.bincount(codes[fitted], weights=y[fitted], minlength=most)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), y[fitted].mean())
        predicted[~fitted] = means[codes[~fitted]]
    spread = float(np.sum((y - y.mean()) ** 2))
    return 1 - float(np.sum((y - predicted) ** 2)) / spread if spread else 0.0


def _ranks(y: NDArray[Any]) -> NDArray[np.float64]:
    """Mean ranks, so that a few huge values don't decide."""
    _, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse.reshape(-1)].astype(np.float64)
