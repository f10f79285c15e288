"""Template: a linear model, the baseline of every search."""

from experiments.catalog.functional_source import (
    ONE_HOT,
    categories_joined,
    functional,
    has_categories,
    has_numbers,
    joined,
    vector_entry,
)
from experiments.catalog.python_source import call
from experiments.catalog.rows import Hyperparameter, log_real, whole
from experiments.catalog.shapes import unfit_vector
from experiments.catalog.source_pieces import sequential
from experiments.catalog.template import Order, Template
from experiments.catalog.training_rows import EPOCHS_WORDS, LEARNING_RATE_WORDS, MANY_ROWS
from experiments.data_schema import DataSchema


def _own(schema: DataSchema) -> tuple[Hyperparameter, ...]:
    # One layer has one lowest point and no way to fall off it, so it may walk fast; at the 0.001 of
    # deep models it would be far from there when a small table's few steps are over.
    rate = 3e-2 if schema.rows < MANY_ROWS else 3e-3
    return (
        log_real("learning_rate", 1e-4, 1e-1, default=rate, words=LEARNING_RATE_WORDS).within(
            1e-9, 100.0
        ),
        whole(
            "epochs",
            10,
            200,
            step=10,
            default=100 if schema.rows < MANY_ROWS else 20,
            words=EPOCHS_WORDS,
        )
        .within(1, 10_000)
        .held(),
    )


def _write(order: Order) -> str:
    if order.schema.kind != "table":
        return sequential(order, [call("layers.Flatten")])
    lines = vector_entry(order)
    parts = ["scaled"] if has_numbers(order) else []
    if has_categories(order):
        lines.append(ONE_HOT)
        parts += categories_joined(order, "one_hot")
    lines.append(joined(parts))
    return functional(order, lines)


def _unfit(schema: DataSchema) -> str:
    return unfit_vector(schema) if schema.kind == "table" else ""


TEMPLATE = Template(
    slug="linear",
    name="Linear model",
    summary="One layer from inputs to output: the baseline that other models have to beat.",
    level="Sequential",
    kinds=("table", "image", "array"),
    tasks=("classification", "regression"),
    parameter_range="one weight per input and class: 7,850 on 28 × 28 images",
    own=_own,
    write=_write,
    unfit=_unfit,
)
