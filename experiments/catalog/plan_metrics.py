"""Reads metrics and objective from a plan's JSON."""

from collections.abc import Sequence
from typing import cast

from experiments.catalog.source_pieces import known_metrics, usual_metrics
from experiments.data_schema import DataSchema
from experiments.evaluation.expression import (
    CUSTOM,
    FACTS,
    LONGEST,
    Expression,
    parse_expression,
)
from experiments.evaluation.metrics import METRICS as ALL_METRICS
from experiments.evaluation.metrics import direction_of, epoch_metrics, metric_of, objectives
from experiments.search.formula import FormulaError
from experiments.search.history import DIRECTIONS, Direction
from experiments.search.reading import Reader


def logged_names(schema: DataSchema, metrics: Sequence[str]) -> tuple[str, ...]:
    """What an epoch measures beside the loss, by the names that Keras gives.

    Of several targets each has its own loss and its task's metrics: `price_loss`, `price_rmse`.
    """
    if not schema.more_targets:
        return tuple(metrics)
    return tuple(
        f"{key}_{name}"
        for key, target in zip(schema.keys, schema.targets, strict=True)
        for name in ("loss", *metrics)
        if name == "loss" or name in epoch_metrics(target.task)
    )


def default_objective(schema: DataSchema) -> str:
    """Return the default objective: accuracy or RMSE of the main target."""
    name = "accuracy" if schema.task == "classification" else "rmse"
    return f"val_{schema.keys[0]}_{name}" if schema.more_targets else f"val_{name}"


def tested_metric(objective: str, schema: DataSchema) -> str:
    """The exact metric that says of other rows what the objective says of an epoch's.

    Of several targets only the main one has exact metrics: empty for the others and for their sum.
    """
    name = objective.removeprefix("val_")
    if schema.more_targets:
        main = f"{schema.keys[0]}_"
        name = name.removeprefix(main) if name.startswith(main) else ""
    losses = {"classification": "log_loss", "regression": "mse"}
    return losses[schema.task] if name == "loss" else name


def read_metrics(reader: Reader, schema: DataSchema) -> tuple[str, ...]:
    """The metrics of the targets' tasks; the usual ones where none are named."""
    known = known_metrics(schema)
    names = reader.items("metrics", longest=20, default=()) or list(usual_metrics(schema))
    for index, name in enumerate(names):
        if name not in known:
            message = f"Not a metric of {schema.task}. Known: {', '.join(known)}."
            reader.note(f"metrics.{index}", message)
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def read_objective(reader: Reader, metrics: tuple[str, ...], schema: DataSchema) -> str:
    """The objective's name; empty where it is none of this search's."""
    known = (*objectives(logged_names(schema, metrics)), CUSTOM)
    name = reader.take("objective")
    if name is None or name in known:
        return name or ""
    possible = objectives(logged_names(schema, known_metrics(schema)))
    if isinstance(name, str) and name in possible:
        reader.note("objective", f"Not measured. Add {_own_name(name)} to the metrics.")
        return name
    reader.note("objective", f"Not a metric of this search. Known: {', '.join(known)}.")
    return ""


def read_expression(
    reader: Reader,
    objective: str,
    metrics: tuple[str, ...],
    schema: DataSchema,
    own: Sequence[str] = (),
) -> str:
    """What a custom objective is; empty where the objective is a metric. own: what code measures by itself."""
    before = len(reader.problems)
    text = reader.text("expression", longest=LONGEST, default="")
    if objective != CUSTOM or len(reader.problems) > before:
        return ""
    try:
        read = parse_expression(
            text, (*objectives(logged_names(schema, known_metrics(schema))), *own)
        )
    except FormulaError as error:
        reader.note("expression", str(error))
        return text
    unmeasured = measured_names(read) - {"loss", *logged_names(schema, metrics), *own}
    missing = sorted({_own_name(name) for name in unmeasured})
    if missing:
        reader.note("expression", f"Not measured. Add {', '.join(missing)} to the metrics.")
    return read.text


def _own_name(name: str) -> str:
    """The metric's own name: rmse of “val_price_rmse”."""
    metric = metric_of(name)
    return metric.name if metric else name


def metrics_in(text: str) -> set[str]:
    """The metrics that an expression needs; none where it can't be read."""
    try:
        return measured_names(parse_expression(text, objectives(tuple(ALL_METRICS))))
    except FormulaError:
        return set()


def measured_names(expression: Expression) -> set[str]:
    """The metrics that an expression needs, without `val_`."""
    return {name.removeprefix("val_") for name in expression.names} - set(FACTS)


def read_direction(reader: Reader, objective: str) -> Direction:
    """Whether lower or higher is better, which follows from the objective unless it is custom."""
    if objective == CUSTOM:
        given = reader.one_of("direction", DIRECTIONS, default="maximize")
        return cast(Direction, given)
    right = direction_of(objective)
    given = cast(Direction, reader.one_of("direction", DIRECTIONS, default=right))
    if objective and given != right and reader.take("direction", default=right) == given:
        word = "higher" if right == "maximize" else "lower"
        reader.note("direction", f"{objective} is better when {word}. Choose {right}.")
    return given
