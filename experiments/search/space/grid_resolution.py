"""The number of grid values of single ranges."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from experiments.search.history import Value
from experiments.search.problems import Problem
from experiments.search.reading import describe
from experiments.search.space.hyperparameter import Hyperparameter
from experiments.search.space.space import Space

MOST: Final = 1000
ENTRY: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,63})\s*=\s*(\d{1,6})")
MEND: Final = "Write name=number, separated by commas, such as units=3, rate=5."


def read_resolutions(text: str) -> dict[str, int]:
    """Read "units=3, rate=5"; what can't be read is left out (`resolution_problems` names it)."""
    matches = (ENTRY.fullmatch(part) for part in _parts(text))
    return {match[1]: int(match[2]) for match in matches if match}


def resolution_problems(space: Space, text: str, path: str) -> list[Problem]:
    """Return every problem of the text for this space's grid, with its fix."""
    parents = {row.only_if.name for row in space.hyperparameters if row.only_if is not None}
    found, named = [], set()
    for part in _parts(text):
        match = ENTRY.fullmatch(part)
        message = f"Can't read {describe(part)}. {MEND}"
        if match:
            message = _problem(space, match[1], int(match[2]), parents)
            if match[1] in named:
                message = f"{match[1]} appears twice. Keep one of them."
            named.add(match[1])
        if message:
            found.append(Problem(path, message))
    return found


def thinned(row: Hyperparameter, resolution: int) -> Sequence[Value]:
    """At most `resolution` values of a range, in order, with both ends; steps stay steps."""
    values = row.values(resolution)
    if len(values) <= resolution:
        return values
    last = len(values) - 1
    if resolution < 2:
        return (values[last // 2],)
    return tuple(values[round(i * last / (resolution - 1))] for i in range(resolution))


def values_of(row: Hyperparameter, resolution: int, own: Mapping[str, int]) -> Sequence[Value]:
    """The values of a row on the grid. own: resolutions of single rows by name."""
    return thinned(row, own[row.name]) if row.name in own else row.values(resolution)


def _problem(space: Space, name: str, resolution: int, parents: set[str]) -> str:
    if name not in space:
        return f"{name} isn't a hyperparameter of this space. Correct the name or remove it."
    if space[name].kind not in ("int", "float"):
        return f"{name} isn't a range: all of its values are used. Remove it here."
    if name in parents:
        return (
            f"Other hyperparameters depend on {name}, so all of its values are "
            "used. Remove it here."
        )
    if not 1 <= resolution <= MOST:
        return f"{name} can have 1 to {MOST:,} values."
    return ""


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
