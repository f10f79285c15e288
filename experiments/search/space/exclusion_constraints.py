"""Derives the constraint that excludes a failing configuration.

The failing values are compared with ones that work: a hyperparameter takes part that fails alone among
working values, or that fixes the failure alone among failing ones (delta debugging, Zeller and
Hildebrandt 2002, with single changes). All that take part are then moved together towards the working
values, by halves. Where time runs out before a cause is found, it is taken to be what grew most.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

from experiments.search.formula import FormulaError
from experiments.search.history import Value, Values
from experiments.search.space.constraints import parse_constraint
from experiments.search.space.hyperparameters import FloatRange, IntRange
from experiments.search.space.space import Space

HALVINGS: Final = 3
Works = Callable[[Values], bool]


class OutOfTime(Exception):
    """`works` may not be called any more."""


def excluding(space: Space, failing: Values, working: Values, works: Works) -> str:
    """Write a constraint that `failing` doesn't meet and `working` does; "" when none can be written.

    works: whether a configuration works; it raises OutOfTime when it can't be called any
    more, and the rule then follows from what is known.
    """
    changed = [
        row.name
        for row in space.searched
        if row.name in failing and row.name in working and failing[row.name] != working[row.name]
    ]
    causes = _causes(space, failing, working, changed, works)
    edge = _nearest(space, failing, working, causes, works)
    rule = " or ".join(_kept(name, edge[name], working[name]) for name in causes)
    try:
        constraint = parse_constraint(rule, {row.name: row for row in space.hyperparameters})
    except FormulaError:
        return ""
    return rule if constraint.holds(working) and not constraint.holds(failing) else ""


def _causes(
    space: Space, failing: Values, working: Values, changed: list[str], works: Works
) -> list[str]:
    """Names that take part: one that fails alone, else all that fix the failure alone."""
    ordered = sorted(changed, key=lambda name: -_growth(failing[name], working[name]))
    fixing: list[str] = []
    try:
        for name in ordered:
            if not works(_with(space, working, failing, [name])):
                return [name]
        for name in ordered:
            if works(_with(space, failing, working, [name])):
                fixing.append(name)
    except OutOfTime:
        return fixing or ordered[:1]
    return fixing or changed


def _growth(failing: Value, working: Value) -> float:
    """How many times larger or smaller; what changed most is the likeliest cause."""
    if isinstance(failing, str | bool) or isinstance(working, str | bool):
        return 0.0
    ratio = abs(failing / working) if working else 0.0
    return max(ratio, 1 / ratio) if ratio else 0.0


def _nearest(
    space: Space, failing: Values, working: Values, causes: list[str], works: Works
) -> Mapping[str, Value]:
    """The failing values closest to the working ones, after at most so many halvings."""
    if not all(isinstance(space[name], IntRange | FloatRange) for name in causes):
        return failing
    low, high = 0.0, 1.0  # shares of the way from the working values to the failing ones
    edge = failing
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        between = {name: _between(space, name, working, failing, middle) for name in causes}
        if any(between[name] in (working[name], edge[name]) for name in causes):
            break
        tried = _with(space, failing, between, causes)
        try:
            if works(tried):
                low = middle
            else:
                high, edge = middle, {**failing, **between}
        except OutOfTime:
            break
    return edge


def _between(
    space: Space, name: str, start: Mapping[str, Value], end: Mapping[str, Value], share: float
) -> Value:
    row = space[name]
    first, last = row.encode(start[name]), row.encode(end[name])
    return row.decode(first + share * (last - first))


def _with(space: Space, values: Values, others: Mapping[str, Value], names: list[str]) -> Values:
    """The values with some of the others'; what becomes active starts at its default."""
    mixed = {row.name: row.start() for row in space.hyperparameters}
    mixed |= values | {name: others[name] for name in names}
    return space.canonical(mixed)


def _kept(name: str, edge: Value, working: Value) -> str:
    """What one hyperparameter must meet to stay on the working side."""
    if isinstance(edge, bool):
        return f"not {name}" if edge else name
    if isinstance(edge, str) or isinstance(working, str):
        return f"{name} != {json.dumps(edge, ensure_ascii=False)}"
    return f"{name} {'<' if edge > working else '>'} {edge!r}"
