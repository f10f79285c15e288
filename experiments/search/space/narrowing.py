"""Narrows a space to a selected region.

A region says for some hyperparameters what they may be; the space keeps its kinds, scales and
steps, and what can't be reached any more is left out.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, cast

from experiments.search.history import Value
from experiments.search.space.conditions import parents_first
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameter_json import MOST_CHOICES
from experiments.search.space.hyperparameters import (
    Boolean,
    Choice,
    Fixed,
    FloatRange,
    IntRange,
    Steps,
)
from experiments.search.space.space import Space

Bounds = tuple[float, float]
NOWHERE: Final = "the selection has no value in its range: unchanged"
OVERRULED: Final = "the selected values of {} need other values here: used instead"


@dataclass(frozen=True, slots=True)
class Region:
    """What one hyperparameter may be: a number in one of the ranges (both ends in), or a choice.

    None among the choices: it may be inactive too.
    """

    ranges: tuple[Bounds, ...] = ()
    choices: tuple[Value | None, ...] = ()

    def holds(self, value: Value) -> bool:
        """Whether a value lies in it; true is not 1."""
        is_flag = isinstance(value, bool)
        if any(value == each and isinstance(each, bool) == is_flag for each in self.choices):
            return True
        if is_flag or not isinstance(value, int | float):
            return False
        return any(low <= value <= high for low, high in self.ranges)

    @property
    def bounds(self) -> Bounds | None:
        """The smallest range that holds it; None where no number does."""
        numbers = [
            c for c in self.choices if isinstance(c, int | float) and not isinstance(c, bool)
        ]
        ends = [*self.ranges, *((number, number) for number in numbers)]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None

    @property
    def is_active(self) -> bool:
        """Whether the hyperparameter has a value somewhere in it."""
        return bool(self.ranges) or any(choice is not None for choice in self.choices)

    @property
    def is_inactive(self) -> bool:
        """Whether it may have none."""
        return not self.ranges and None in self.choices


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The narrower space, and what became of it. notes: by name, why a row isn't what was chosen.

    dropped: names of rows that no configuration would make active any more.
    """

    space: Space
    notes: Mapping[str, str]
    dropped: tuple[str, ...]


def hull(space: Space, configurations: Sequence[Mapping[str, Value]]) -> dict[str, Region]:
    """The smallest region that holds all of the configurations; names that none has are not in it."""
    found = {}
    for row in space.hyperparameters:
        values = [each[row.name] for each in configurations if row.name in each]
        if values:
            is_sometimes_inactive = len(values) < len(configurations)
            found[row.name] = _hull_of(row, values, (None,) if is_sometimes_inactive else ())
    return found


def _hull_of(row: Hyperparameter, values: Sequence[Value], inactive: tuple[None, ...]) -> Region:
    if isinstance(row, IntRange | FloatRange):
        numbers = [v for v in values if type(v) is float or type(v) is int]
        if not numbers:
            return Region((), inactive)
        ends = float(min(numbers)), float(max(numbers))
        is_continuous = isinstance(row, FloatRange) and row.step is None
        return Region((_short(*ends) if is_continuous else ends,), inactive)
    return Region(choices=(*dict.fromkeys(values), *inactive))


def _short(low: float, high: float) -> Bounds:
    """The range with ends that people can read, just outside of it: three digits, more if it is narrow."""
    if low == high:
        return low, high
    return _outward(low, high - low, ROUND_FLOOR), _outward(high, high - low, ROUND_CEILING)


def _outward(end: float, width: float, rounding: str) -> float:
    """Moved by at most a hundredth of the width, or to three digits where that is less."""
    exact = Decimal(repr(end))
    if not exact:
        return end
    place = min(exact.adjusted() - 2, Decimal(width).adjusted() - 2)
    return float(exact.quantize(Decimal(1).scaleb(place), rounding=rounding))


def shrink(space: Space, regions: Mapping[str, Region]) -> Shrunk:
    """Narrow the space; raises SpaceError where its constraints leave too little of the rest.

    A row that is left with one value becomes fixed. Steps keep their grid. A region with a value
    for a conditional row makes its condition true, one without any makes it false.
    """
    wanted, notes = _with_conditions(space, regions)
    rows: dict[str, Hyperparameter] = {}
    for row in space.hyperparameters:
        found = _narrowed(row, wanted[row.name]) if row.name in wanted else row
        if found is None:
            notes[row.name] = NOWHERE
        rows[row.name] = found or row
    dropped = _unreachable(space, rows)
    kept = [_fitting(row, rows) for name, row in rows.items() if name not in dropped]
    constraints = [each.text for each in space.constraints if not each.names & {*dropped}]
    source = {"hyperparameters": [row.to_dict() for row in kept], "constraints": constraints}
    return Shrunk(Space.from_dict(source), notes, dropped)


