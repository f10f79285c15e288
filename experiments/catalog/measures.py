"""Room: catalog. Takes what is measured, and what ranks trials, out of a plan's JSON."""

from typing import cast

from experiments.catalog.pieces import METRICS
from experiments.evaluation.expression import (
    CUSTOM,
    FACTS,
    LONGEST,
    Expression,
    ExpressionError,
    parse_expression,
)
from experiments.evaluation.metrics import METRICS as ALL_METRICS
from experiments.evaluation.metrics import epoch_metrics
from experiments.evaluation.objectives import direction_of, objectives
from experiments.search.history import Direction
from experiments.search.reading import Reader

DIRECTIONS = ("minimize", "maximize")


def read_metrics(reader: Reader, task: str) -> tuple[str, ...]:
    """The metrics of a task; those of its default where none are named."""
    known = epoch_metrics(task)
    names = reader.items("metrics", longest=20, default=()) or list(METRICS[task])
    for index, name in enumerate(names):
        if name not in known:
            message = f"Is no metric of {task}. Known: {', '.join(known)}."
            reader.note(f"metrics.{index}", message)
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def read_objective(reader: Reader, metrics: tuple[str, ...], task: str) -> str:
    """The objective's name; empty where it is none of this search's."""
    known = (*objectives(metrics), CUSTOM)
    name = reader.take("objective")
    if name is None or name in known:
        return name or ""
    if isinstance(name, str) and name in objectives(epoch_metrics(task)):
        reader.note(
            "objective", f"Isn't measured. Add {name.removeprefix('val_')} to the metrics."
        )
        return name
    reader.note("objective", f"Is no metric of this search. Known: {', '.join(known)}.")
    return ""


def read_expression(reader: Reader, objective: str, metrics: tuple[str, ...], task: str) -> str:
    """What a custom objective is; empty where the objective is a metric."""
    before = len(reader.problems)
    text = reader.text("expression", longest=LONGEST, default="")
    if objective != CUSTOM or len(reader.problems) > before:
        return ""
    try:
        read = parse_expression(text, objectives(epoch_metrics(task)))
    except ExpressionError as error:
        reader.note("expression", str(error))
        return text
    missing = sorted(measured_names(read) - {"loss", *metrics})
    if missing:
        reader.note("expression", f"Isn't measured. Add {', '.join(missing)} to the metrics.")
    return read.text


def metrics_in(text: str) -> set[str]:
    """The metrics that an expression needs; none where it can't be read."""
    try:
        return measured_names(parse_expression(text, objectives(tuple(ALL_METRICS))))
    except ExpressionError:
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
        reader.note("direction", f"{objective} is better when it is {word}. Choose {right}.")
    return given
