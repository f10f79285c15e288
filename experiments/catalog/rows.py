"""Rows of a search space as templates declare them.

The shape of a row is that of `search/space.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from experiments.search.space.hyperparameter_json import open_row

Row = dict[str, Any]
Scalar = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One tunable name: the row to search it by, and whether a new experiment searches it.

    unit, help: shown beside the name. `searched` False: a new experiment fixes it at `default`, and
    the form offers the row. limits, allowed: numbers and texts that a model can be built with, beyond
    what is searched.
    """

    name: str
    type: str
    default: Scalar
    unit: str = ""
    help: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    scale: str = "linear"
    choices: tuple[Scalar, ...] = ()
    ordered: bool | None = None  # of choices; None: numbers that rise or fall are
    only_if: tuple[str, tuple[Scalar, ...]] | None = None
    searched: bool = True
    limits: tuple[float, float] = (-math.inf, math.inf)
    allowed: tuple[Scalar, ...] = ()

    def row(self) -> Row:
        """Write the row that searches this name."""
        default = self.default
        if self.low is not None and isinstance(default, int | float):
            default = max(default, self.low)  # an `l2` of 0 is off every log scale
        return self._shape() | {
            "type": self.type,
            "min": self.low,
            "max": self.high,
            "step": self.step,
            "scale": self.scale,
            "choices": list(self.choices),
            **({} if self.ordered is None else {"ordered": self.ordered}),
            "default": default,
        }

    def default_row(self) -> Row:
        """Write the row of a new experiment."""
        if self.searched:
            return self.row()
        return self._shape() | {"type": "fixed", "value": self.default}

    def fixed(self, value: Scalar | None = None) -> "Hyperparameter":
        """Return this hyperparameter fixed in a new experiment."""
        return replace(self, searched=False, default=self.default if value is None else value)

    def within(self, lowest: float, highest: float) -> "Hyperparameter":
        """Return this hyperparameter with hard limits: outside them no model can be built."""
        return replace(self, limits=(lowest, highest))

    def only_if_value(self, name: str, *values: Scalar) -> "Hyperparameter":
        """Return this hyperparameter, active only while `name` has one of the values."""
        return replace(self, only_if=(name, values))

    def named(self, name: str) -> "Hyperparameter":
        """Return this hyperparameter under another name."""
        return replace(self, name=name)

    def refuses(self, value: object) -> str:
        """Say why a model can't be built with this value; empty: it can."""
        if isinstance(self.default, str):
            known = self.allowed or self.choices
            if value in known:
                return ""
            return f"{value!r} isn't one of {', '.join(str(option) for option in known)}."
        if self.type == "boolean":
            return "" if isinstance(value, bool) else f"{value!r} isn't true or false."
        return self._refuses_number(value)

    def _refuses_number(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"{value!r} isn't a number."
        if not math.isfinite(value):
            return "the number must be finite."
        if isinstance(self.default, int) and value != int(value):
            return f"{value!r} isn't a whole number."
        lowest, highest = self.limits
        if not lowest <= value <= highest:
            return f"{value!r} is outside {lowest:g} to {highest:g}."
        return ""

    def _shape(self) -> Row:
        condition = None
        if self.only_if is not None:
            condition = {"name": self.only_if[0], "values": list(self.only_if[1])}
        return open_row(self.name, "fixed") | {
            "default": self.default,
            "only_if": condition,
            "unit": self.unit,
            "help": self.help,
        }


def whole(
    name: str, low: int, high: int, *, default: int, step: int = 1, **words: Any
) -> Hyperparameter:
    """Declare an integer on a linear scale. words, here and below: unit and help."""
    return Hyperparameter(name, "int", default, low=low, high=high, step=step, **words)


def power(name: str, low: int, high: int, *, default: int, **words: Any) -> Hyperparameter:
    """Declare an integer on a logarithmic scale: sizes whose doubling matters."""
    return Hyperparameter(name, "int", default, low=low, high=high, scale="log", **words)


def share(
    name: str, high: float, *, default: float, step: float = 0.1, **words: Any
) -> Hyperparameter:
    """Declare a float from 0 to `high` in steps."""
    return Hyperparameter(name, "float", default, low=0.0, high=high, step=step, **words)


def log_real(
    name: str, low: float, high: float, *, default: float, **words: Any
) -> Hyperparameter:
    """Declare a float on a logarithmic scale."""
    return Hyperparameter(name, "float", default, low=low, high=high, scale="log", **words)


def choice(
    name: str, choices: Sequence[Scalar], *, default: Scalar, **words: Any
) -> Hyperparameter:
    """Declare a choice among literal values."""
    return Hyperparameter(name, "choice", default, choices=tuple(choices), **words)


def switch(name: str, *, default: bool, **words: Any) -> Hyperparameter:
    """Declare a boolean."""
    return Hyperparameter(name, "boolean", default, **words)
