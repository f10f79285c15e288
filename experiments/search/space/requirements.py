"""Checks a space against the requirements of a model."""

from collections.abc import Callable, Iterator, Mapping

from experiments.search.history import Value
from experiments.search.problems import Problem, join_path
from experiments.search.reading import describe
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameters import Boolean, Choice, Fixed, FloatRange, IntRange
from experiments.search.space.space import Space

Refuses = Callable[[object], str]


def requirement_problems(
    space: Space, known: Mapping[str, Refuses], *, model: str
) -> list[Problem]:
    """Rows that the model does not know, and values that it cannot be built with.

    known: for each name that the model reads, why it would refuse a value (empty: it takes it).
    The ends of a range stand for the whole range.
    """
    found = []
    for index, row in enumerate(space.hyperparameters):
        path = join_path("hyperparameters", index)
        if row.name not in known:
            names = ", ".join(known)
            message = f"{model} has no hyperparameter named {describe(row.name)}. It has: {names}."
            found.append(Problem(join_path(path, "name"), message))
            continue
        for field, value in _extremes(row):
            reason = known[row.name](value)
            if reason:
                found.append(Problem(join_path(path, field), reason))
                break
    return found


def always_there_problems(space: Space, names: tuple[str, ...]) -> list[Problem]:
    """Names that every configuration must have, and that are missing or conditional."""
    found = []
    for name in names:
        if name not in space:
            message = f"A row named {name} is missing. Every trial needs one: searched or fixed."
            found.append(Problem("hyperparameters", message))
        elif space[name].only_if is not None:
            index = space.hyperparameters.index(space[name])
            message = f"Every trial needs {name}, so it can't have a condition."
            found.append(Problem(join_path("hyperparameters", index, "only_if"), message))
    return found


def _extremes(row: Hyperparameter) -> Iterator[tuple[str, Value]]:
    match row:
        case IntRange() | FloatRange():
            yield "min", row.min
            yield "max", row.max
        case Choice():
            for place, choice in enumerate(row.choices):
                yield f"choices.{place}", choice
        case Boolean():
            yield "type", False
            yield "type", True
        case Fixed():
            yield "value", row.value
