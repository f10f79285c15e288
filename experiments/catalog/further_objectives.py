"""Reads further objectives from a plan's JSON."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from experiments.catalog.plan_metrics import logged_names
from experiments.catalog.source_pieces import known_metrics
from experiments.data_schema import DataSchema
from experiments.evaluation.metrics import direction_of, objectives, of_task
from experiments.evaluation.model_costs import COSTS, FINAL, epoch_metric
from experiments.search.history import DIRECTIONS, Direction, Objective
from experiments.search.reading import Reader

MOST: Final = 3  # beside the main one


def known_objectives(schema: DataSchema, metrics: Sequence[str]) -> tuple[str, ...]:
    """Names that can stand beside the main objective: measured metrics, exact ones, costs.

    Exact metrics are of the main target, where there are several.
    """
    epochs = objectives(logged_names(schema, metrics))
    exact = (f"{FINAL}{metric.name}" for metric in of_task(schema.task))
    return (*epochs, *exact, *COSTS)


def read_more_objectives(
    reader: Reader, objective: str, metrics: Sequence[str], schema: DataSchema
) -> tuple[Objective, ...]:
    """Up to three, each another one than the main objective; every problem is noted."""
    row = reader.entries("more_objectives", longest=MOST)
    found: list[Objective] = []
    for place in row.names:
        inner = row.child(place)
        name = inner.text("name", longest=60, shortest=1)
        if name:
            problem = _problem(name, objective, found, metrics, schema)
            if problem:
                inner.note("name", problem)
            found.append(Objective(name, _direction(inner, name)))
        inner.refuse_others()
    return tuple(found)


def judge_whole_trials(plan: dict[str, Any]) -> None:
    """Turn off for several objectives what looks at the main one alone: pruning, racing, repeats.

    plan: what was read, with `protocol` None where it is wrong.
    """
    if not plan["more_objectives"]:
        return
    plan["pruner"], plan["pruner_options"] = "none", None
    plan["confirm"] = 0
    if plan["protocol"] is not None:
        plan["protocol"] = replace(plan["protocol"], racing=False)


def _problem(
    name: str,
    objective: str,
    before: Sequence[Objective],
    metrics: Sequence[str],
    schema: DataSchema,
) -> str:
    """Why this can't be one more objective; empty: it can."""
    if name == objective:
        return f"{name} is already the main objective. Choose another one, or none."
    if any(name == other.name for other in before):
        return f"{name} appears twice. Choose another one, or none."
    known = known_objectives(schema, metrics)
    if name in known:
        return ""
    if name in known_objectives(schema, known_metrics(schema)):
        return f"Not measured. Add {epoch_metric(name)} to the metrics."
    return f"{name} can't be an objective of this search. Known: {', '.join(known)}."


def _direction(reader: Reader, name: str) -> Direction:
    """Follows from the objective; a plan may say it, but not the other way round."""
    right = direction_of(name)
    given = cast(Direction, reader.one_of("direction", DIRECTIONS, default=right))
    if given != right:
        word = "higher" if right == "maximize" else "lower"
        reader.note("direction", f"{name} is better when {word}. Choose {right}.")
    return given
