"""An `hp` that records hyperparameters, and the runs that find their conditions.

What wasn't tried counts as tried and asked for: a row too many is harmless, a missing one is not.

Beside KerasTuner's conditional scopes, a plain `if` or a loop makes names depend on
a value: each choice, boolean and small range is tried value by value, and where a name appears only for
some of them, that is its condition.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from experiments.catalog.tuned_values import HyperParameters

MOST_BUILDS = 60
MOST_VALUES = 12  # of one hyperparameter that are tried
MOST_LISTED = 200  # of a range whose values a condition may name
NAMED = 5


class Unstable(Exception):
    """The code asks for something else each time."""


@dataclass(slots=True)
class Asked:
    """One question. `conditions`: names with the values for which it is asked."""

    kind: str
    name: str
    row: dict[str, Any]
    default: Any
    conditions: list[tuple[str, list[Any]]] = field(default_factory=list)


class Recorder(HyperParameters):
    """Answers with `values` or defaults and notes each name's first definition."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        super().__init__(values)
        self.asked: dict[str, Asked] = {}

    def _note(
        self, kind: str, name: str, row: dict[str, Any], default: Any, conditions: list[Any]
    ) -> None:
        self.asked.setdefault(name, Asked(kind, name, row, default, conditions))


def explore(build: Callable[[HyperParameters], Any]) -> tuple[list[Asked], list[str]]:
    """Names that the code may ask for, and notes on what wasn't tried. Raises: Unstable, what the code raises."""
    first = _run(build, {})
    again = _run(build, {})
    if _shape(first) != _shape(again):
        changed = sorted(set(_shape(first).items()) ^ set(_shape(again).items()))
        names = ", ".join(dict.fromkeys(name for name, _ in changed))
        raise Unstable(
            f"The code asks for different hyperparameters on each run ({names}). "
            "Names, ranges and choices must not be random or depend on the time."
        )
    return _Exploration(build, first).all()


class _Exploration:
    """Runs with one value changed after another; what appears is followed in turn."""

    def __init__(self, build: Callable[[HyperParameters], Any], first: dict[str, Asked]) -> None:
        self._build = build
        self._known = dict(first)
        self._bases: dict[str, dict[str, Any]] = {name: {} for name in first}
        self._builds = 2
        self._notes: list[str] = []
        self._unfinished: list[str] = []
        self._partly: set[str] = set()

    def all(self) -> tuple[list[Asked], list[str]]:
        queue = list(self._known)
        for name in queue:  # grows while it is walked
            queue += self._vary(name)
        if self._unfinished:
            names = ", ".join(self._unfinished[:NAMED])
            names += f" and {len(self._unfinished) - NAMED} more" * (len(self._unfinished) > NAMED)
            self._notes.append(
                f"Stopped after {MOST_BUILDS} builds: not all values of {names} were "
                "tried, so hyperparameters that depend on them may be missing or lack "
                "their condition. Wrap them in `with hp.conditional_scope(name, "
                "values):`."
            )
        return list(self._known.values()), self._notes

    def _vary(self, name: str) -> list[str]:
        """Try every value of a name; return the names that appear for the first time."""
        asked = self._known[name]
        base = self._activated(asked)
        values, every = tried_values(asked)
        room = max(0, MOST_BUILDS - self._builds)
        if len(values) > room:
            self._unfinished.append(name)
            values = values[:room]
        seen: dict[str, list[Any]] = {}
        appeared = []
        for value in values:
            self._builds += 1
            for found in _run(self._build, {**base, name: value}).values():
                seen.setdefault(found.name, []).append(value)
                if found.name not in self._known:
                    self._known[found.name] = found
                    self._bases[found.name] = {**base, name: value}
                    appeared.append(found.name)
        for other, when in seen.items():
            depends = len(when) < len(values) and other != name
            conditions = self._known[other].conditions
            if depends and not any(parent == name for parent, _ in conditions):
                self._condition(name, other, [v for v in every if v in when or v not in values])
        return appeared

    def _condition(self, name: str, other: str, allowed: list[Any]) -> None:
        """Where too many values were never tried there is none: the row then always stands."""
        if allowed:
            self._known[other].conditions.append((name, allowed))
        if name not in self._partly and name not in self._unfinished:
            asked = self._known[name]
            values, every = tried_values(asked)
            if len(values) < len(every) or not every:
                self._partly.add(name)
                self._notes.append(
                    f"Hyperparameters depend on {name}, of which {len(values)} values "
                    "were tried. They count as active for all others."
                )

    def _activated(self, asked: Asked) -> dict[str, Any]:
        base = dict(self._bases[asked.name])
        for parent, allowed in asked.conditions:
            base[parent] = allowed[0]
        return base


def tried_values(asked: Asked) -> tuple[list[Any], list[Any]]:
    """The values of a name that are tried, and all that it has: none where they are too many to name."""
    if asked.kind == "boolean":
        return [False, True], [False, True]
    if asked.kind == "choice":
        every = list(asked.row["values"])
        return every[:MOST_VALUES], every
    if asked.kind == "int":
        low, high = asked.row["min"], asked.row["max"]
        if asked.row["sampling"] not in (None, "linear"):
            return [low, high], []
        whole = range(low, high + 1, asked.row["step"] or 1)
        if len(whole) <= MOST_VALUES:
            return list(whole), list(whole)
        return [whole[0], whole[-1]], list(whole) if len(whole) <= MOST_LISTED else []
    return [], []


def _run(build: Callable[[HyperParameters], Any], values: dict[str, Any]) -> dict[str, Asked]:
    recorder = Recorder(values)
    build(recorder)
    return recorder.asked


def _shape(asked: dict[str, Asked]) -> dict[str, str]:
    return {name: repr((each.kind, each.row, each.default)) for name, each in asked.items()}
