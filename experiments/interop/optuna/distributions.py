"""Reads Optuna's distributions, including versions 1 and 2.

Source: `distributions.py` of Optuna.
"""

import json
from typing import Any, Final

from experiments.interop.imported_search import ImportRefused
from experiments.interop.inferred_space import Entry, entry

LISTS: Final = ("CategoricalDistribution",)
WHOLE: Final = ("IntDistribution", "IntUniformDistribution", "IntLogUniformDistribution")
FLOATS: Final = (
    *("FloatDistribution", "UniformDistribution"),
    *("LogUniformDistribution", "DiscreteUniformDistribution"),
)


def read_distribution(name: str, text: str) -> tuple[str, dict[str, Any]]:
    """Its kind and attributes. Raises ImportRefused."""
    try:
        source = json.loads(text)
        kind, attributes = source["name"], source["attributes"]
        known = (kind in LISTS) or (attributes["low"] <= attributes["high"])
    except (ValueError, KeyError, TypeError) as error:
        raise ImportRefused(f"{name} has an unreadable distribution.") from error
    if not known or kind not in (*LISTS, *WHOLE, *FLOATS):
        raise ImportRefused(f"{name} has the unknown distribution {kind}.")
    return kind, attributes


def entry_of(name: str, kind: str, attributes: dict[str, Any]) -> Entry:
    """The hyperparameter that it stands for."""
    if kind in LISTS:
        choices = list(attributes["choices"])
        if len(choices) == 2 and all(isinstance(each, bool) for each in choices):
            return entry("Boolean", name)
        same = len({type(each) for each in choices}) == 1 and type(choices[0]) in (int, float, str)
        return entry("Choice", name, values=choices if same else [*map(_text, choices)])
    log = bool(attributes.get("log")) or "Log" in kind
    step = None if log else attributes.get("step", attributes.get("q"))
    return entry(
        "Int" if kind in WHOLE else "Float",
        name,
        min_value=attributes["low"],
        max_value=attributes["high"],
        step=step,
        sampling="log" if log else "linear",
    )


def value_of(name: str, kind: str, attributes: dict[str, Any], inside: float) -> Any:
    """The value as the objective saw it: choices are stored as their place."""
    try:
        if kind in LISTS:
            choices = attributes["choices"]
            value = choices[int(inside)]
            whole = len(choices) == 2 and all(isinstance(each, bool) for each in choices)
            return value if whole or isinstance(value, int | float | str) else _text(value)
        return int(inside) if kind in WHOLE else float(inside)
    except (IndexError, TypeError, ValueError, OverflowError) as error:
        raise ImportRefused(f"{name} has a value outside its distribution.") from error


def _text(choice: object) -> str:
    return choice if isinstance(choice, str) else json.dumps(choice)
