"""Extends a range beyond one of its ends."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from experiments.search.findings.finding import rounded
from experiments.search.history import Value
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Choice, FloatRange, IntRange

Side = Literal["low", "high"]
DECADES: Final = 0.5  # that a log scale is widened by
SHARE: Final = 0.5  # of its length that a linear one is
STEPS: Final = 2  # of a range in steps that multiply


@dataclass(frozen=True, slots=True)
class Wider:
    """end: where the range ends now. value: where it would end. fields: of the row, to be changed."""

    end: Value
    value: Value
    fields: dict[str, Any]


def on_log(row: Hyperparameter) -> bool:
    """Whether its values stand on a log scale."""
    return isinstance(row, IntRange | FloatRange) and row.scale == "log"


def wider(
    row: Hyperparameter, side: Side, refuses: Callable[[object], str] | None = None
) -> Wider | None:
    """The row's range with this end further out; None where it can't go on.

    A whole number doesn't fall below 1 where it began there, a number from 0 on stays from 0 on,
    and one that ends at 1 and begins at 0 or above is a share. refuses: why the model would not
    take a value; where it refuses the new end, half of the way is tried, then nothing.
    """
    found = _of_choices(row, side) if isinstance(row, Choice) else _of_range(row, side)
    for each in found:
        if each.value != each.end and not (refuses and refuses(each.value)):
            return each
    return None


def _of_choices(row: Choice, side: Side) -> list[Wider]:
    """One more choice, as far from the last as that is from the one before."""
    numbers = [value for value in row.choices if not isinstance(value, str | bool)]
    if len(numbers) < len(row.choices) or len(numbers) < 2:
        return []
    at_front = side == "low"
    end, before = (numbers[0], numbers[1]) if at_front else (numbers[-1], numbers[-2])
    multiplies = min(numbers) > 0 and max(numbers) / min(numbers) >= len(numbers)
    value: float = end * end / before if multiplies else 2 * end - before
    if all(isinstance(number, int) for number in numbers):
        value = round(value)
    if value in numbers or (value <= 0 < end):
        return []
    choices = [value, *row.choices] if at_front else [*row.choices, value]
    return [Wider(end, value, {"choices": choices})]


def _of_range(row: Hyperparameter, side: Side) -> list[Wider]:
    if not isinstance(row, IntRange | FloatRange) or row.scale == "reverse_log":
        return []
    low, high = row.min, row.max
    if side == "low" and (low == 0 or (isinstance(row, IntRange) and low == 1)):
        return []
    if side == "high" and isinstance(row, FloatRange) and high == 1 and low >= 0:
        return []
    name, end = ("min", low) if side == "low" else ("max", high)
    values = dict.fromkeys(_moved(row, side, share) for share in (1.0, 0.5, 0.0))
    found = [Wider(end, value, {name: value}) for value in values]
    # Steps count from the low end: what was a value has to stay one.
    return [each for each in found if not replace(row, **each.fields).problem(end)]


def _moved(row: IntRange | FloatRange, side: Side, share: float) -> float | int:
    """The new end, rounded as a person would write it and never through 0."""
    value = _on_log(row, side, share) if row.scale == "log" else _on_linear(row, side, share)
    if isinstance(row, IntRange):
        return max(1, round(value)) if row.min >= 1 else round(value)
    return float(f"{value:.10g}")


def _on_log(row: IntRange | FloatRange, side: Side, share: float) -> float:
    low, high, step = float(row.min), float(row.max), row.step
    factor = float((step**STEPS if step else 10**DECADES) ** share)
    value = low / factor if side == "low" else high * factor
    if not step:
        return rounded(value)
    if side == "low":
        return value
    # From the first step on, so that the new end is one.
    return float(low * step ** math.floor(math.log(value / low, step) + 1e-8))


def _on_linear(row: IntRange | FloatRange, side: Side, share: float) -> float:
    low, high, step = float(row.min), float(row.max), row.step
    length = SHARE * share * (high - low)
    if step:
        length = max(1, round(length / step)) * float(step)
    value = low - length if side == "low" else high + length
    value = value if step else rounded(value, 2)
    return max(value, 0.0) if low >= 0 else value
