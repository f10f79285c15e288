"""Metrics that a KerasTuner worker reported, in the format of `trial.json`.

{metric: {"direction": "min" or "max", "observations": [{"value": [one a report], "step": 0-based}]}},
with NaN and infinities as text (`imported.strict`), so that an export writes it as it is.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from experiments.interop.imported_search import loose, strict
from experiments.interop.keras_tuner.directions import WORDS, direction_by_name
from experiments.interop.keras_tuner.message_conversion import Observation, Tracked
from experiments.search.history import Direction

Recorded = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Best:
    """The step that counts, and each metric there; NaN and infinities as they came."""

    step: int
    metrics: dict[str, float]


def added(
    recorded: Recorded,
    metrics: Mapping[str, float],
    step: int,
    known: Mapping[str, Direction] | None = None,
) -> dict[str, Any]:
    """With one more report. Another one of the same step appends to it: the mean counts.

    known: directions of objectives; of other metrics they follow from the name.
    """
    found: dict[str, Any] = dict(recorded)
    for name, value in metrics.items():
        tracked = found.get(name)
        direction = (known or {}).get(name) or direction_by_name(name) or "minimize"
        observations = list(tracked["observations"]) if tracked else []
        place = next((n for n, each in enumerate(observations) if each["step"] == step), None)
        if place is None:
            observations.append({"value": [strict(float(value))], "step": step})
        else:
            values = [*observations[place]["value"], strict(float(value))]
            observations[place] = {"value": values, "step": step}
        found[name] = {"direction": WORDS[direction], "observations": observations}
    return found


def by_step(recorded: Recorded) -> dict[int, dict[str, float]]:
    """Each step's metrics, steps in order; of a step that was reported several times the means."""
    found: dict[int, dict[str, float]] = {}
    for name, tracked in recorded.items():
        for each in tracked["observations"]:
            found.setdefault(each["step"], {})[name] = _mean(each["value"])
    return dict(sorted(found.items()))


def best(recorded: Recorded, objective: str, direction: Direction) -> Best | None:
    """The step with the best objective, NaN ignored, the earliest of equals; None without any report.

    Without a number anywhere it is the last step. A metric that was not reported there counts with
    its last value.
    """
    steps = by_step(recorded)
    sign = 1.0 if direction == "minimize" else -1.0
    reported = [step for step, metrics in steps.items() if objective in metrics]
    numbers = [step for step in reported if not math.isnan(steps[step][objective])]
    if not steps:
        return None
    if numbers:
        step = min(numbers, key=lambda each: (sign * steps[each][objective], each))
    else:
        step = (reported or list(steps))[-1]
    last: dict[str, float] = {}
    for metrics in steps.values():
        last |= metrics
    return Best(step, {**last, **steps[step]})


def tracked(recorded: Recorded) -> dict[str, Tracked]:
    """As it goes over the wire."""
    return {
        name: Tracked(
            tuple(
                Observation(each["step"], tuple(_numbers(each["value"])))
                for each in metric["observations"]
            ),
            metric["direction"] == "max",
        )
        for name, metric in recorded.items()
    }


def _numbers(values: Sequence[Any]) -> list[float]:
    return [float(loose(value)) for value in values]


def _mean(values: Sequence[Any]) -> float:
    return fmean(_numbers(values))