def _with_conditions(
    space: Space, regions: Mapping[str, Region]
) -> tuple[dict[str, Region], dict[str, str]]:
    """The regions with what they ask of the rows that others depend on, and notes where both clash."""
    found = {name: region for name, region in regions.items() if name in space}
    notes: dict[str, str] = {}
    for row in reversed(parents_first(space.hyperparameters)):  # what depends, then its parent
        condition, region = row.only_if, found.get(row.name)
        if condition is None or region is None or not (region.is_active or region.is_inactive):
            continue
        if region.is_active and None in region.choices:
            continue
        parent = space[condition.name]
        values = _values_of(parent)
        if region.is_active:
            values = tuple(condition.values)
        elif values is not None:
            values = tuple(value for value in values if value not in condition.values)
        if values:
            required = found.get(parent.name)
            both = tuple(value for value in values if required is None or required.holds(value))
            found[parent.name] = Region(choices=both or values)
            if not both:
                notes[parent.name] = OVERRULED.format(row.name)
    return found, notes


def _values_of(row: Hyperparameter) -> tuple[Value, ...] | None:
    count = row.count()
    return tuple(row.values(MOST_CHOICES)) if count is not None and count <= MOST_CHOICES else None


def _narrowed(row: Hyperparameter, region: Region) -> Hyperparameter | None:
    """The row within the region; None where they have nothing in common."""
    match row:
        case Fixed():
            return row
        case Choice() | Boolean():
            return _chosen(row, [v for v in row.values(MOST_CHOICES) if region.holds(v)])
        case IntRange() | FloatRange():
            if not region.is_active:
                return row
            return _numbers_within(row, region.bounds)
    raise TypeError(row)


def _chosen(row: Choice | Boolean, values: Sequence[Value]) -> Hyperparameter | None:
    if not values:
        return None
    if len(values) == 1:
        return _fixed(row, values[0])
    if isinstance(row, Boolean):
        return row
    return replace(row, choices=tuple(values), default=_still(row, values))


def _fixed(row: Hyperparameter, value: Value) -> Fixed:
    return Fixed(name=row.name, value=value, only_if=row.only_if, unit=row.unit, help=row.help)


def _still(row: Hyperparameter, values: Sequence[Value]) -> Value | None:
    return row.default if row.default in values else None


def _numbers_within(row: IntRange | FloatRange, bounds: Bounds | None) -> Hyperparameter | None:
    if bounds is None:
        return None
    low, high = max(bounds[0], row.min), min(bounds[1], row.max)
    if low > high:
        return None
    if row.step is not None:
        return _steps_within(row, low, high)
    if isinstance(row, IntRange):
        low, high = math.ceil(low), math.floor(high)
    return _between(row, low, high) if low <= high else None


def _steps_within(row: IntRange | FloatRange, low: float, high: float) -> Hyperparameter | None:
    """Only whole steps: the first and the last one inside."""
    steps = Steps(row, row.count() or 1)
    slack = 1e-9 * (abs(high) + abs(low))
    first, after = bisect_left(steps, low - slack), bisect_right(steps, high + slack)
    if first >= after:
        return None
    if row.scale != "reverse_log" or after - first == 1:
        return _between(row, steps[first], steps[after - 1])
    # The grid of a reversed scale hangs on both of its ends: other ends would move every step.
    if (first, after) == (0, len(steps)) or after - first > MOST_CHOICES:
        return row
    values = tuple(steps[index] for index in range(first, after))
    base = {"name": row.name, "only_if": row.only_if, "unit": row.unit, "help": row.help}
    return Choice(**base, choices=values, default=_still(row, values))  # type: ignore[arg-type]


def _between(row: IntRange | FloatRange, low: float, high: float) -> Hyperparameter:
    if low == high:
        return _fixed(row, int(low) if isinstance(row, IntRange) else float(low))
    default = row.default
    if default is not None and not low <= cast(float, default) <= high:
        default = None
    if isinstance(row, IntRange):
        return replace(row, min=int(low), max=int(high), default=default)
    return replace(row, min=float(low), max=float(high), default=default)


def _unreachable(space: Space, rows: Mapping[str, Hyperparameter]) -> tuple[str, ...]:
    """Rows whose condition can't be met any more, and those that depend on them."""
    gone: list[str] = []
    for row in parents_first(space.hyperparameters):
        condition = row.only_if
        if condition is None:
            continue
        parent = rows[condition.name]
        could = any(not space[condition.name].problem(value) for value in condition.values)
        can = any(not parent.problem(value) for value in condition.values)
        if condition.name in gone or (could and not can):
            gone.append(row.name)
    return tuple(gone)


def _fitting(row: Hyperparameter, rows: Mapping[str, Hyperparameter]) -> Hyperparameter:
    """The row with a condition that names possible values only."""
    condition = row.only_if
    if condition is None or isinstance(rows[condition.name], Fixed):
        return row
    parent = rows[condition.name]
    values = tuple(value for value in condition.values if not parent.problem(value))
    return replace(row, only_if=replace(condition, values=values)) if values else row
