"""Reports: the trials that a person selected on an experiment's page, and the space around them. Imports models.

A selection is what is chosen by number, else what a filter and brushes keep.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.models import Experiment, Trial
from experiments.reports.trials.all_trials import read_columns
from experiments.reports.trials.order import Column, Order, Sieve, kept_keys, name_of
from experiments.search.history import Values
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, Fixed, FloatRange, IntRange
from experiments.search.space.narrowing import Region, Shrunk, hull, shrink
from experiments.search.space.space import Space

SHOWN_CHOICES = 8


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row of the space before and after; note: why it could not be narrowed."""

    name: str
    before: str
    after: str
    note: str = ""

    @property
    def is_other(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A space made narrower around a selection. basis: what it follows, in words."""

    space: Space
    basis: str
    rows: tuple[RowChange, ...]

    @property
    def changed(self) -> int:
        return sum(row.is_other for row in self.rows)


def selected_values(
    experiment: Experiment, columns: tuple[Column, ...], sieve: Sieve | None, chosen: Sequence[int]
) -> list[Values]:
    """Values of the selected trials, by number; of all of them where nothing is selected."""
    trials = Trial.objects.filter(experiment=experiment)
    if chosen:
        return list(trials.filter(number__in=chosen).values_list("values", flat=True))
    found = read_columns(trials.order_by("number"), ("pk", "values"))
    if sieve is None:
        return list(found["values"])
    any_order = Order("number", descending=False)
    kept = set(kept_keys(trials, any_order, columns, sieve, maximize=True))
    return [
        values for key, values in zip(found["pk"], found["values"], strict=True) if key in kept
    ]


def narrowed_to_brushes(before: Space, brushes: Mapping[str, Region]) -> Narrowing:
    """To brushed columns; those of no hyperparameter are not looked at. Raises SpaceError."""
    regions = {name_of(key): region for key, region in brushes.items()}
    return _narrowing(before, shrink(before, regions), "the brushed ranges")


def narrowed_to_trials(before: Space, configurations: Sequence[Values]) -> Narrowing:
    """To the smallest ranges that hold all of the configurations. Raises SpaceError."""
    count = len(configurations)
    basis = (
        f"the ranges of the {count:,} selected trials" if count > 1 else "the one selected trial"
    )
    return _narrowing(before, shrink(before, hull(before, configurations)), basis)


def _narrowing(before: Space, shrunk: Shrunk, basis: str) -> Narrowing:
    rows = (
        RowChange(
            name=row.name,
            before=row_words(row),
            after=row_words(shrunk.space[row.name])
            if row.name in shrunk.space
            else "dropped: never active",
            note=shrunk.notes.get(row.name, ""),
        )
        for row in before.hyperparameters
    )
    return Narrowing(shrunk.space, basis, tuple(rows))


def row_words(row: Hyperparameter) -> str:
    """What a row may be, in a few words: 0.0001 to 0.1, log."""
    match row:
        case IntRange() | FloatRange():
            scale = "" if row.scale == "linear" else f", {row.scale.replace('_', ' ')}"
            step = "" if row.step is None else f", step {row.step:g}"
            return f"{row.min:.6g} to {row.max:.6g}{scale}{step}"
        case Choice():
            return _listed(row.choices)
        case Boolean():
            return "true, false"
        case Fixed():
            return f"fixed at {_word(row.value)}"
    raise TypeError(row)


def _listed(choices: Iterable[object]) -> str:
    words = [_word(choice) for choice in choices]
    more = len(words) - SHOWN_CHOICES
    return ", ".join(words[:SHOWN_CHOICES]) + (f" and {more:,} more" if more > 0 else "")


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
