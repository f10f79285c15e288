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
    yield from found
    if not found and not unjudged:
        yield NotFound("target_leak", looked)
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
    """The best model of a column, by single values or by bins: 0 is no skill, 1 is perfect."""
    classes = len(target.classes)
    learnt: NDArray[Any] = y.astype(np.int64) if classes else _ranks(y)
    halves = (first, ~first)
    models = zip(
        *(_codings(values, fitted) for fitted in halves), strict=False
    )  # none of a half without values
    predicted = np.empty((0, len(learnt)))
    for codings in models:
        answers = np.empty(len(learnt))
        for fitted, codes in zip(halves, codings, strict=True):
            means = (
                _class_of(codes, learnt, fitted, classes)
                if classes
                else _mean_of(codes, learnt, fitted)
            )
            answers[~fitted] = means[codes[~fitted]]
        predicted = np.vstack([predicted, answers])
    judge = _class_skill if classes else _number_skill
    return max((judge(answers, learnt, classes) for answers in predicted), default=UNJUDGED)


def _codings(values: NDArray[Any], fitted: NDArray[np.bool_]) -> list[Codes]:
    """Ways to put the rows into bins, whose edges follow from the fitted rows; NaN is a bin."""
    if values.dtype.kind != "f":
        codes = np.where(values < 0, values.max() + 1, values).astype(np.int64)
        return [codes] if len(np.unique(codes)) <= len(codes) / FEWEST_IN_BIN else []
    missing = np.isnan(values)
    known = np.sort(values[fitted & ~missing])
    if not len(known):
        return []
    different = np.unique(known)
    quantiles = known[:: max(FEWEST_IN_BIN, -(-len(known) // BINS))]
    found = []
    for centres in (different, np.unique(quantiles)):
        edges = centres[:-1] + np.diff(centres) / 2 if centres is different else centres[1:]
        codes = np.searchsorted(edges, values, side="right")
        found.append(np.where(missing, len(edges) + 1, codes).astype(np.int64))
    return found


def _class_of(
    codes: Codes, y: Codes, fitted: NDArray[np.bool_], classes: int
) -> NDArray[np.float64]:
    """The class that is relatively commonest among the fitted rows of each code."""
    most = int(codes.max()) + 1
    counts = np.bincount(codes[fitted] * classes + y[fitted], minlength=most * classes)
    totals = np.maximum(np.bincount(y[fitted], minlength=classes), 1)
    best: NDArray[np.float64] = np.argmax(counts.reshape(most, classes) / totals, axis=1) * 1.0
    return best


def _mean_of(codes: Codes, y: NDArray[Any], fitted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The mean of the fitted rows of each code; of all where there is none."""
    most = int(codes.max()) + 1
    counts = np.bincount(codes[fitted], minlength=most)
    sums = np.bincount(codes[fitted], weights=y[fitted], minlength=most)
    means: NDArray[np.float64] = np.where(
        counts > 0, sums / np.maximum(counts, 1), y[fitted].mean()
    )
    return means


def _class_skill(predicted: NDArray[Any], y: Codes, classes: int) -> float:
    """Balanced accuracy above chance."""
    counts = np.bincount(y, minlength=classes)
    right = np.bincount(y, weights=predicted == y, minlength=classes)
    recalls = right[counts > 0] / counts[counts > 0]
    chance = 1 / len(recalls)
    return float((recalls.mean() - chance) / (1 - chance)) if len(recalls) > 1 else 0.0


def _number_skill(predicted: NDArray[Any], y: NDArray[Any], _: int) -> float:
    """R²."""
    spread = float(np.sum((y - y.mean()) ** 2))
    return 1 - float(np.sum((y - predicted) ** 2)) / spread if spread else 0.0


def _ranks(y: NDArray[Any]) -> NDArray[np.float64]:
    """Mean ranks, so that a few huge values don't decide."""
    _, inverse, counts = np.unique(y, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse.reshape(-1)].astype(np.float64)
