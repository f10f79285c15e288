"""Room: reports; imports the kernel only. What a space means: its size, draws, and a histogram a row."""

import itertools
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from experiments.number_words import plain
from experiments.search.history import History, ObservedTrial, Value, Values
from experiments.search.problems import SpaceError
from experiments.search.samplers.random import RandomSampler
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import FloatRange, IntRange
from experiments.search.space.space import Space

DRAWS = 1_000
ATTEMPTS = 20_000
SHOWN = 20
MOST_BARS = 12
MOST_POINTS = 20  # up to so many values, each has its own bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its share of the tallest bar in [0, 1], and what it stands for."""

    height: float
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """How the draws of one hyperparameter fall; `active`: share of the draws that have it."""

    name: str
    bars: tuple[Bar, ...]
    active: float

    @property
    def rects(self) -> tuple[tuple[float, float, float, float, str], ...]:
        """x, y, width, height in a square of 100 × 100, and what each bar stands for."""
        step = 100 / max(1, len(self.bars))
        return tuple(
            (
                round(place * step, 2),
                round(100 - 100 * bar.height, 1),
                round(step * 0.78, 2),
                round(100 * bar.height, 1),
                f"{bar.label}: {bar.count}",
            )
            for place, bar in enumerate(self.bars)
        )


@dataclass(frozen=True, slots=True)
class SpacePreview:
    """A space in pictures. `draws`: one tuple of values a configuration, in the order of `names`.

    kept: share of free draws that meet the constraints (1.0 without constraints).
    """

    names: tuple[str, ...]
    draws: tuple[tuple[Value | None, ...], ...]
    histograms: dict[str, Histogram]
    size: int | None
    searched: int
    kept: float

    @property
    def size_words(self) -> str:
        if self.searched == 0:
            return "one configuration"
        if self.size is None:
            return "continuous"
        if self.size < 1_000_000:
            return f"{self.size:,} configurations"
        if self.size < 1_000_000_000:
            return f"{self.size / 1e6:.3g} million configurations"
        return f"about 10^{round(math.log10(self.size))} configurations"


def space_preview(space: Space, *, seed: int) -> SpacePreview:
    """Draw the space; the shown draws are the first trials of a random search with this seed."""
    return _preview(json.dumps(space.to_dict()), seed)


# The form asks at each change, and most leave the space as it is. As a text, since 1 and 1.0 are equal
# and are shown as they were written.
@lru_cache(maxsize=64)
def _preview(text: str, seed: int) -> SpacePreview:
    space = Space.from_dict(json.loads(text))
    draws, kept = _draws(space, np.random.default_rng([seed % 2**64, 0]))
    first = _first_trials(space, seed) if len(draws) >= SHOWN else draws
    names = tuple(row.name for row in space.searched)
    return SpacePreview(
        names=names,
        draws=tuple(tuple(values.get(name) for name in names) for values in first),
        histograms={row.name: histogram(row, draws) for row in space.searched},
        size=space.size(),
        searched=len(names),
        kept=kept,
    )


def row_histogram(row: Mapping[str, Any], *, seed: int) -> Histogram | None:
    """The histogram of one row by itself, for a space that is wrong elsewhere; None if it is wrong."""
    try:
        space = Space.from_dict({"hyperparameters": [{**row, "only_if": None}], "constraints": []})
    except SpaceError:
        return None
    if not space.searched:
        return None
    rng = np.random.default_rng([seed % 2**64, 0])
    return histogram(space.searched[0], [space.draw(rng) for _ in range(DRAWS)])


def histogram(row: Hyperparameter, draws: Sequence[Values]) -> Histogram:
    """Count how draws fall, on the row's own scale."""
    values = [values[row.name] for values in draws if row.name in values]
    active = len(values) / len(draws) if draws else 0.0
    points = list(row.values(MOST_BARS)) if (row.count() or math.inf) <= MOST_POINTS else None
    if points is not None:
        counted = Counter(values)
        counts = [counted[point] for point in points]
        labels = [plain(point) for point in points]
    else:
        counts, labels = _binned(row, values)
    tallest = max(counts, default=0) or 1
    bars = tuple(
        Bar(count / tallest, label, count) for count, label in zip(counts, labels, strict=True)
    )
    return Histogram(row.name, bars, active)


def _binned(row: Hyperparameter, values: Sequence[Value]) -> tuple[list[int], list[str]]:
    """Bins of equal width: in the value where the scale is linear, else in its logarithm."""
    if not isinstance(row, IntRange | FloatRange):
        counted = Counter(values).most_common(MOST_BARS)
        return [count for _, count in counted], [plain(value) for value, _ in counted]
    low, high = float(row.min), float(row.max)
    numbers = np.array([float(value) for value in values], dtype=np.float64)
    logarithmic = row.scale != "linear" and low > 0
    if logarithmic:
        numbers, low, high = np.log10(numbers), math.log10(low), math.log10(high)
    counts, edges = np.histogram(numbers, bins=MOST_BARS, range=(low, high))
    ends = 10**edges if logarithmic else edges
    labels = [f"{a:.3g} to {b:.3g}" for a, b in itertools.pairwise(ends)]
    return [int(count) for count in counts], labels


def _first_trials(space: Space, seed: int) -> list[Values]:
    """What random search suggests for the trials 0, 1, …; fewer where the space is used up."""
    sampler = RandomSampler()
    made: list[ObservedTrial] = []
    for number in range(SHOWN):
        rng = np.random.default_rng([seed % 2**64, number])
        suggestion = sampler.suggest(space, History(tuple(made)), number, rng)
        if suggestion is None:
            break
        made.append(ObservedTrial(number, dict(suggestion.values), "completed"))
    return [trial.values for trial in made]


def _draws(space: Space, rng: np.random.Generator) -> tuple[list[Values], float]:
    """Draw until there are enough, or until tight constraints have cost enough attempts.

    Returns: the draws that meet the constraints (at least one), and their share of the attempts.
    """
    found: list[Values] = []
    attempts = 0
    while len(found) < DRAWS and attempts < ATTEMPTS:
        values = space.decode(rng.random(len(space)))
        attempts += 1
        if space.meets(values):
            found.append(values)
    return found or [space.draw(rng)], len(found) / attempts
