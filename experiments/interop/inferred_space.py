"""Infers a search space from a list of configurations."""

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.interop.imported_search import ImportRefused
from experiments.interop.keras_tuner.hyperparameters import ReadSpace, UnknownKind, read_space
from experiments.search.history import Value, Values

LOG_FROM = 100.0  # a positive range that spans this factor is taken for a log scale
Entry = dict[str, Any]


def inferred_space(configurations: Sequence[Mapping[str, Value]]) -> ReadSpace:
    """The smallest space that holds them all. Raises ImportRefused where there is none.

    Numbers become ranges from the least to the largest, texts choices, and one value alone is fixed.
    """
    names = dict.fromkeys(name for each in configurations for name in each)
    entries = [
        _entry(name, [each[name] for each in configurations if name in each]) for name in names
    ]
    return space_of(entries)


def space_of(entries: Sequence[Entry]) -> ReadSpace:
    """The space of hyperparameters in KerasTuner's words. Raises ImportRefused."""
    if not entries:
        raise ImportRefused("The trials have no hyperparameters.")
    try:
        return read_space(entries)
    except UnknownKind as error:
        raise ImportRefused(
            f"The hyperparameters don't form a valid search space: {error}"
        ) from error


def entry(kind: str, name: str, **config: Any) -> Entry:
    """A hyperparameter in KerasTuner's words."""
    return {"class_name": kind, "config": {"name": name, "conditions": [], **config}}


def _entry(name: str, values: Sequence[Value]) -> Entry:
    distinct = list(dict.fromkeys((type(value), value) for value in values))
    kinds = {kind for kind, _ in distinct}
    if len(distinct) == 1:
        return entry("Fixed", name, value=values[0])
    if kinds == {bool}:
        return entry("Boolean", name)
    if str in kinds or bool in kinds:
        return entry("Choice", name, values=list(dict.fromkeys(map(str, values))))
    low, high = min(values), max(values)
    kind = "Int" if kinds == {int} else "Float"
    log = float(low) > 0 and float(high) / float(low) >= LOG_FROM
    sampling = "log" if log else "linear"
    return entry(kind, name, min_value=low, max_value=high, sampling=sampling)


def fitting_values(given: Mapping[str, Any], read: ReadSpace) -> Values:
    """A configuration under the names and types of the space."""
    found: Values = {}
    for name, value in given.items():
        row = read.space[read.names[name]]
        is_text = row.kind == "choice" and isinstance(row.start(), str)
        found[row.name] = str(value) if is_text else value
    return found


def lacking(configurations: Sequence[Values], read: ReadSpace) -> Values:
    """What configurations count with where they lack a hyperparameter."""
    return {
        row.name: row.start()
        for row in read.space.hyperparameters
        if any(row.name not in each for each in configurations)
    }
