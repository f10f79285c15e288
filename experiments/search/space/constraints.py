"""Constraints between hyperparameters, such as
`units * layers <= 2048`: formulas (`search/formula.py`) that are met or not.

A constraint over an inactive name counts as met. One that can't be computed for some
values (a division by zero, the logarithm of 0) counts as not met by them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from experiments.search.formula import (
    Compute,
    FormulaError,
    Kind,
    Names,
    kind_of_value,
    parse_formula,
)
from experiments.search.history import Value
from experiments.search.reading import describe
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, Fixed

LONGEST: Final = 500
EXAMPLE: Final = "units * layers <= 2048"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A parsed constraint; two are equal when their texts are."""

    text: str
    names: frozenset[str]
    compute: Compute

    def __eq__(self, other: object) -> bool:
        """Whether the texts are the same."""
        return isinstance(other, Constraint) and other.text == self.text

    def __hash__(self) -> int:
        """By the text."""
        return hash(self.text)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether the values meet it; values without one of its names do."""
        if not self.names <= values.keys():
            return True
        try:
            return bool(self.compute(values))
        except (ArithmeticError, ValueError):
            return False


def parse_constraint(text: str, rows: Mapping[str, Hyperparameter]) -> Constraint:
    """Read a constraint over the named rows; raises FormulaError."""
    names = Names(
        "hyperparameter", {name: _kind_of(row) for name, row in rows.items()}, itemgetter
    )
    found = parse_formula(text, names, longest=LONGEST, example=EXAMPLE)
    if found.kind != "truth":
        raise FormulaError(f"Must be a comparison such as {EXAMPLE}.")
    if not found.names:
        raise FormulaError(
            "Names no hyperparameter, so it is always true or always false. Remove it."
        )
    return Constraint(text, found.names, found.compute)


def _kind_of(row: Hyperparameter) -> Kind:
    if isinstance(row, Boolean):
        return "truth"
    sample = row.choices[0] if isinstance(row, Choice) else None
    sample = row.value if isinstance(row, Fixed) else sample
    return kind_of_value(sample) if sample is not None else "number"


def parse_all(
    texts: Sequence[object], rows: Mapping[str, Hyperparameter]
) -> tuple[list[Constraint], list[tuple[int, str]]]:
    """Parse every constraint; return those that could be read, and (index, why not) of the rest."""
    read: list[Constraint] = []
    wrong: list[tuple[int, str]] = []
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            wrong.append((index, f"Expected text such as {EXAMPLE}; got {describe(text)}."))
            continue
        try:
            read.append(parse_constraint(text, rows))
        except FormulaError as error:
            wrong.append((index, str(error)))
    return read, wrong
