"""Converts trials and spaces between KerasTuner's messages and its JSON.

An entry is one hyperparameter as `oracle.json` writes it, {"class_name", "config"}, so that what
reads and writes projects reads and writes the wire too. Nothing is ever sent that makes the reading
client raise: no value without a kind, no choice without a default, no range without a sampling.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from experiments.interop.keras_tuner.proto import ENUMS, message
from experiments.search.history import Value

Entry = Mapping[str, Any]
STATUSES: Final = ENUMS["TrialStatus"]
SAMPLINGS: Final = tuple(name.lower() for name in ENUMS["Sampling"])
LARGEST_WHOLE: Final = 2**63 - 1
SPACES: Final = {
    "Fixed": "fixed_space",
    "Float": "float_space",
    "Int": "int_space",
    "Choice": "choice_space",
    "Boolean": "boolean_space",
}


class WireError(Exception):
    """A message that no known KerasTuner sends, or a value that can't travel."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Values of a metric at one step, 0-based: one for each time that it was reported."""

    step: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Tracked:
    """A metric of a trial, and whether larger is better."""

    observations: tuple[Observation, ...]
    maximize: bool = False


@dataclass(frozen=True, slots=True)
class WireTrial:
    """A trial as a worker sees it. status: a word of STATUSES. score, best_step: None together."""

    trial_id: str = ""
    status: str = "RUNNING"
    entries: tuple[Entry, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    metrics: Mapping[str, Tracked] = field(default_factory=dict)
    score: float | None = None
    best_step: int | None = None


def write_trial(trial: WireTrial) -> Any:
    """The message. Raises WireError."""
    wire = message(
        "Trial",
        hyperparameters=write_space(trial.entries, trial.values),
        trial_id=trial.trial_id,
        status=STATUSES.index(trial.status),
        metrics=message(
            "MetricsTracker",
            metrics={name: _write_metric(tracked) for name, tracked in trial.metrics.items()},
        ),
    )
    if trial.score is not None:
        wire.score.value, wire.score.step = trial.score, trial.best_step or 0
    return wire


def read_trial(wire: Any) -> WireTrial:
    """The trial of the message. Raises WireError."""
    entries, values = read_space(wire.hyperparameters)
    status = STATUSES[wire.status] if 0 <= wire.status < len(STATUSES) else "UNKNOWN"
    has_score = wire.HasField("score")
    return WireTrial(
        trial_id=wire.trial_id,
        status=status,
        entries=entries,
        values=values,
        metrics={name: _read_metric(each) for name, each in wire.metrics.metrics.items()},
        score=wire.score.value if has_score else None,
        best_step=wire.score.step if has_score else None,
    )


def write_space(entries: Sequence[Entry], values: Mapping[str, Value]) -> Any:
    """HyperParameters: the entries by kind, in order, and the values. Raises WireError."""
    space = message("Space")
    typed = dict(values)
    for entry in entries:
        kind, config = entry["class_name"], entry["config"]
        if kind not in SPACES:
            raise WireError(f"{kind} isn't a hyperparameter type of KerasTuner.")
        name = config["name"]
        getattr(space, SPACES[kind]).add(
            name=name, conditions=_sent_conditions(config), **_WRITERS[kind](config)
        )
        if name in values:
            typed[name] = _as_declared(kind, config, values[name])
    sent = {name: write_value(value) for name, value in typed.items()}
    return message("HyperParameters", space=space, values=message("Values", values=sent))


def read_space(wire: Any) -> tuple[tuple[Entry, ...], dict[str, Value]]:
    """Entries, parents first, and values of HyperParameters. Raises WireError."""
    found = [
        {
            "class_name": kind,
            "config": {
                "name": each.name,
                **_READERS[kind](each),
                "conditions": _conditions(each),
            },
        }
        for kind, place in SPACES.items()
        for each in getattr(wire.space, place)
    ]
    values = {name: read_value(value) for name, value in wire.values.values.items()}
    return parents_first(found), values


def parents_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries with each parent before its children: the wire sorts them by kind."""
    waiting, ordered = list(entries), list[Entry]()
    while waiting:
        open_names = {entry["config"]["name"] for entry in waiting}
        ready = [entry for entry in waiting if not _parents(entry) & open_names]
        if not ready:  # a circle, which no script can declare: as they came
            return (*ordered, *waiting)
        ordered += ready
        waiting = [entry for entry in waiting if entry not in ready]
    return tuple(ordered)


def _parents(entry: Entry) -> set[str]:
    config = entry["config"]
    return {each["config"]["name"] for each in config.get("conditions") or ()} - {config["name"]}


def write_value(value: object) -> Any:
    """Value, with its kind. Raises WireError."""
    if isinstance(value, bool):
        return message("Value", boolean_value=value)
    if isinstance(value, int) and abs(value) <= LARGEST_WHOLE:
        return message("Value", int_value=value)
    if isinstance(value, float):
        return message("Value", float_value=value)
    if isinstance(value, str):
        return message("Value", string_value=value)
    raise WireError(f"{str(value)[:40]} isn't a value that KerasTuner can send.")


def read_value(wire: Any) -> Value:
    """The value. Raises WireError where it has no kind."""
    kind = wire.WhichOneof("kind")
    if kind is None:
        raise WireError("A value has no type.")
    value: Value = getattr(wire, kind)
    return value


def _as_declared(kind: str, config: Mapping[str, Any], value: Value) -> Value:
    """The value in its entry's own type, which the script computes with."""
    if isinstance(value, str):
        return value
    if kind == "Float":
        return float(value)
    if kind == "Boolean":
        return bool(value)
    whole = math.isfinite(value) and value == int(value)
    if kind == "Int":
        return int(value) if whole else value
    wanted = type(config["values"][0] if kind == "Choice" else config["value"])
    if wanted is float:
        return float(value)
    return wanted(value) if wanted in (int, bool) and whole else value


def _sent_conditions(config: Mapping[str, Any]) -> list[Any]:
    return [
        message(
            "Condition",
            parent=message(
                "Parent",
                name=each["config"]["name"],
                values=[write_value(value) for value in each["config"]["values"]],
            ),
        )
        for each in config.get("conditions") or ()
    ]


def _conditions(wire: Any) -> list[dict[str, Any]]:
    found = []
    for each in wire.conditions:
        if each.WhichOneof("kind") != "parent":
            raise WireError("A condition has no parent.")
        values = [read_value(value) for value in each.parent.values]
        config = {"name": each.parent.name, "values": values}
        found.append({"class_name": "Parent", "config": config})
    return found


def _sent_numbers(number: type[int] | type[float], config: Mapping[str, Any]) -> dict[str, Any]:
    low, default = config["min_value"], config.get("default")
    return {
        "min_value": number(low),
        "max_value": number(config["max_value"]),
        "step": number(config.get("step") or 0),
        "sampling": SAMPLINGS.index(config.get("sampling") or "linear"),
        "default": number(low if default is None else default),
    }


def _sent_choice(config: Mapping[str, Any]) -> dict[str, Any]:
    values = list(config["values"])
    default = config.get("default")
    return {
        "values": [write_value(value) for value in values],
        "default": write_value(values[0] if default is None else default),
        "ordered": bool(config.get("ordered")),
    }


# Of each kind, the fields beside its name and its conditions.
_WRITERS: Final[dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "Int": partial(_sent_numbers, int),
    "Float": partial(_sent_numbers, float),
    "Choice": _sent_choice,
    "Boolean": lambda config: {"default": bool(config.get("default"))},
    "Fixed": lambda config: {"value": write_value(config["value"])},
}


def _read_numbers(wire: Any) -> dict[str, Any]:
    sampling = SAMPLINGS[wire.sampling] if 0 < wire.sampling < len(SAMPLINGS) else "linear"
    return {
        "default": wire.default,
        "min_value": wire.min_value,
        "max_value": wire.max_value,
        "step": wire.step or None,
        "sampling": sampling,
    }


_READERS: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {
    "Int": _read_numbers,
    "Float": _read_numbers,
    "Choice": lambda wire: {
        "default": read_value(wire.default),
        "values": [read_value(value) for value in wire.values],
        "ordered": wire.ordered,
    },
    "Boolean": lambda wire: {"default": wire.default},
    "Fixed": lambda wire: {"value": read_value(wire.value)},
}


def _write_metric(tracked: Tracked) -> Any:
    return message(
        "MetricHistory",
        maximize=tracked.maximize,
        observations=[
            message("MetricObservation", value=each.values, step=each.step)
            for each in tracked.observations
        ],
    )


def _read_metric(wire: Any) -> Tracked:
    observations = [Observation(each.step, tuple(each.value)) for each in wire.observations]
    return Tracked(tuple(observations), wire.maximize)
