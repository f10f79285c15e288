"""A custom objective, such as
`0.7*val_f1 - 0.1*log10(parameters)`: a formula (`search/formula.py`) that gives a number.

Known: names of measured metrics, `parameters` (weights of the model), `seconds` (training
time of the execution so far).
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from experiments.search.formula import (
    Compute,
    FormulaError,
    Names,
    NoValue,
    as_kind,
    parse_formula,
)

CUSTOM: Final = "custom"  # its name as an objective
FACTS: Final = ("parameters", "seconds")
LONGEST: Final = 300
EXAMPLE: Final = "0.7*val_f1 - 0.1*log10(parameters)"

Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. names: the metrics and facts that it needs."""

    text: str
    names: frozenset[str]
    compute: Compute

    def value(self, values: Values) -> float:
        """Compute it. Raises NoValue."""
        try:
            found = float(self.compute(values))
        except ZeroDivisionError:
            raise NoValue("Division by zero.") from None
        except OverflowError:
            raise NoValue("Overflow: the result is too large.") from None
        if not math.isfinite(found):
            raise NoValue("Overflow: the result is too large.")
        return found


def parse_expression(text: str, known: Collection[str]) -> Expression:
    """Read an expression over the known metrics and the facts; raises FormulaError."""
    known = (*known, *FACTS)
    names = Names("metric", dict.fromkeys(known, "number"), _lookup)
    found = parse_formula(text, names, longest=LONGEST, example=EXAMPLE)
    as_kind(found.kind, "number", "It")
    if found.names <= set(FACTS):
        raise FormulaError(
            "Names no metric, so training can't improve it. Write an expression such "
            f"as {EXAMPLE}."
        )
    return Expression(text.strip(), found.names, found.compute)


def _lookup(name: str) -> Compute:
    def compute(values: Values) -> float:
        value = values.get(name)
        if value is None or not math.isfinite(value):
            raise NoValue(f"{name} isn't a number.")
        return value

    return compute
