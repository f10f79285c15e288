"""Rows that repeat one another, exactly by their hash or nearly by distance."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.evaluation.split_warnings import same_rows
from experiments.ingest.checks.outcome import Found, NotChecked, NotFound, Outcome, some

FEWEST_KEPT: Final = 0.5  # share of equal pairs that stay pairs, whichever column is left out
PROBED: Final = 5  # columns that are left out in turn, those with the most values
FEWEST_VALUES: Final = 20  # of a number column, to speak of near; one with fewer must be equal
TOLERANCES: Final = (0.08, 0.02, 0.005, 0.00125)  # root mean square, in standard deviations
WIDER: Final = (
    4.0  # chance alone would find so many times more pairs, or more, within WIDER × tolerance
)
CROWDED: Final = 0.2  # share of rows with a neighbour from which on distances tell nothing
CERTAIN: Final = 0.7  # share of the wider pairs that are near already
FEWEST_NEAR: Final = 6  # rows
FIELDS: Final = 8  # of an image, along each side
MOST_ROWS: Final = 20_000  # a random part of more rows, where near ones are searched
AXES: Final = 8  # random projections in which neighbours are searched
FIX: Final = "Remove the copies, or keep them together: group by a column that names their source."

Array = NDArray[Any]


def table_repeats(numbers: Array, categories: Array) -> Iterator[Outcome]:
    """Exact and near copies of a table's rows, by its inputs alone. n rows by column."""
    codes = _same(numbers, categories)
    repeats = _repeats(codes)
    if not repeats:
        yield NotFound("copies", f"{len(codes):,} rows, all inputs equal")
    elif _by_chance(numbers, categories, codes):
        yield NotFound(
            "copies",
            f"{some(repeats, 'row equals', 'rows equal')} an earlier one, no more often than "
            "columns with few different values bring about",
        )
    else:
        yield _copies(repeats, "row repeats", "rows repeat")
    coarse = np.array(
        [len(np.unique(column)) <= FEWEST_VALUES for column in numbers.T], dtype=bool
    )
    if coarse.all():
        why = f"No number column has more than {FEWEST_VALUES} different values."
        yield NotChecked("near_copies", why)
        return
    rows = _sample(len(numbers))
    fine = numbers[np.ix_(rows, ~coarse)].astype(np.float64)
    missing = np.isnan(fine)
    means, spreads = np.nanmean(fine, axis=0), np.nanstd(fine, axis=0)
    fine = np.where(missing, 0.0, (fine - means) / np.where(spreads > 0, spreads, 1))
    kinds = _same(numbers[np.ix_(rows, coarse)], categories[rows], missing)
    yield _near(fine, kinds, len(numbers), ("row", "rows"))


def array_repeats(x: Array, test: Array | None, what: tuple[str, str]) -> Iterator[Outcome]:
    """Exact and near copies among rows of numbers such as images, and in their test part.

    what: one row and several in words. An image is compared by the means of at most 8 × 8 fields.
    """
    parts = x if test is None else np.concatenate([x, test])
    codes = _same(parts)
    yield from _exact(codes, len(x), what)
    rows = _sample(len(parts))
    fine = _pooled(parts[rows].astype(np.float32))
    spread = float(fine.std(dtype=np.float64))
    fine = fine.reshape(len(fine), -1) / (spread or 1.0)
    yield _near(fine, np.zeros(len(rows), dtype=np.int64), len(parts), what, rows >= len(x))


def text_repeats(
    x: Array, test: Array | None, what: tuple[str, str], *, ignored: int
) -> Iterator[Outcome]:
    """Exact copies of texts as word numbers, and near ones: without the first `ignored` numbers.

    Those are padding, the beginning, and every rare word.
    """
    parts = x if test is None else np.concatenate([x, test])
    codes = _same(parts)
    yield from _exact(codes, len(x), what)
    plain = np.zeros_like(parts)
    for row, words in enumerate(parts):
        kept = words[words >= ignored]
        plain[row, : len(kept)] = kept
    repeats = _repeats(_same(plain)) - _repeats(codes)
    if repeats:
        said = some(repeats, f"{what[0]} repeats", f"{what[1]} repeat")
        yield Found("near_copies", f"{said} an earlier one but for rare words.", FIX)
    else:
        yield NotFound("near_copies", f"{len(parts):,} {what[1]}, without rare words")


def _exact(codes: Array, training: int, what: tuple[str, str]) -> Iterator[Outcome]:
    one, many = what
    repeats = _repeats(codes[:training])
    if repeats:
        yield _copies(repeats, f"{one} repeats", f"{many} repeat")
    else:
        yield NotFound("copies", f"{training:,} {many}, every value equal")
    if training == len(codes):
        return
    known = np.isin(codes[training:], codes[:training]) & (codes[training:] >= 0)
    shared = int(known.sum())
    if shared:
        text = f"{some(shared, one, many)} of the test set {'is' if shared == 1 else 'are'} also in the training set."
        yield Found("test_overlap", text, "Remove them from one of the two.")
    else:
        yield NotFound("test_overlap", f"{len(codes) - training:,} test {many}, every value equal")


