"""A space that grows to contain the values of joined runs."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from experiments.search.history import Value
from experiments.search.problems import Problem, SpaceError
from experiments.search.reading import Reader
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.hyperparameter_json import read_row, value_problem
from experiments.search.space.hyperparameters import Choice, Fixed, FloatRange, IntRange
from experiments.search.space.space import MOST_ROWS, Space

# Rows with this note were read from runs: others were given by people or scripts, and stay.
FROM_RUNS: Final = "Added by a script's run."
LOG_FROM: Final = 100.0  # a positive range that spans this factor is taken for a log scale


def widened(space: Space, values: Mapping[str, Value]) -> Space:
    """The space with a row for each value; the same object where nothing changes.

    A name that is new becomes fixed at its value; another value makes it a range or a choice.

    Raises: SpaceError (path = name) for names and values that no hyperparameter can have.
    """
    rows = list(space.hyperparameters)
    places = {row.name: place for place, row in enumerate(rows)}
    problems: list[Problem] = []
    for name, value in values.items():
        known = rows[places[name]] if name in places else None
        problem = value_problem(value)
        if problem:
            problems.append(Problem(str(name), problem))
        elif known is None:
            rows.append(_row(name, [value], problems) or _nothing(name))
        elif known.help == FROM_RUNS and known.problem(value):
            rows[places[name]] = _row(name, [*_known(known), value], problems) or known
    if len(rows) > MOST_ROWS:
        problems.append(Problem("", f"A search space has at most {MOST_ROWS} hyperparameters."))
    if problems:
        raise SpaceError(problems)
    grown = Space(tuple(rows), space.constraints)
    return space if grown == space else grown


def _nothing(name: str) -> Hyperparameter:
    """Stands where a row could not be made; its problem is noted."""
    return Fixed(name=name, value=0)


def _known(row: Hyperparameter) -> Sequence[Value]:
    """The values that the row was read from, the first one first."""
    first = [] if row.default is None else [row.default]
    if isinstance(row, IntRange | FloatRange):
        return [*first, row.min, row.max]
    return [*first, *(row.choices if isinstance(row, Choice) else row.values(2))]


def _row(name: str, values: Sequence[Value], problems: list[Problem]) -> Hyperparameter | None:
    reader = Reader({"name": name, "help": FROM_RUNS, **_domain(values)})
    row = read_row(reader)
    problems += [Problem(str(name), problem.message) for problem in reader.problems]
    return row


def _domain(values: Sequence[Value]) -> dict[str, Any]:
    """The smallest domain that holds them all: fixed, a range, on or off, or a choice of texts."""
    kinds = {type(value) for value in values}
    distinct = dict.fromkeys((type(value), value) for value in values)
    if len(distinct) == 1:
        return {"type": "fixed", "value": values[0], "default": values[0]}
    if kinds == {bool}:
        return {"type": "boolean", "default": values[0]}
    if kinds <= {int, float}:
        numbers = [value for value in values if not isinstance(value, str)]
        low, high = min(numbers), max(numbers)
        scale = "log" if low > 0 and high / low >= LOG_FROM else "linear"
        kind = "int" if kinds == {int} else "float"
        return {"type": kind, "min": low, "max": high, "scale": scale, "default": values[0]}
    texts = list(dict.fromkeys(map(str, values)))
    return {"type": "choice", "choices": texts, "default": texts[0]}
