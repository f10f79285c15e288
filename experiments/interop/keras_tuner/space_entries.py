"""Entries of a KerasTuner space: merged and filtered by activity.

There a hyperparameter is its name and its conditions together, and all of the conditions hold.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from experiments.interop.keras_tuner.message_conversion import Entry, parents_first
from experiments.search.history import Value

Values = Mapping[str, Value]


def identity(entry: Entry) -> str:
    """Equal for two entries exactly when KerasTuner takes them for one hyperparameter."""
    config = entry["config"]
    conditions = [each["config"] for each in config.get("conditions") or ()]
    return json.dumps([config["name"], conditions], sort_keys=True)


def merged(known: Sequence[Entry], more: Sequence[Entry]) -> tuple[Entry, ...]:
    """The known entries, and those of `more` that are new; the first definition stays."""
    found = {identity(entry): entry for entry in known}
    for entry in more:
        found.setdefault(identity(entry), entry)
    return parents_first(tuple(found.values()))


def active_entries(entries: Sequence[Entry], values: Values) -> tuple[Entry, ...]:
    """Those whose conditions all hold and whose value is known.

    A worker reads entries before values and gives each its default: of an entry without a value it
    would keep that as if it had been chosen.
    """
    return tuple(
        entry
        for entry in entries
        if entry["config"]["name"] in values and _holds(entry["config"], values)
    )


def active_values(entries: Sequence[Entry], values: Values) -> dict[str, Value]:
    """The values of active entries, and of names that no entry has (Hyperband's `tuner/…`)."""
    declared = {entry["config"]["name"] for entry in entries}
    kept = {name: value for name, value in values.items() if name not in declared}
    for entry in parents_first(entries):
        name = entry["config"]["name"]
        if name in values and _holds(entry["config"], kept):
            kept[name] = values[name]
    return {name: values[name] for name in values if name in kept}


def _holds(config: Mapping[str, Any], values: Values) -> bool:
    conditions = (each["config"] for each in config.get("conditions") or ())
    return all(
        each["name"] in values and values[each["name"]] in each["values"] for each in conditions
    )
