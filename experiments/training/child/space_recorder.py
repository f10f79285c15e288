"""An `hp` that records hyperparameters, and the builds that find their conditions.

Beside KerasTuner's conditional scopes, a plain `if` or a loop makes names depend on a value: each choice,
boolean and small range is tried value by value, and where a name appears only for some of them, that is
its condition. A value that wasn't tried counts as one where every name appears: a row too many is
harmless, a missing one is not.
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
    """The code uses other hyperparameters on each run."""


@dataclass(slots=True)
class Recorded:
    """One hyperparameter. `conditions`: names with the values for which it is active."""

    kind: str
    name: str
    config: dict[str, Any]
    default: Any
    conditions: list[tuple[str, list[Any]]] = field(default_factory=list)


class Recorder(HyperParameters):
    """Answers with `values` or defaults and notes each name's first definition."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        super().__init__(values)
        self.recorded: dict[str, Recorded] = {}

    def _note(
        self, kind: str, name: str, row: dict[str, Any], default: Any, conditions: list[Any]
    ) -> None:
        self.recorded.setdefault(name, Recorded(kind, name, row, default, conditions))


def explore(build: Callable[[HyperParameters], Any]) -> tuple[list[Recorded], list[str]]:
    """Hyperparameters that the code may use, and notes on values not tried. Raises: Unstable, what the code raises."""
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

    def __init__(
        self, build: Callable[[HyperParameters], Any], first: dict[str, Recorded]
    ) -> None:
        self._build = build
        self._known = dict(first)
        self._bases: dict[str, dict[str, Any]] = {name: {} for name in first}
        self._builds = 2
        self._notes: list[str] = []
        self._unfinished: list[str] = []
        self._partly: set[str] = set()

    def all(self) -> tuple[list[Recorded], list[str]]:
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
        base = self._activated(self._known[name])
        values, every = tried_values(self._known[name])
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
        """No condition where too many values were never tried: the row is then always active."""
        if allowed:
            self._known[other].conditions.append((name, allowed))
        if name not in self._partly and name not in self._unfinished:
            values, every = tried_values(self._known[name])
            if len(values) < len(every) or not every:
                self._partly.add(name)
                self._notes.append(
                    f"Hyperparameters depend on {name}, of which {len(values)} values "
                    "were tried. They count as active for all others."
                )

    def _activated(self, row: Recorded) -> dict[str, Any]:
        base = dict(self._bases[row.name])
        for parent, allowed in row.conditions:
            base[parent] = allowed[0]
        return base


def tried_values(row: Recorded) -> tuple[list[Any], list[Any]]:
    """The values that are tried, and all values: none where they are too many to name."""
    if row.kind == "boolean":
        return [False, True], [False, True]
    if row.kind == "choice":
        every = list(row.config["values"])
        return every[:MOST_VALUES], every
    if row.kind == "int":
        low, high = row.config["min"], row.config["max"]
        if row.config["sampling"] not in (None, "linear"):
            return [low, high], []
        whole = range(low, high + 1, row.config["step"] or 1)
        if len(whole) <= MOST_VALUES:
            return list(whole), list(whole)
        return [whole[0], whole[-1]], list(whole) if len(whole) <= MOST_LISTED else []
    return [], []


def _run(build: Callable[[HyperParameters], Any], values: dict[str, Any]) -> dict[str, Recorded]:
    recorder = Recorder(values)
    build(recorder)
    return recorder.recorded


def _shape(recorded: dict[str, Recorded]) -> dict[str, str]:
    return {name: repr((each.kind, each.config, each.default)) for name, each in recorded.items()}