def _near(
    fine: Array, kinds: Array, total: int, what: tuple[str, str], of_test: Array | None = None
) -> Outcome:
    """Rows closer to another than chance: a tolerance finds nearly as many as 4 times it.

    fine: rows of numbers in standard deviations. kinds: what must be equal; below 0 = like no other.
    total: rows that these are a part of. of_test: which are the test part's.
    """
    one, many = what
    distances, nearest = _neighbours(fine, kinds)
    of_all = "" if len(fine) == total else f" of {total:,}"
    for tolerance in TOLERANCES:
        wide, near = distances <= WIDER * tolerance, distances <= tolerance
        if wide.mean() > CROWDED or near.sum() < max(FEWEST_NEAR, CERTAIN * wide.sum()):
            continue
        across = ""
        if of_test is not None and of_test.any():
            apart = near & of_test & ~of_test[nearest]
            across = f" {int(apart.sum()):,} of them are test {many} beside a training {one}."
        text = (
            f"{int(near.sum()):,} of {len(fine):,} {many} are nearly equal to another, within "
            f"{tolerance:g} standard deviations.{across} Near copies in both training and "
            "validation make scores too optimistic."
        )
        return Found("near_copies", text, FIX)
    looked = f"{len(fine):,}{of_all} {many}, within {TOLERANCES[0]:g} standard deviations"
    return NotFound("near_copies", looked)


def _sample(count: int) -> Array:
    rows = np.random.default_rng(0).permutation(count)[:MOST_ROWS]
    return np.sort(rows)


def _same(*arrays: Array) -> Array:
    """Codes of `same_rows`, over the arrays that have columns; without any, all rows are equal."""
    filled = [array for array in arrays if array.size]
    return same_rows(filled) if filled else np.zeros(len(arrays[0]), dtype=np.int64)


def _pooled(x: Array) -> Array:
    """Images (n, height, width, channels) as means of fields; all else as it is."""
    if x.ndim != 4 or min(x.shape[1:3]) < 2 * FIELDS:
        return x
    for axis in (1, 2):
        edges = np.linspace(0, x.shape[axis], FIELDS + 1).astype(int)
        sizes = np.diff(edges).reshape([-1 if at == axis else 1 for at in range(4)])
        x = np.add.reduceat(x, edges[:-1], axis=axis) / sizes
    return x


def _copies(repeats: int, one: str, many: str) -> Found:
    text = (
        f"{some(repeats, one, many)} an earlier one. Copies in both training and validation make "
        "scores too optimistic."
    )
    return Found("copies", text, FIX)


def _repeats(codes: Array) -> int:
    """Rows that equal an earlier one; codes of `same_rows`."""
    together = codes[codes >= 0]
    return len(together) - len(np.unique(together))


def _pairs(codes: Array) -> int:
    counts = np.bincount(codes[codes >= 0])
    return int(np.sum(counts * (counts - 1) // 2))


def _by_chance(numbers: Array, categories: Array, codes: Array) -> bool:
    """Whether leaving out a column makes many more rows equal; of copied rows it makes no more."""
    pairs = _pairs(codes)
    both = [(numbers, place) for place in range(numbers.shape[1])]
    both += [(categories, place) for place in range(categories.shape[1])]
    sizes = [len(np.unique(array[:, place])) for array, place in both]
    for index in np.argsort(sizes)[::-1][:PROBED]:
        array, place = both[index]
        rest = np.delete(array, place, axis=1)
        others = [rest, categories] if array is numbers else [numbers, rest]
        if pairs < FEWEST_KEPT * _pairs(_same(*others)):
            return True
    return False


def _neighbours(fine: Array, kinds: Array) -> tuple[Array, Array]:
    """Distance to the nearest other row that isn't equal, infinite where far; and which it is."""
    from scipy.spatial import cKDTree  # a third of a second, which pages need not pay

    axes = fine
    if fine.shape[1] > AXES:
        turned = np.random.default_rng(0).standard_normal((fine.shape[1], AXES))
        axes = fine @ (turned / np.sqrt(AXES))
    axes = np.column_stack(
        [axes / np.sqrt(fine.shape[1]), 1e3 * kinds]
    )  # a distance: root mean square
    alike = np.flatnonzero(kinds >= 0)
    distances, nearest = np.full(len(fine), np.inf), np.zeros(len(fine), dtype=np.int64)
    if len(alike) < 2:
        return distances, nearest
    first = alike[np.unique(axes[alike], axis=0, return_index=True)[1]]
    reach = 1.5 * WIDER * TOLERANCES[0]
    found, places = cKDTree(axes[first]).query(axes[first], k=2, distance_upper_bound=reach)
    has = np.isfinite(found[:, -1]) if len(first) > 1 else np.zeros(len(first), dtype=bool)
    here, there = first[has], first[places[has, 1]]
    distances[here] = np.sqrt(np.mean((fine[here] - fine[there]) ** 2, axis=1))
    nearest[here] = there
    return distances, nearest
