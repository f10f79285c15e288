"""Room: web; imports the kernel. What a custom objective, and further ones, mean in sentences."""

from collections.abc import Mapping
from typing import Any

from experiments.evaluation.expression import (
    CUSTOM,
    FACTS,
    parse_expression,
)
from experiments.evaluation.model_costs import COSTS, latency_batches
from experiments.evaluation.objectives import objectives
from experiments.number_words import plain
from experiments.search.formula import FormulaError, NoValue

SAMPLE = {"parameters": 10_000.0, "seconds": 10.0}
METRIC = 0.8


def objective_words(source: dict[str, Any]) -> str:
    """What the expression needs, and an example of its value; empty where there is none to show."""
    text = source.get("expression")
    if source.get("objective") != CUSTOM or not isinstance(text, str):
        return ""
    try:
        read = parse_expression(text, objectives(source["metrics"]))
    except FormulaError:
        return ""
    metrics = sorted(read.names - set(FACTS))
    values = SAMPLE | dict.fromkeys(metrics, METRIC)
    given = [f"{name} = {METRIC}" for name in metrics]
    given += [f"{name} = {SAMPLE[name]:,.0f}" for name in FACTS if name in read.names]
    better = "lower" if source.get("direction") == "minimize" else "higher"
    try:
        example = f"is {plain(read.value(values))}"
    except NoValue as reason:
        words = str(reason).removeprefix("It ").removesuffix(".")
        example = f"has no value: {words}"
    return f"Computed after each epoch; {better} is better. With {', '.join(given)} it {example}."


def more_objectives_words(source: Mapping[str, Any]) -> str:
    """What several objectives change, in sentences; empty with the one. source: the plan's JSON."""
    names = [each["name"] for each in source.get("more_objectives", ())]
    if not names:
        return ""
    words = (
        f"The Winner tab shows the Pareto front. {source['objective']} stays the main objective, for the "
        "best score, tied trials and the target score. Pruning and fold racing are off."
    )
    if latency_batches(names):
        words += " Latency is measured after each execution, for up to 1 s per call."
    return words


def objectives_line(source: Mapping[str, Any]) -> str:
    """All objectives in one line, and what is off; empty with the one."""
    names = [each["name"] for each in source.get("more_objectives", ())]
    if not names:
        return ""
    labels = [COSTS[name].label if name in COSTS else name for name in names]
    return f"{'; '.join((str(source['objective']), *labels))}. No pruning, no fold racing."
